"""From any thread to the GUI thread: in order, in batches, at most so often, so that no flood holds the window up."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

PERIOD_MS = 8.0
CAPACITY = 1024  # at 10 to 20 µs each; beyond it the oldest is lost


class Inbox(QObject):
    """:meth:`put` may be called from any thread; ``deliver`` is called on the thread that made the inbox.

    What comes after a pause is delivered at once, what comes faster every :data:`PERIOD_MS`. Waking once per batch and
    keeping that pace matters: Qt handles what is posted while it handles what was posted, before it paints.
    """

    _woken = Signal()

    def __init__(self, deliver: Callable[[list[Any]], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._deliver = deliver
        self._items: deque[Any] = deque(maxlen=CAPACITY)
        self._awake = False
        self._closed = False
        self._delivered_at = -math.inf
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._drain)
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)

    def put(self, item: Any) -> None:
        """Any thread. Returns at once."""
        if self._closed:
            return
        self._items.append(item)
        # Two threads may both find it asleep: then it is woken twice, which does no harm.
        if not self._awake:
            self._awake = True
            self._woken.emit()

    def _on_woken(self) -> None:
        wait_ms = PERIOD_MS - 1000.0 * (time.monotonic() - self._delivered_at)
        if wait_ms <= 0:
            self._drain()
        elif not self._timer.isActive():
            self._timer.start(math.ceil(wait_ms))

    def _drain(self) -> None:
        self._awake = False  # before looking: what is put from here on wakes anew
        self._delivered_at = time.monotonic()
        items = [self._items.popleft() for _ in range(len(self._items))]
        if items and not self._closed:
            self._deliver(items)

    def close(self) -> None:
        """Deliver nothing more."""
        self._closed = True
        self._timer.stop()
        self._items.clear()
