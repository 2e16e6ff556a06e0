"""Work of a fraction of a second that must not hold up the window: on a pool thread, its outcome back on the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

SAVING_TIMEOUT_MS = 30_000

log = logging.getLogger(__name__)


class Background(QObject):
    """Runs functions beside the window. After :meth:`close` or :meth:`finish` no outcome is delivered any more."""

    _finished = Signal(object, object)  # what to call, with what

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)  # the cores belong to the music
        self._saving = QThreadPool(self)
        self._saving.setMaxThreadCount(1)  # one after the other, as they were asked for
        self._closed = False
        self._finished.connect(self._deliver)

    def start(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """Do ``work``; then ``done`` with its result, or ``failed`` with its error, on the GUI thread."""

        if not self._closed:
            self._pool.start(lambda: self._do(work, done, failed))

    def save(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """As :meth:`start`, for what must not be lost: it waits for other saves alone, and :meth:`close` waits for it."""
        if not self._closed:
            self._saving.start(lambda: self._do(work, done, failed))

    def _do(self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        try:
            result = work()
        except Exception as error:
            if self._closed:  # nobody is there to be told
                log.error("failed while the window closed", exc_info=error)
            self._finished.emit(failed, error)
        else:
            self._finished.emit(done, result)

    def _deliver(self, call: Callable[[Any], None], outcome: Any) -> None:
        if not self._closed:
            call(outcome)

    def finish(self, timeout_ms: int = 10_000) -> None:
        """Do all that waits, and deliver nothing of it."""
        self._closed = True
        self._saving.waitForDone(SAVING_TIMEOUT_MS)
        self._pool.waitForDone(timeout_ms)

    def close(self, timeout_ms: int = 2000) -> None:
        """Wait for all saves; of everything else drop what waits, and wait for what runs."""
        self._closed = True
        self._saving.waitForDone(SAVING_TIMEOUT_MS)
        self._pool.clear()
        self._pool.waitForDone(timeout_ms)
