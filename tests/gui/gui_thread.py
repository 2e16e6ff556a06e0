"""How long the GUI thread computes at a stretch: between two moments at which its event loop is free to look around."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractEventDispatcher

LIMIT_MS = 50.0  # on a core of its own
COUNTED = 100_000
COUNTED_MS = 4.5  # what counting so far takes a core of a laptop that has nothing else to do


@dataclass
class GuiThread:
    """Notes, per thing that is done, the longest stretch of computing, in milliseconds of this thread's own processor time.

    Time on the wall would count other programs and the music's threads as well; a test would then be about the machine. Even
    so a core that is shared computes more slowly: ``slowness`` says how much more slowly at worst, 1 for not at all.
    """

    doing: str = "starting"
    slowness: float = 1.0
    longest_ms: dict[str, float] = field(default_factory=dict)
    recent_ms: float = 0.0  # the longest stretch since somebody set this to 0
    _began_s: float = field(default_factory=time.thread_time)

    def watch(self) -> None:
        """Begin."""
        dispatcher = QAbstractEventDispatcher.instance()
        dispatcher.aboutToBlock.connect(self.beat)
        dispatcher.awake.connect(self.beat)
        self._began_s = time.thread_time()

    def unwatch(self) -> None:
        """End."""
        dispatcher = QAbstractEventDispatcher.instance()
        dispatcher.aboutToBlock.disconnect(self.beat)
        dispatcher.awake.disconnect(self.beat)

    def begin(self, doing: str) -> None:
        """From now on something else is done."""
        self.beat()
        self.doing = doing
        began = time.thread_time()
        count = 0
        for n in range(COUNTED):
            count += n % 7
        self.slowness = max(self.slowness, 1000 * (time.thread_time() - began) / COUNTED_MS)
        self._began_s = time.thread_time()

    def beat(self) -> None:
        """The loop is free again."""
        now = time.thread_time()
        spent_ms = 1000 * (now - self._began_s)
        self._began_s = now
        self.recent_ms = max(self.recent_ms, spent_ms)
        self.longest_ms[self.doing] = max(self.longest_ms.get(self.doing, 0.0), spent_ms)
