"""A take played again from its score: ``segue takes replay`` beside the window."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.errors import TakeError
from engine.takes.naming import is_free, sidecar_path
from engine.takes.take import Take, load_take
from gui.child import Child


class ReplayJob(QObject):
    """One replay at a time; it becomes a take beside the old one. Exactly one of the last three signals ends each."""

    progressed = Signal(float)  #: 0 to 1
    finished = Signal(object, str)  #: the new take, and what came of the comparison
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child = Child(self)
        self._target = Path()
        self._child.progressed.connect(self._on_progress)
        self._child.finished.connect(self._on_finished)
        self._child.failed.connect(self.failed)
        self._child.stopped.connect(self._on_stopped)

    @property
    def running(self) -> bool:
        return self._child.running

    def start(self, take: Take) -> None:
        """Begin; the music plays on, if it does."""
        folder, again = take.path.parent, f"{take.path.stem} again"
        names = itertools.chain([again], (f"{again} {n}" for n in itertools.count(2)))
        stem = next(name for name in names if is_free(folder, name))
        self._target = folder / (stem + take.path.suffix)
        self._child.start(["takes", "replay", str(take.path), "--out", str(self._target)])

    def stop(self) -> None:
        """End it; nothing unfinished stays."""
        self._child.stop()

    def close(self) -> None:
        """End it with the window."""
        if self._child.running:
            self._child.close()
            self._sweep()

    def _on_progress(self, _stage: str, done: float, total: float) -> None:
        self.progressed.emit(done / total if total else 0.0)

    def _on_finished(self, result: Mapping[str, object]) -> None:
        try:
            take = load_take(sidecar_path(self._target))
        except TakeError as error:
            self.failed.emit(str(error))
            return
        verdict = "identical, token for token" if result["identical"] else "NOT identical"
        if not result["identical"] and result["device"] != result["device_recorded"]:
            verdict += f": recorded on {result['device_recorded']}, played again on {result['device']}"
        self.finished.emit(take, verdict)

    def _on_stopped(self) -> None:
        self._sweep()
        self.stopped.emit()

    def _sweep(self) -> None:
        """A child that was ended the hard way had no time to remove its sound, which is no take without a sidecar."""
        if not sidecar_path(self._target).exists():
            with suppress(OSError):
                self._target.unlink(missing_ok=True)
