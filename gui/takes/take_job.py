"""A take made from another one beside the window, under a name that is free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.errors import TakeError
from engine.takes.naming import is_free, sidecar_path
from engine.takes.take import Heading, Take, load_take
from gui.file_job import FileJob


class TakeJob(FileJob):
    """What it makes is a take once its sidecar is there."""

    def make(self, take: Heading, words: list[str], stems: Iterable[str]) -> None:
        """Run ``segue takes replay`` on a take; the result has the first of the names that is free beside it."""
        folder = take.path.parent
        stem = next(stem for stem in stems if is_free(folder, stem))
        target = folder / (stem + take.path.suffix)
        self.run(["takes", "replay", str(take.path), *words, "--out", str(target)], target)

    def is_whole(self, target: Path) -> bool:
        return sidecar_path(target).exists()

    def on_finished(self, result: Mapping[str, object]) -> None:
        assert self._target is not None
        self.tidy()
        try:
            take = load_take(sidecar_path(self._target))
        except TakeError as error:
            self.failed.emit(str(error))
        else:
            self.on_made(take, result)

    def on_made(self, take: Take, result: Mapping[str, object]) -> None:
        """The new take is on the disk."""
        raise NotImplementedError
