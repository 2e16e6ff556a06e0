"""A command of ours that makes one file beside the window, and leaves no half of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gui.child import Child


class FileJob(QObject):
    """One run at a time. One of ``finished``, which is the subclass's, ``failed`` and ``stopped`` ends each."""

    progressed = Signal(float)  #: 0 to 1
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child = Child(self)
        self._target: Path | None = None
        self._child.progressed.connect(lambda *told: self.progressed.emit(self.share(*told)))
        self._child.finished.connect(self.on_finished)
        self._child.failed.connect(self._on_failed)
        self._child.stopped.connect(self._on_stopped)

    @property
    def running(self) -> bool:
        return self._child.running

    def run(self, words: Sequence[str], target: Path | None) -> None:
        """Start the command; ``target`` is the new file that is to be removed if it does not finish, None for none."""
        self._target = target
        self._child.start(words)

    def stop(self) -> None:
        """End it; nothing unfinished stays."""
        self._child.stop()

    def close(self) -> None:
        """End it with the window."""
        if self._child.running:
            self._child.close()  # whatever it tells, it tells now

    def share(self, _stage: str, done: float, total: float) -> float:
        """How much of the whole is done."""
        return done / total if total else 0.0

    def on_finished(self, result: Mapping[str, object]) -> None:
        """Take up what the command printed."""
        raise NotImplementedError

    def is_whole(self, _target: Path) -> bool:
        """Whether the file came to its end before the command did."""
        return False

    def tidy(self) -> None:
        """Remove what only the command needed."""

    def _on_failed(self, text: str) -> None:
        if self._child.crashed:
            self.sweep()
        self.tidy()
        self.failed.emit(text)

    def _on_stopped(self) -> None:
        self.sweep()
        self.stopped.emit()

    def sweep(self) -> None:
        """A child that was ended the hard way had no time to remove what it had begun."""
        self.tidy()
        if self._target is not None and not self.is_whole(self._target):
            with suppress(OSError):
                self._target.unlink(missing_ok=True)
