"""Python's sweeps for cycles, on the GUI thread alone.

A cycle may hold Qt objects, and whichever thread happens to sweep would end them: on a thread that is not theirs that is a
crash. So no thread sweeps by itself while there is a window; a timer does.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 250


def sweep() -> None:
    """What Python would do by itself by now: collect the oldest generation that has filled up."""
    filled = [count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    for generation in (2, 1, 0):
        if filled[generation]:
            gc.collect(generation)
            return


class Sweeper(QObject):
    """Sweeps from now on, until :meth:`close`."""

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(sweep)
        self._timer.start(EVERY_MS)

    def close(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()
