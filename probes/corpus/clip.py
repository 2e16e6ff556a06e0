"""Labelled audio: clips that know what they are before they are read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.audio.clip import read_clip
from engine.errors import AudioFileError, CorpusError

SEGMENT_S = 10.0
SILENCE_DBFS = -60.0


class Split(StrEnum):
    """Sides of the split; no song stands on two of them."""

    TRAIN = "train"
    VALID = "valid"  # chooses: regularisation, calibration, layer
    TEST = "test"  # songs that nothing was fitted to or chosen by
    STYLE = "style"  # whole sub-styles that nothing was fitted to


def is_silent(samples: NDArray[np.float32]) -> bool:
    """Whether their RMS lies below :data:`SILENCE_DBFS`."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) < 10 ** (SILENCE_DBFS / 20)


@dataclass(frozen=True)
class Clip:
    """A stretch of a labelled recording.

    Attributes:
        path: any file that soundfile reads.
        start_s, seconds: where it lies in the file.
        label: genre.
        song: what is held out together; clips of one recording share it.
        style: sub-style, or empty.
        split: side of the split.
        prompt: words that describe it, or empty. Never shown to the model while residuals are recorded.
    """

    path: Path
    start_s: float
    seconds: float
    label: str
    song: str
    style: str
    split: Split
    prompt: str = ""

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.path} at {self.start_s:g} s"

    def read(self, rate_hz: int, channels: int) -> NDArray[np.float32]:
        """Samples ``(channels, S)`` at ``rate_hz``.

        Raises:
            AudioFileError: unreadable, not numbers, or silent.
        """
        samples = read_clip(self.path, rate_hz, channels, self.start_s, self.seconds)
        if is_silent(samples):
            raise AudioFileError(f"{self.name} is silent")
        return samples


@dataclass(frozen=True)
class Corpus:
    """Clips of at least two genres.

    Attributes:
        name: where it came from, for reports.
        labels: genres, in the order of the knobs.
        skipped: what was left out while listing, and why; one line each.
    """

    name: str
    labels: tuple[str, ...]
    clips: tuple[Clip, ...]
    skipped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.labels) < 2:
            raise CorpusError(f"{self.name} has {len(self.labels)} genre(s): a probe needs at least two to tell apart")
        for split in (Split.TRAIN, Split.TEST):
            count = Counter(clip.label for clip in self.clips if clip.split is split)
            for label in self.labels:
                if not count[label]:
                    purpose = "fit" if split is Split.TRAIN else "hold out"
                    raise CorpusError(f"{self.name} has no clips of '{label}' to {purpose}: add songs")

    @property
    def digest(self) -> str:
        """Names the selection of clips: facts, sizes and times of the files, not their samples."""
        found = {path: path.stat() for path in {clip.path for clip in self.clips}}
        states = {path: (state.st_size, state.st_mtime_ns) for path, state in found.items()}
        facts = [asdict(clip) | {"path": str(clip.path), "state": states[clip.path]} for clip in self.clips]
        return hashlib.sha256(json.dumps([self.labels, facts], sort_keys=True).encode()).hexdigest()

    @property
    def seconds(self) -> float:
        """Sound in all clips together."""
        return sum(clip.seconds for clip in self.clips)


def balanced(clips: Iterable[Clip], labels: Sequence[str]) -> tuple[Clip, ...]:
    """As many clips of each label as of the scarcest one, apart for each side of the split.

    Where songs give several clips, every song gives its first before any gives its second.
    """
    chosen: list[Clip] = []
    by_split: dict[Split, dict[str, list[Clip]]] = {split: {label: [] for label in labels} for split in Split}
    for clip in clips:
        by_split[clip.split][clip.label].append(clip)
    for by_label in by_split.values():
        count = min((len(group) for group in by_label.values()), default=0)
        for label in labels:
            seen: Counter[str] = Counter()
            ranked = []
            for clip in by_label[label]:
                ranked.append((seen[clip.song], stable_hash(clip.song), clip.start_s, clip))
                seen[clip.song] += 1
            chosen += [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:3])[:count]]
    return tuple(chosen)


def stable_hash(text: str) -> str:
    """A number for an order that looks random and never changes."""
    return hashlib.sha256(text.encode()).hexdigest()
