"""The scale of a knob: its range, steps, default, and how its values are written."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Values from ``low`` to ``high`` in multiples of ``resolution``; ``bipolar`` ones are drawn from zero and signed."""

    low: float
    high: float
    resolution: float
    default: float
    decimals: int = 2
    bipolar: bool = False
    words: tuple[str, ...] = ()  # of the steps, where they are choices and no amounts

    @property
    def steps(self) -> int:
        return round((self.high - self.low) / self.resolution)

    def to_step(self, value: float) -> int:
        """The nearest step, counted from ``low``."""
        return round((min(max(value, self.low), self.high) - self.low) / self.resolution)

    def from_step(self, step: int) -> float:
        return round(self.low + step * self.resolution, 6)

    def nearest(self, value: float) -> float:
        """The value brought into the range and onto a step."""
        return self.from_step(self.to_step(value))

    def share(self, value: float) -> float:
        """Where a value lies between low (0) and high (1)."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def at(self, share: float) -> float:
        """The value at a share of the range, on a step."""
        return self.nearest(self.low + share * (self.high - self.low))

    def text(self, value: float) -> str:
        """As it is written beside the knob."""
        if self.words:
            return self.words[self.to_step(value)]
        value = round(value, self.decimals) + 0.0  # no negative zero
        sign = "+" if self.bipolar and value else ""
        return f"{value:{sign}.{self.decimals}f}".replace("-", "−")

    def parse(self, text: str) -> float:
        """What somebody typed, brought into the range.

        Raises:
            ValueError: not a number.
        """
        try:
            value = float(text.strip().replace(",", ".").replace("−", "-"))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ValueError(f"{text!r} is no number")
        return self.nearest(value)
