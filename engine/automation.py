"""Knob moves over time: lanes of breakpoints, read from JSON, played as one control state per frame.

The file holds ``{"lanes": {"jazz": [[0, 0], [5, 1]], "guidance": [[0, 3], [8, 1.5]]}}``: seconds and values, joined by straight
lines. A lane is a genre of the pack, or one of :data:`SCALARS`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from engine.control import ControlState
from engine.errors import ControlError

SCALARS = ("strength", "guidance", "temperature", "top_p")
MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Automation:
    """Lanes by name; each a sequence of (seconds, value) in order of time."""

    lanes: dict[str, tuple[tuple[float, float], ...]]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file.

        Raises:
            ControlError: it is missing or not of the form above.
        """
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ControlError(f"{path} is too large for an automation file")
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ControlError(f"the automation file {path} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError):
            raise ControlError(f"{path} is not JSON: see the form in the README") from None
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
            raise ControlError('automation must look like {"lanes": {"jazz": [[0, 0], [5, 1]]}}') from None
        for name, points in lanes.items():
            times = [second for second, _ in points]
            if not points or not np.isfinite(points).all() or times[0] < 0 or times != sorted(times):
                raise ControlError(f"the lane of {name} needs times that start at 0 or later and rise")
            for _, value in points:  # between two that are in range, so is the line
                ControlState().changed(**({name: value} if name in SCALARS else {"blend": ((name, value),)}))
        return cls(lanes)

    def at(self, base: ControlState, second: float) -> ControlState:
        """``base`` with every lane's value at a time; itself where nothing differs."""
        values = {name: _at(points, second) for name, points in self.lanes.items()}
        scalars = {name: value for name, value in values.items() if name in SCALARS}
        knobs = {name: value for name, value in values.items() if name not in SCALARS}
        others = tuple((genre, alpha) for genre, alpha in base.blend if genre not in knobs)
        blend = (*others, *knobs.items())
        if sorted(blend) == sorted(base.blend) and all(getattr(base, name) == value for name, value in scalars.items()):
            return base
        return base.changed(blend=blend, **scalars)


def _at(points: tuple[tuple[float, float], ...], second: float) -> float:
    times, values = np.array(points).T
    return float(np.interp(second, times, values))


def states(base: ControlState, automation: Automation | None, frames: int, rate_hz: float) -> Iterator[ControlState]:
    """One control state per frame; the same object for as long as nothing moves."""
    state = base
    for frame in range(frames):
        if automation is not None:
            state = automation.at(state, frame / rate_hz)
        yield state
