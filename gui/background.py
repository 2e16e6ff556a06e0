"""Work of a fraction of a second that must not hold up the window: on a pool thread, its outcome back on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal


class Background(QObject):
    """Runs functions beside the window. After :meth:`close` no outcome is delivered any more."""

    _finished = Signal(object, object)  # what to call, with what

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)  # the cores belong to the music
        self._closed = False
        self._finished.connect(self._deliver)

    def start(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """Do ``work``; then ``done`` with its result, or ``failed`` with its error, on the GUI thread."""

        def run() -> None:
            try:
                result = work()
            except Exception as error:
                self._finished.emit(failed, error)
            else:
                self._finished.emit(done, result)

        if not self._closed:
            self._pool.start(run)

    def _deliver(self, call: Callable[[Any], None], outcome: Any) -> None:
        if not self._closed:
            call(outcome)

    def close(self, timeout_ms: int = 2000) -> None:
        """Drop what waits, and wait for what runs."""
        self._closed = True
        self._pool.clear()
        self._pool.waitForDone(timeout_ms)
