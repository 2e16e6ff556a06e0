"""Breakpoints, what a lane is made of: (seconds, value) in order of time, joined by straight lines. And fewer of them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Breakpoint: TypeAlias = tuple[float, float]
Lane: TypeAlias = tuple[Breakpoint, ...]


def value_at(lane: Lane, second: float) -> float:
    """On the line; beyond either end it is level."""
    after = bisect_right(lane, second, key=lambda point: point[0])
    if after in (0, len(lane)):
        return lane[max(after - 1, 0)][1]
    (start, value), (end, aim) = lane[after - 1], lane[after]
    return value + (aim - value) * ((second - start) / (end - start))


def simplified(lane: Lane, tolerance: float) -> Lane:
    """Fewer of the same breakpoints, whose lines stay within ``tolerance`` of the lane's at every instant.

    Ramer–Douglas–Peucker (Douglas & Peucker 1973), but that the distance is the difference in value: time is not ours to
    shift. Between two breakpoints both lanes are straight, so that no place lies further off than the breakpoints do.
    """
    if len(lane) < 3:
        return lane
    times, values = np.array(lane, dtype=np.float64).T
    kept = np.zeros(len(lane), dtype=bool)
    kept[[0, -1]] = True
    stretches = [(0, len(lane) - 1)]
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:
            continue
        off = _differences(times[first : last + 1], values[first : last + 1])
        furthest = first + int(off.argmax())
        if off.max() > tolerance:
            kept[furthest] = True
            stretches += [(first, furthest), (furthest, last)]
    return tuple(point for point, keep in zip(lane, kept, strict=True) if keep)


def _differences(times: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each breakpoint lies from the line between the first and the last; these two are not asked."""
    span = times[-1] - times[0]
    shares = (times - times[0]) / span if span > 0 else np.zeros_like(times)
    off: NDArray[np.float64] = np.abs(values[0] + shares * (values[-1] - values[0]) - values)
    off[[0, -1]] = -1.0
    return off


def spliced(exact: Lane, edited: Lane, untouched: Lane) -> Lane:
    """The exact lane wherever ``edited`` is still as ``untouched``, a simplified form of the exact one, was.

    So that an edit late in a take changes nothing before it, not even by the tolerance of the simplified form.
    """
    if edited == untouched:
        return exact
    shorter = min(len(edited), len(untouched))
    head = next((n for n in range(shorter) if edited[n] != untouched[n]), shorter)
    tail = next((n for n in range(shorter - head) if edited[-1 - n] != untouched[-1 - n]), shorter - head)
    before = [point for point in exact if head and point[0] <= edited[head - 1][0]]
    after = [point for point in exact if tail and point[0] >= edited[len(edited) - tail][0]]
    return (*before, *edited[head : len(edited) - tail], *after)
