"""Commands in order, also while one of them is carried out beside the music."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable

from engine.messages import Command, Play, PlayTake, Shutdown, Stop


class Errand:
    """One thing at a time that takes seconds, on a thread of its own. The commands behind it wait for it.

    What brings silence does not wait, and takes along what would have begun to sound before it. Engine thread only.

    Args:
        commands: from the host.
    """

    def __init__(self, commands: queue.SimpleQueue[Command]) -> None:
        self._commands = commands
        self._waiting: deque[Command] = deque()
        self._thread: threading.Thread | None = None

    def start(self, work: Callable[[], None]) -> None:
        """Do ``work``, which raises nothing, while the music plays on."""
        self._thread = threading.Thread(target=work, name="segue-errand", daemon=True)
        self._thread.start()

    def next(self) -> Command | None:
        """The next command that may be carried out now."""
        while True:
            try:
                self._waiting.append(self._commands.get_nowait())
            except queue.Empty:
                break
        if self._thread is None or not self._thread.is_alive():
            return self._waiting.popleft() if self._waiting else None
        for place, command in enumerate(self._waiting):
            if isinstance(command, Stop | Shutdown):
                waiting = list(self._waiting)
                before = [each for each in waiting[:place] if not isinstance(each, Play | PlayTake)]
                self._waiting = deque([*before, *waiting[place + 1 :]])
                return command
        return None
