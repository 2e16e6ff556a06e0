"""Soft takeover: a physical control moves a value only once it has met it, so that nothing jumps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

TOLERANCE = 0.012  # of the whole way: one step and a half of seven bits
DETENT = 0.015  # half the width of the middle's notch: two of 128 places on either side


def with_detent(share: float) -> float:
    """A way of 0 to 1 with a notch at the middle; the rest is stretched evenly, so that both ends are still reached."""
    off = share - 0.5
    if abs(off) <= DETENT:
        return 0.5
    return 0.5 + (abs(off) - DETENT) / (0.5 - DETENT) * (0.5 if off > 0 else -0.5)


@dataclass(frozen=True)
class Pickup:
    """What is known between two moves of one control.

    Attributes:
        physical: where it was last seen, 0 to 1; None before it has moved at all.
        written: what it last made of the value; None while it is not in charge.
    """

    physical: float | None = None
    written: float | None = None

    def moved(self, physical: float, value: float) -> tuple[Self, bool]:
        """The control moves to ``physical`` while the value stands at ``value``; whether the value follows.

        It does where it still stands as this control left it, where the control stands on it, and where the control has just
        passed it: so a value never jumps farther than its control moved, and :data:`TOLERANCE`.
        """
        in_charge = self.written is not None and abs(value - self.written) <= TOLERANCE
        met = abs(physical - value) <= TOLERANCE
        passed = self.physical is not None and (self.physical - value) * (physical - value) <= 0
        follows = in_charge or met or passed
        return replace(self, physical=physical, written=physical if follows else None), follows

    def wrote(self, value: float) -> Self:
        """What became of the value: its scale may be coarser than the control."""
        return replace(self, written=value)
