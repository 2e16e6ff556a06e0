"""A take: a sound file and beside it the sidecar with its score and the player's notes."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import TakeError
from engine.replacing import replace_text
from engine.takes.fields import LARGEST_BYTES, Fields, read_json
from engine.takes.naming import SIDECAR_SUFFIX, sidecar_path
from engine.takes.pcm import Measurement
from engine.takes.score import Origin, Score
from engine.takes.sound import SUFFIXES

FORMAT = "segue-take"


@dataclass(frozen=True)
class Heading:
    """What a list tells of a take. Its score, which may hold tens of thousands of moves, stays on the disk.

    `created` is local time in ISO 8601; `heard` the share of each genre that the probes heard, where they listened;
    `interrupted` says why the take ended before the player ended it, else "". Levels are −inf for silence. `dropouts`
    are gaps that the listener heard; the take itself has none.
    """

    path: Path
    title: str
    created: str
    sample_rate_hz: int
    channels: int
    measurement: Measurement
    heard: Mapping[str, float] = field(default_factory=dict)
    star: bool = False
    notes: str = ""
    interrupted: str = ""
    dropouts: int = 0

    @property
    def score_path(self) -> Path:
        return sidecar_path(self.path)

    @property
    def samples(self) -> int:
        return self.measurement.samples

    @property
    def seconds(self) -> float:
        return self.samples / self.sample_rate_hz

    @property
    def peak_dbfs(self) -> float:
        return self.measurement.peak_dbfs

    @property
    def lufs(self) -> float:
        return self.measurement.lufs


@dataclass(frozen=True)
class Take(Heading):
    """One recorded take, with its score."""

    score: Score = field(kw_only=True)
    dropouts: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dropouts", len(self.score.dropouts))

    @property
    def heading(self) -> Heading:
        """All but the score."""
        return Heading(**{each.name: getattr(self, each.name) for each in fields(Heading)})


AnyTake = TypeVar("AnyTake", bound=Heading)


def save_take(take: Take) -> None:
    """Write the sidecar, whole or not at all. Raises `TakeError`."""
    measurement = take.measurement
    content = {
        "format": FORMAT,
        "file": take.path.name,
        "title": take.title,
        "created": take.created,
        "star": take.star,
        "notes": take.notes,
        "heard": dict(take.heard),
        "interrupted": take.interrupted,
        "sample_rate_hz": take.sample_rate_hz,
        "channels": take.channels,
        "samples": measurement.samples,
        "peak_dbfs": _finite(measurement.peak_dbfs),
        "lufs_integrated": _finite(measurement.lufs),
        "pcm_sha256": measurement.sha256,
        "score": take.score.to_json(),
    }
    _write(take.score_path, content)


def amend_take(take: AnyTake, path: Path | None = None, **noted: str | bool) -> AnyTake:
    """Note another title, star or notes about a take, in a sidecar for ``path`` if that is another one. Raises `TakeError`.

    What else is noted comes from the disk, since another window may have changed it. The score, which may hold tens of
    thousands of moves, is passed on as it stands there: nothing ever changes it.
    """
    path = path or take.path
    content = read_json(take.score_path)
    read = Fields(content, str(take.score_path))
    assert isinstance(content, dict)
    found = {"title": read.text("title"), "star": read.flag("star"), "notes": read.text("notes"), **noted}
    amended = replace(take, path=path, **found)  # type: ignore[arg-type]
    _write(amended.score_path, {**content, **found, "file": path.name})
    return amended


def _write(target: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))  # ASCII, as in the journal
    if len(text) > LARGEST_BYTES:  # it could be written, and never be read
        raise TakeError(f"{target} would be larger than a score may be; press play, and record of a new performance")
    try:
        replace_text(target, text)
    except OSError as error:
        raise TakeError(f"{target} cannot be written ({error}); check the folder and the disk") from error


def load_take(sidecar: Path) -> Take:
    """Read the sidecar and find its sound file. Raises `TakeError`."""
    where = str(sidecar)
    read = Fields(read_json(sidecar), where)
    if read.text("format") != FORMAT:
        raise TakeError(f"{where} is not the score of a take; choose a {SIDECAR_SUFFIX} file")
    stem = sidecar.name.removesuffix(SIDECAR_SUFFIX)
    suffix = Path(read.text("file")).suffix
    if suffix not in SUFFIXES.values():
        raise TakeError(f"{where}: the sound file is neither {' nor '.join(SUFFIXES.values())}; the score is damaged")
    # The name comes from where the sidecar lies, so that takes may be renamed and cannot point elsewhere.
    sound = sidecar.with_name(stem + suffix)
    if not os.path.isfile(sound):
        raise TakeError(f"{sound} is gone; put it back beside {sidecar.name}, or delete that too")
    score = Score.from_json(read.mapping("score"), where)
    rate_hz, channels = read.whole("sample_rate_hz", 1), read.whole("channels", 1)
    if (rate_hz, channels) != (score.origin.sample_rate_hz, score.origin.channels):
        raise TakeError(f"{where}: sound and score differ in rate or channels; the score is damaged")
    return Take(
        path=sound,
        title=read.text("title"),
        created=read.text("created"),
        sample_rate_hz=rate_hz,
        channels=channels,
        measurement=Measurement(
            samples=read.whole("samples"),
            peak_dbfs=_level(read.number_or_none("peak_dbfs")),
            lufs=_level(read.number_or_none("lufs_integrated")),
            sha256=read.sha256("pcm_sha256"),
        ),
        score=score,
        heard=read.shares("heard"),
        star=read.flag("star"),
        notes=read.text("notes"),
        interrupted=read.text("interrupted"),
    )


def sound_tags(origin: Origin, title: str, created: str) -> dict[str, str]:
    """What a sound file says of itself, wherever it is carried."""
    steering = f"; pack {origin.pack}" if origin.pack else ""
    return {
        "title": title,
        "software": origin.software,
        "date": created,
        "copyright": origin.model_licence,
        "comment": f"seed {origin.seed}; model {origin.model} ({origin.model_licence}){steering}",
    }


def describe_take(take: Take) -> dict[str, Any]:
    """What a list of takes shows, as a JSON object."""
    origin = take.score.origin
    return {
        "name": take.path.stem,
        "path": str(take.path),
        "title": take.title,
        "created": take.created,
        "seconds": round(take.seconds, 3),
        "sample_rate": take.sample_rate_hz,
        "channels": take.channels,
        "peak_dbfs": _finite(take.peak_dbfs),
        "lufs_integrated": _finite(take.lufs),
        "dropouts": take.dropouts,
        "star": take.star,
        "notes": take.notes,
        "heard": dict(take.heard),
        "interrupted": take.interrupted,
        "model": origin.model,
        "seed": origin.seed,
        "prompts": list(take.score.prompts),
    }


def _finite(level: float) -> float | None:
    """JSON knows no −∞."""
    return level if math.isfinite(level) else None


def _level(value: float | None) -> float:
    return -math.inf if value is None else value
