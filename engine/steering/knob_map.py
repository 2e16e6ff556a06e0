"""From a knob to the strength of its direction, so that equal moves of a knob are heard as equal moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.errors import PackError

MAX_FACTOR = 100.0
MAX_POINTS = 64


@dataclass(frozen=True)
class KnobMap:
    """Rising piecewise linear curves through the origin, one for each of G genres: knob → factor on the pack's α.

    A knob of 1 has a factor of 1: it is the strength that the pack's defaults name. Past its last point a curve follows
    the line from the origin through that point. Negative knobs are mirrored.

    Attributes:
        knobs, factors: ``(G, P)`` float32; rows rise strictly from 0.

    Raises:
        PackError: they do not.
    """

    knobs: NDArray[np.float32]
    factors: NDArray[np.float32]

    def __post_init__(self) -> None:
        for array in (self.knobs, self.factors):
            if array.dtype != np.float32 or array.ndim != 2 or array.shape != self.knobs.shape:
                raise PackError(f"the pack's knob map is {array.dtype} {array.shape}: make it again")
            if not 2 <= array.shape[1] <= MAX_POINTS or not np.isfinite(array).all() or array.max() > MAX_FACTOR:
                raise PackError("the pack's knob map cannot be followed: make it again with `segue probe train`")
            if array[:, 0].any() or not (np.diff(array, axis=1) > 0).all():
                raise PackError("the pack's knob map does not rise from 0: make it again with `segue probe train`")
        ones = [self.factor(genre, 1.0) for genre in range(len(self.knobs))]
        if not np.allclose(ones, 1.0, atol=1e-4):
            raise PackError("the pack's knob map moves the knob at 1: make it again with `segue probe train`")

    @classmethod
    def straight(cls, genres: int) -> Self:
        """The map that changes nothing."""
        line = np.tile(np.array([0, 1], np.float32), (genres, 1))
        return cls(line, line)

    def factor(self, genre: int, knob: float) -> float:
        """What the pack's α is multiplied by."""
        return _follow(self.knobs[genre], self.factors[genre], knob)

    def knob(self, genre: int, factor: float) -> float:
        """The inverse of :meth:`factor`."""
        return _follow(self.factors[genre], self.knobs[genre], factor)

    def with_straight_genre(self) -> Self:
        """The map with one more genre, whose knob is its factor."""
        line = np.linspace(0, 1, self.knobs.shape[1], dtype=np.float32)[None]
        return type(self)(np.concatenate([self.knobs, line]), np.concatenate([self.factors, line]))


def _follow(x: NDArray[np.float32], y: NDArray[np.float32], at: float) -> float:
    size = abs(at)
    value = np.interp(size, x, y) if size <= x[-1] else size * float(y[-1]) / float(x[-1])
    return float(np.copysign(value, at))
