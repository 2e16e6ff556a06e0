"""Knob moves over time: lanes of breakpoints, read from JSON, played as one control state per frame.

The file holds ``{"lanes": {"jazz": [[0, 0], [5, 1]], "guidance": [[0, 3], [8, 1.5]]}}``: seconds and values, joined by straight
lines. A lane is a genre of the pack, or one of :data:`SCALARS`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from engine.breakpoints import Lane, value_at
from engine.control import ControlState
from engine.errors import ControlError

SCALARS = ("strength", "guidance", "temperature", "top_p")
FORM = 'automation must look like {"lanes": {"jazz": [[0, 0], [5, 1]]}}'
MAX_BYTES = 64 * 1024 * 1024  # eight lanes that move all through an hour


@dataclass(frozen=True)
class Automation:
    """Lanes by name; each a sequence of (seconds, value) in order of time."""

    lanes: dict[str, Lane]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file.

        Raises:
            ControlError: it is missing or not of the form above.
        """
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ControlError(
                    f"{path} is too large for an automation file: give one whose lanes have fewer points"
                )
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            reason = error.strerror or error
            raise ControlError(f"{path} cannot be read ({reason}): give a file of lanes that is there") from None
        except (ValueError, RecursionError):
            raise ControlError(f"{path} is not JSON: {FORM}") from None
        return cls.from_json(data)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Check and take up plain values.

        Raises:
            ControlError: not of the form above, times that do not rise, or values that cannot be played.
        """
        try:
            lanes = {
                str(name): tuple((float(second), float(value)) for second, value in points)
                for name, points in data["lanes"].items()
            }
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise ControlError(FORM) from None
        for name, points in lanes.items():
            times = [second for second, _ in points]
            if not points or not np.isfinite(points).all() or times[0] < 0 or times != sorted(times):
                raise ControlError(
                    f"the lane of {name} is not in order: begin it at 0 s or later, let its times rise, and give numbers"
                )
            for _, value in points:  # between two that are in range, so is the line
                ControlState().changed(**({name: value} if name in SCALARS else {"blend": ((name, value),)}))
        return cls(lanes)

    def to_json(self) -> dict[str, Any]:
        """The form above."""
        return {"lanes": {name: [list(point) for point in lane] for name, lane in self.lanes.items()}}

    def at(self, base: ControlState, second: float) -> ControlState:
        """``base`` with every lane's value at a time; itself where nothing differs."""
        values = {name: value_at(points, second) for name, points in self.lanes.items()}
        scalars = {name: value for name, value in values.items() if name in SCALARS}
        knobs = {name: value for name, value in values.items() if name not in SCALARS}
        others = tuple((genre, alpha) for genre, alpha in base.blend if genre not in knobs)
        blend = (*others, *knobs.items())
        if sorted(blend) == sorted(base.blend) and all(getattr(base, name) == value for name, value in scalars.items()):
            return base
        return base.changed(blend=blend, **scalars)


def states(base: ControlState, automation: Automation | None, frames: int, rate_hz: float) -> Iterator[ControlState]:
    """One control state per frame; the same object for as long as nothing moves."""
    state = base
    for frame in range(frames):
        if automation is not None:
            state = automation.at(state, frame / rate_hz)
        yield state


class Lanes:
    """An automation at work: counted from a frame on, over and over if it loops.

    Args:
        first_frame: its second 0; rate_hz: frames per second.
        loop_s: begin again after so much; None holds the last values.
    """

    def __init__(self, automation: Automation, loop_s: float | None, first_frame: int, rate_hz: float) -> None:
        if loop_s is not None and not 1.0 / rate_hz <= loop_s < math.inf:
            raise ControlError(f"a loop of {loop_s} s cannot be played: make it longer")
        self.automation, self._loop_s = automation, loop_s
        self.first_frame, self._rate_hz = first_frame, rate_hz
        self._newest: tuple[ControlState, int, ControlState] | None = None

    def restarted(self) -> Lanes:
        """The same for a new performance, from its beginning."""
        return Lanes(self.automation, self._loop_s, 0, self._rate_hz)

    def place_s(self, frame: int) -> float:
        """Where in the lanes a frame is."""
        second = max(frame - self.first_frame, 0) / self._rate_hz
        # Without the remainder's noise every round asks for the very same states.
        return second if self._loop_s is None else round(second % self._loop_s, 9)

    def at(self, base: ControlState, frame: int) -> ControlState:
        """The state of a frame; the same object for as long as nothing moves."""
        if self._newest is not None and self._newest[0] is base:
            if self._newest[1] == frame:
                return self._newest[2]
            before: ControlState | None = self._newest[2]
        else:
            before = None
        state = self.automation.at(base, self.place_s(frame))
        if before is not None and replace(before, number=state.number) == state:
            state = before
        self._newest = (base, frame, state)
        return state
