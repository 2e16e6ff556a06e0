"""A take played again from its score: the same tokens, on the same machine and device."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from engine.errors import TakeError
from engine.takes.naming import sidecar_path
from engine.takes.passage import CodesHash, Passage
from engine.takes.pcm import measure_file, quantise
from engine.takes.score import Score
from engine.takes.sound import create_sound
from engine.takes.take import Take, save_take, sound_tags

Render = Callable[[Score], Iterable[Passage]]
"""Plays a score's performance from frame 0, as passages that follow each other, at least to its `end_frame`."""


@dataclass(frozen=True)
class Replay:
    """How a replay compares with the take; `identical` speaks of every token of the take."""

    identical: bool
    frames: int
    codes_sha256: str
    path: Path | None


def replay_take(take: Take, render: Render, path: Path | None = None) -> Replay:
    """Render the take again and compare; write the sound to `path` (new, .wav or .flac) when there is one.

    Raises `TakeError` when the file exists or cannot be written, and whatever `render` raises.
    """
    score = take.score
    codes = CodesHash()
    frames = 0
    with _SoundPart(take, path) if path is not None else nullcontext() as part:
        for passage in render(score):
            first = max(score.start_frame - passage.frame, 0)
            wanted = passage.codes[:, first : max(score.end_frame - passage.frame, 0)]
            codes.update(wanted)
            frames += wanted.shape[1]
            if part is not None:
                part.write(passage)
            heard_to = passage.sample + len(passage.samples)
            sounded = path is None or heard_to >= score.start_sample + take.samples
            if passage.frame + passage.codes.shape[1] >= score.end_frame and sounded:
                break
    identical = frames == score.end_frame - score.start_frame and codes.hexdigest() == score.codes_sha256
    return Replay(identical, frames, codes.hexdigest(), path)


def keep_replay(
    take: Take,
    score: Score,
    path: Path,
    render: Render,
    heard: Callable[[], Mapping[str, float]],
    describe: Callable[[bool], str],
) -> tuple[Take, Replay]:
    """Render `score`, the take's own or a changed one, and keep what comes of it as a take at `path`, a new file.

    `heard` is asked at the end for the shares of the genres; `describe` for the notes, told whether the tokens are
    those of `score`. Raises `TakeError` when the file or a take of that name exists or cannot be written. Whatever
    `render` raises, a Ctrl-C included, leaves no file.
    """
    if os.path.exists(sidecar_path(path)):  # what the system refuses, a name too long, is told when it is created
        raise TakeError(f"there exists a take {path.stem} in {path.parent} already; choose another name")
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    kept = replace(take, path=path, title=path.stem, created=created, score=replace(score, dropouts=()))
    ours = False

    def watched(score: Score) -> Iterable[Passage]:
        nonlocal ours
        ours = True  # from here on the file at `path` is the one that we made
        yield from render(score)

    try:
        replay = replay_take(kept, watched, path)
        kept = replace(
            kept,
            measurement=measure_file(path)[0],
            score=replace(kept.score, codes_sha256=replay.codes_sha256),
            heard=dict(heard()),
            notes=describe(replay.identical),
            star=False,
            interrupted="",
        )
        save_take(kept)
    except BaseException:
        if ours:
            with suppress(OSError):  # what went wrong first is the one to tell of
                path.unlink()
        raise
    return kept, replay


class _SoundPart:
    """Writes the part of the performance that the take holds. Raises `TakeError`."""

    def __init__(self, take: Take, path: Path) -> None:
        origin = take.score.origin
        self._path = path
        self._start, self._end = take.score.start_sample, take.score.start_sample + take.samples
        tags = sound_tags(origin, take.title, take.created)
        try:
            self._file = create_sound(path, origin.sample_rate_hz, origin.channels, tags)
        except FileExistsError as error:
            raise TakeError(f"{path} exists; choose a new file") from error
        except OSError as error:
            raise TakeError(f"{path} cannot be written ({error}); choose another folder") from error

    def write(self, passage: Passage) -> None:
        first = max(self._start - passage.sample, 0)
        wanted = passage.samples[first : max(self._end - passage.sample, 0)]
        if len(wanted):
            with self._told():
                self._file.write(quantise(wanted))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TakeError(
                f"{self._path} cannot be written ({error}); choose a new file on a disk with space"
            ) from error

    def __enter__(self) -> "_SoundPart":
        return self

    def __exit__(self, *_error: object) -> None:
        with self._told():
            self._file.close()
