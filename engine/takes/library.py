"""The takes of one folder: list, find, rename, mark, check."""

import os
from pathlib import Path
from typing import NamedTuple

from engine.errors import TakeError
from engine.takes.naming import SIDECAR_SUFFIX, clean_name, reserve, sidecar_path
from engine.takes.pcm import measure_file
from engine.takes.take import Take, amend_take, load_take


class Scan(NamedTuple):
    """The takes, oldest first, and one line about each sidecar that cannot be read."""

    takes: tuple[Take, ...]
    problems: tuple[str, ...]


class Library:
    """A folder of takes. Every method that changes one returns it anew and raises `TakeError`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, tuple[tuple[int, int], Take]] = {}

    def scan(self) -> Scan:
        """All takes; those still being recorded have no sidecar yet. A folder that does not exist is empty.

        A sidecar that has not been touched since the last time is not read again: their scores may be long.
        """
        takes, problems = [], []
        known, self._read = self._read, {}
        for sidecar in sorted(self.folder.glob(f"*{SIDECAR_SUFFIX}")):
            if sidecar.name.startswith("."):
                continue
            try:
                takes.append(self._load(sidecar, known.get(sidecar)))
            except TakeError as error:
                problems.append(str(error))
        return Scan(tuple(sorted(takes, key=lambda take: (take.created, take.path.name))), tuple(problems))

    def _load(self, sidecar: Path, known: tuple[tuple[int, int], Take] | None) -> Take:
        try:
            status = sidecar.stat()
            version = status.st_mtime_ns, status.st_size
        except OSError:  # gone in this moment: reading it says so in words
            version = 0, 0
        if known is None or known[0] != version or not known[1].path.is_file():
            known = version, load_take(sidecar)
        self._read[sidecar] = known
        return known[1]

    def find(self, query: str) -> Take:
        """The take of that name in this folder, or at that path (sound file or sidecar)."""
        path = Path(query)
        candidates = (
            self.folder / (query + SIDECAR_SUFFIX),
            path if path.name.endswith(SIDECAR_SUFFIX) else sidecar_path(path),
            sidecar_path(self.folder / path.name),
        )
        for candidate in candidates:
            if candidate.is_file():
                return load_take(candidate)
        names = ", ".join(take.path.stem for take in self.scan().takes) or "none yet"
        raise TakeError(f"there is no take {query!r} in {self.folder}; its takes: {names}")

    def rename(self, take: Take, name: str) -> Take:
        """Give sound file and sidecar a new name; refused when that is in use."""
        stem = clean_name(name)
        if stem == take.path.stem:
            return take
        try:
            reservation = reserve(self.folder, stem)
            if reservation is None:
                raise TakeError(f"there is already a {stem} in {self.folder}; choose another name")
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

    def set_star(self, take: Take, star: bool) -> Take:
        return amend_take(take, star=star)

    def set_title(self, take: Take, title: str) -> Take:
        return amend_take(take, title=title)

    def set_notes(self, take: Take, notes: str) -> Take:
        return amend_take(take, notes=notes)


def verify_take(take: Take) -> list[str]:
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
