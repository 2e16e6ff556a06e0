"""A silent output that keeps time, so that the music goes on where no sound can come out."""

import threading
import time

import numpy as np

from engine.audio.devices import Render

PERIOD_S = 0.01
LONGEST_CATCH_UP_S = 0.25


class ClockedStream:
    """Calls `render` at the rate of a real device, by `time.monotonic`, and throws the sound away."""

    def __init__(self, rate_hz: int, channels: int, render: Render) -> None:
        self._rate_hz = rate_hz
        self._render = render
        self._block = np.zeros((max(round(LONGEST_CATCH_UP_S * rate_hz), 1), channels), np.float32)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="silent output", daemon=True)
        self._thread.start()

    @property
    def active(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        rendered_to = time.monotonic()
        while not self._closed.wait(PERIOD_S):
            due = int((time.monotonic() - rendered_to) * self._rate_hz)
            rendered_to += due / self._rate_hz
            # After a suspended machine wakes up, the time asleep is not played.
            count = min(due, len(self._block))
            if count:
                self._render(self._block[:count])
