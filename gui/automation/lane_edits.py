"""What can be done to a lane: pure functions from one sequence of breakpoints to another. Knows no Qt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from engine.breakpoints import Breakpoint, Lane, simplified, value_at

STROKE_TOLERANCE = 0.004
"""Of the lane's range: how far a freehand line may be from what was drawn."""


def with_point(lane: Lane, point: Breakpoint) -> tuple[Lane, int]:
    """The lane with one more breakpoint, and where it stands."""
    index = bisect_right(lane, point[0], key=lambda each: each[0])
    return (*lane[:index], point, *lane[index:]), index


def without_point(lane: Lane, index: int) -> Lane:
    """The lane with one breakpoint less."""
    return (*lane[:index], *lane[index + 1 :])


def moved(lane: Lane, index: int, second: float, value: float) -> Lane:
    """A breakpoint elsewhere, but never past its neighbours; at the same time as one, it makes a step."""
    earliest = lane[index - 1][0] if index else 0.0
    latest = lane[index + 1][0] if index + 1 < len(lane) else float("inf")
    return (*lane[:index], (min(max(second, earliest), latest), value), *lane[index + 1 :])


def drawn(lane: Lane, stroke: Sequence[Breakpoint], tolerance: float) -> Lane:
    """A freehand stroke over the lane: inside it the stroke holds, outside nothing has changed.

    A stroke may turn back; then the later part holds. ``tolerance`` is in the lane's unit.
    """
    path = _forwards(stroke)
    (start, first), (end, last) = path[0], path[-1]
    before = lane[: bisect_left(lane, start, key=lambda point: point[0])]
    after = lane[bisect_right(lane, end, key=lambda point: point[0]) :]
    into = [(start, value_at(lane, start))] if before else []
    out = [(end, value_at(lane, end))] if after else []
    into = [point for point in into if point[1] != first]
    out = [point for point in out if point[1] != last]
    return (*before, *into, *simplified(tuple(path), tolerance), *out, *after)


def _forwards(stroke: Sequence[Breakpoint]) -> list[Breakpoint]:
    """The stroke in order of time: each stretch that it crosses again is as it was crossed last."""
    path: list[Breakpoint] = []
    previous = stroke[0]
    for point in stroke:
        low, high = sorted((previous[0], point[0]))
        path = [each for each in path if not low <= each[0] <= high or each in (previous, point)]
        path.append(point)
        previous = point
    return sorted(dict(path).items())
