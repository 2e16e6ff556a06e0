"""A corpus from a directory of genre folders: ``DIR/jazz/*.mp3``, ``DIR/rock/album/*.flac`` …"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile

from engine.errors import CorpusError
from probes.corpus.clip import SEGMENT_S, Clip, Corpus, Split, balanced
from probes.corpus.split import split_songs

SUFFIXES = frozenset({".aif", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav"})
#: a shorter recording says too little about its genre
MIN_S = 5.0


@dataclass(frozen=True)
class Recording:
    """A sound file and its length."""

    path: Path
    seconds: float

    def segments(self) -> Iterator[tuple[float, float]]:
        """(start, length) of every whole segment; of one shorter piece where the recording is no longer than that."""
        if self.seconds < SEGMENT_S:
            yield 0.0, self.seconds
        for index in range(int(self.seconds // SEGMENT_S)):
            yield index * SEGMENT_S, SEGMENT_S


def find_recordings(folder: Path, skipped: list[str]) -> list[Recording]:
    """Sound files anywhere under ``folder``; what cannot be used is named in ``skipped``."""
    found = []
    for top, folders, names in os.walk(
        folder, onerror=lambda error: skipped.append(f"{error.filename}: {error.strerror}")
    ):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(top, name) for name in sorted(names)):
            if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
                continue
            try:
                info = soundfile.info(path)
            except (soundfile.LibsndfileError, OSError):
                skipped.append(f"{path}: not a sound file that can be read")
                continue
            if info.duration < MIN_S:
                skipped.append(f"{path}: shorter than {MIN_S:g} s")
            else:
                found.append(Recording(path, info.duration))
    return found


def cut(recordings: Iterable[Recording], label: str, root: Path) -> list[Clip]:
    """Segments of recordings that share a label, split by recording.

    Raises:
        CorpusError: too few recordings to split.
    """
    songs = {recording.path.relative_to(root).as_posix(): recording for recording in recordings}
    sides: dict[str, Split] = split_songs(songs, label)
    return [
        Clip(recording.path, start, seconds, label, song, "", sides[song])
        for song, recording in songs.items()
        for start, seconds in recording.segments()
    ]


def open_folder(folder: Path, name: str | None = None, only: Sequence[str] = ()) -> Corpus:
    """List a directory in which every folder is a genre. Files that cannot be used are named in ``skipped``.

    Args:
        only: genres to take, in this order and spelling; the folders' case may differ. Without any, all.

    Raises:
        CorpusError: not a directory; fewer than two genres; a genre that is not there, or with too little sound.
    """
    skipped: list[str] = []
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise CorpusError(f"{folder} cannot be read ({error.strerror}): give a folder of genre folders") from None
    genres = [path for path in inside if path.is_dir() and not path.name.startswith(".")]
    skipped += [
        f"{path}: lies in no genre's folder" for path in inside if path.is_file() and path.suffix.lower() in SUFFIXES
    ]
    labels = {genre: genre.name for genre in genres}
    if only:
        labels = choose_genres(genres, only, folder)
    if len(labels) < 2:
        raise CorpusError(
            f"{folder} holds {len(labels)} genre folder(s): a probe needs at least two, named after genres"
        )
    clips: list[Clip] = []
    for genre, label in labels.items():
        before = len(skipped)
        recordings = find_recordings(genre, skipped)
        if not recordings:
            reasons = skipped[before:]
            why = f" ({reasons[0]}{', …' if len(reasons) > 1 else ''})" if reasons else ""
            raise CorpusError(f"{genre} holds no sound that can be used{why}: add songs to it or take it away")
        clips += cut(recordings, label, folder)
    names = tuple(labels.values())
    return Corpus(name or str(folder), names, balanced(clips, names), tuple(skipped))


def choose_genres(genres: Iterable[Path], only: Sequence[str], folder: Path) -> dict[Path, str]:
    """The folder of each genre that is asked for, with the name that it is asked for by.

    Raises:
        CorpusError: one is not there.
    """
    found = {genre.name.casefold(): genre for genre in genres}
    for name in only:
        if name.casefold() not in found:
            has = ", ".join(genre.name for genre in found.values())
            raise CorpusError(f"{folder} has no genre '{name}', only {has}: choose of these with --genres")
    return {found[name.casefold()]: name for name in only}
