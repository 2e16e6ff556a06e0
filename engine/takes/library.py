"""The takes of one folder: list, find, rename, mark, check."""

import difflib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Generic, NamedTuple

from engine.errors import TakeError
from engine.takes.naming import SIDECAR_SUFFIX, clean_name, reserve, sidecar_path
from engine.takes.pcm import measure_file
from engine.takes.take import AnyTake, Heading, Take, amend_take, load_take


class Scan(NamedTuple, Generic[AnyTake]):
    """The takes, oldest first, and one line about each sidecar that cannot be read."""

    takes: tuple[AnyTake, ...]
    problems: tuple[str, ...]


class Library:
    """A folder of takes. Every method that changes one returns it anew and raises `TakeError`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, tuple[tuple[int, int], Heading]] = {}

    def scan(self) -> Scan[Heading]:
        """The headings of all takes; those still being recorded have no sidecar yet.

        A folder that does not exist is empty. A sidecar that has not been touched since the last time is not read again:
        their scores may be long. For one thread at a time.
        """
        known, self._read = self._read, {}
        return self._each(lambda sidecar: self._heading(sidecar, known.get(sidecar)))

    def load(self) -> Scan[Take]:
        """All takes, with their scores."""
        return self._each(load_take)

    def _each(self, read: Callable[[Path], AnyTake]) -> Scan[AnyTake]:
        takes, problems = [], []
        for sidecar in self._sidecars():
            try:
                takes.append(read(sidecar))
            except TakeError as error:
                problems.append(str(error))
        return Scan(tuple(sorted(takes, key=lambda take: (take.created, take.path.name))), tuple(problems))

    def _sidecars(self) -> Iterator[Path]:
        if not os.path.isdir(self.folder):
            return
        for sidecar in sorted(self.folder.glob(f"*{SIDECAR_SUFFIX}")):
            if not sidecar.name.startswith("."):
                yield sidecar

    def _heading(self, sidecar: Path, known: tuple[tuple[int, int], Heading] | None) -> Heading:
        try:
            status = sidecar.stat()
            version = status.st_mtime_ns, status.st_size
        except OSError:  # gone in this moment: reading it says so in words
            version = 0, 0
        if known is None or known[0] != version or not os.path.isfile(known[1].path):
            known = version, load_take(sidecar).heading
        self._read[sidecar] = known
        return known[1]

    def find(self, query: str) -> Take:
        """The take of that name in this folder, or at that path (sound file or sidecar)."""
        path = Path(query)
        candidates = (
            self.folder / (query + SIDECAR_SUFFIX),
            path if path.name.endswith(SIDECAR_SUFFIX) else sidecar_path(path),
            # A path names one file: when that is gone, another one of its name is not what was meant.
            *([sidecar_path(self.folder / query)] if path.name == query else []),
        )
        for candidate in candidates:
            if os.path.isfile(candidate):  # Path.is_file raises for a name that is too long
                return load_take(candidate)
        if path.name != query:
            raise TakeError(f"there is no take {query}; it may have been renamed or moved")
        names = [sidecar.name.removesuffix(SIDECAR_SUFFIX) for sidecar in self._sidecars()]
        near = " or ".join(difflib.get_close_matches(query, names, 3))
        raise TakeError(f"there is no take {query!r} in {self.folder}{f'; is it {near}?' if near else ''}")

    def rename(self, take: AnyTake, name: str) -> AnyTake:
        """Give sound file and sidecar a new name where they lie; refused when that is in use."""
        stem, folder = clean_name(name), take.path.parent
        if stem == take.path.stem:
            return take
        try:
            if _is_same_file(take.score_path, folder / (stem + SIDECAR_SUFFIX)):
                return _respell(take, stem)
            reservation = reserve(folder, stem)
            if reservation is None:
                raise TakeError(f"there is already a {stem} in {folder}; choose another name")
            try:
                # A kill between these steps leaves a whole take under one of the names.
                renamed = amend_take(take, take.path.with_name(stem + take.path.suffix), title=stem)
                try:
                    os.rename(take.path, renamed.path)
                except OSError:
                    renamed.score_path.unlink()
                    raise
                take.score_path.unlink()
            finally:
                reservation.discard()
        except OSError as error:
            raise TakeError(f"{take.path} cannot be renamed ({error}); is another program using it?") from error
        return renamed

    def set_star(self, take: AnyTake, star: bool) -> AnyTake:
        return amend_take(take, star=star)

    def set_notes(self, take: AnyTake, notes: str) -> AnyTake:
        return amend_take(take, notes=notes)


def _is_same_file(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)


def _respell(take: AnyTake, stem: str) -> AnyTake:
    """Large letters for small ones, on a disk to which both are one name. Raises `OSError` and `TakeError`."""
    sound = take.path.with_name(stem + take.path.suffix)
    os.rename(take.path, sound)
    os.rename(take.score_path, sidecar_path(sound))
    return amend_take(replace(take, path=sound), title=stem)


def verify_take(take: Heading) -> list[str]:
    """What is wrong with a take's sound file, held against its score; nothing when it is whole."""
    try:
        found, rate_hz, channels = measure_file(take.path)
    except TakeError as error:
        return [str(error)]
    problems = []
    if (rate_hz, channels) != (take.sample_rate_hz, take.channels):
        problems.append(f"{rate_hz} Hz, {channels} channels; recorded: {take.sample_rate_hz} Hz, {take.channels}")
    if found.samples != take.samples:
        problems.append(f"{found.samples} samples; recorded: {take.samples}")
    elif found.sha256 != take.measurement.sha256:
        problems.append("the sound has been changed since it was recorded")
    return problems
