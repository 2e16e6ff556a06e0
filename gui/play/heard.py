"""What was asked and heard at each frame: views show the moment that leaves the output, not the one being made."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from engine.control import ControlState

LONGEST_FRAMES = 50 * 60


class Moment(NamedTuple):
    """The knobs and the shares that the model heard, from ``frame`` on, in the pack's order.

    ``control`` is the whole state in force, and ``place_s`` the place in the lanes; None where nothing is known.
    """

    frame: int
    asked: tuple[float, ...]
    heard: tuple[float, ...]
    control: ControlState | None = None
    place_s: float | None = None


class HeardHistory:
    """Moments of this performance in order of frames; a lower frame begins a new performance."""

    def __init__(self) -> None:
        self._frames: list[int] = []
        self._moments: list[Moment] = []

    def note(
        self,
        frame: int,
        asked: Sequence[float],
        heard: Sequence[float],
        control: ControlState | None = None,
        place_s: float | None = None,
    ) -> None:
        """What holds for the frame that is being made now."""
        if self._frames and frame < self._frames[-1]:
            self.clear()
        moment = Moment(frame, tuple(asked), tuple(heard), control, place_s)
        if self._frames and frame == self._frames[-1]:
            self._moments[-1] = moment
            return
        self._frames.append(frame)
        self._moments.append(moment)
        if frame - self._frames[0] > LONGEST_FRAMES:
            old = bisect_right(self._frames, frame - LONGEST_FRAMES)
            del self._frames[:old], self._moments[:old]

    def at(self, frame: int) -> Moment | None:
        """The moment in force at a frame; None where nothing is known."""
        index = bisect_right(self._frames, frame) - 1
        return self._moments[index] if index >= 0 else None

    def clear(self) -> None:
        """Forget everything."""
        self._frames.clear()
        self._moments.clear()
