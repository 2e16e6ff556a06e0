"""A take rendered with other moves: ``segue takes replay --automation`` beside the window."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal

from engine.automation import Automation
from engine.errors import TakeError
from engine.takes.naming import is_free, sidecar_path
from engine.takes.take import Take, load_take
from gui import json_file
from gui.child import Child


class VariationJob(QObject):
    """One at a time; it becomes a take beside the old one. Exactly one of the last three signals ends each."""

    progressed = Signal(float)  #: 0 to 1
    finished = Signal(object)  #: Take
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child = Child(self)
        self._target = Path()
        self._scratch: TemporaryDirectory[str] | None = None
        self._child.progressed.connect(lambda _stage, done, total: self.progressed.emit(done / total if total else 0.0))
        self._child.finished.connect(self._on_finished)
        self._child.failed.connect(self._on_failed)
        self._child.stopped.connect(self._on_stopped)

    @property
    def running(self) -> bool:
        return self._child.running

    def start(self, take: Take, automation: Automation) -> None:
        """Begin; the music plays on, if it does."""
        folder = take.path.parent
        names = (f"{take.path.stem} edit {n}" for n in itertools.count(1))
        stem = next(name for name in names if is_free(folder, name))
        self._target = folder / (stem + take.path.suffix)
        self._scratch = TemporaryDirectory(prefix="segue-")
        lanes = Path(self._scratch.name) / "lanes.json"
        try:
            json_file.write(lanes, automation.to_json())
        except OSError as error:
            self._sweep()
            self.failed.emit(f"{lanes} cannot be written ({error.strerror}): make room for temporary files")
            return
        words = ["takes", "replay", str(take.path), "--automation", str(lanes), "--out", str(self._target)]
        self._child.start(words)

    def stop(self) -> None:
        """End it; nothing unfinished stays."""
        self._child.stop()

    def close(self) -> None:
        """End it with the window."""
        if self._child.running:
            self._child.close()
            self._sweep()

    def _on_finished(self, _result: Mapping[str, object]) -> None:
        self._sweep()
        try:
            take = load_take(sidecar_path(self._target))
        except TakeError as error:
            self.failed.emit(str(error))
        else:
            self.finished.emit(take)

    def _on_failed(self, text: str) -> None:
        self._sweep()
        self.failed.emit(text)

    def _on_stopped(self) -> None:
        self._sweep()
        self.stopped.emit()

    def _sweep(self) -> None:
        """A child that was ended the hard way had no time to remove its sound, which is no take without a sidecar."""
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None
        if not sidecar_path(self._target).exists():
            with suppress(OSError):
                self._target.unlink(missing_ok=True)
