"""Smooth weights of the corners of a regular polygon: where the handle of a blend pad stands, as shares of the genres."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]


def corners(count: int) -> tuple[Point, ...]:
    """Corners on the unit circle, clockwise on a screen, from the upper left; ``count`` ≥ 3."""
    assert count >= 3, count
    first = -math.pi / 2 - (math.pi / count if count % 2 == 0 else 0.0)
    return tuple(
        (math.cos(first + 2 * math.pi * n / count), math.sin(first + 2 * math.pi * n / count)) for n in range(count)
    )


def weights(point: Point, polygon: Sequence[Point]) -> tuple[float, ...]:
    """Shares of the corners at a point inside, that sum to 1; see :func:`weights_at`."""
    return tuple(weights_at(np.array([point]), polygon)[0].tolist())


def weights_at(points: NDArray[np.float64], polygon: Sequence[Point]) -> NDArray[np.float64]:
    """Shares ``(N, corners)`` at points ``(N, 2)`` inside (Wachspress coordinates; in a square: bilinear).

    Smooth inside, linear along an edge, 1 at a corner, and Σ wᵢ pᵢ is the point. Written without the division by the
    distances to the edges (Meyer et al., "Generalized barycentric coordinates on irregular polygons", 2002), so that the
    border is no special case. Points outside have weights too, but those mean nothing.
    """
    count = len(polygon)
    corner = np.array(polygon)
    along = np.roll(corner, -1, axis=0) - corner
    offset = points[:, None, :] - corner
    edges = np.maximum(along[:, 0] * offset[:, :, 1] - along[:, 1] * offset[:, :, 0], 0.0)
    parts = np.empty((len(points), count))
    for n in range(count):
        others = [m for m in range(count) if m not in ((n - 1) % count, n)]
        parts[:, n] = _area(polygon[n - 1], polygon[n], polygon[(n + 1) % count]) * edges[:, others].prod(axis=1)
    totals: NDArray[np.float64] = np.maximum(parts.sum(axis=1, keepdims=True), 1e-12)
    return np.divide(parts, totals)


def position(shares: Sequence[float], polygon: Sequence[Point]) -> Point | None:
    """The point whose weights are in proportion to the positive shares; None where there are none."""
    positive = [max(share, 0.0) for share in shares]
    total = sum(positive)
    if total <= 1e-9:
        return None
    return (
        sum(share * x for share, (x, _) in zip(positive, polygon, strict=True)) / total,
        sum(share * y for share, (_, y) in zip(positive, polygon, strict=True)) / total,
    )


def inside(point: Point, polygon: Sequence[Point]) -> Point:
    """The point itself, or the nearest one of the polygon."""
    count = len(polygon)
    if all(_area(point, polygon[n], polygon[(n + 1) % count]) >= 0.0 for n in range(count)):
        return point
    nearest = [_nearest_on(point, polygon[n], polygon[(n + 1) % count]) for n in range(count)]
    return min(nearest, key=lambda candidate: math.dist(candidate, point))


def _area(a: Point, b: Point, c: Point) -> float:
    """Twice the signed area of a triangle, positive where it runs clockwise on a screen."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _nearest_on(point: Point, start: Point, stop: Point) -> Point:
    dx, dy = stop[0] - start[0], stop[1] - start[1]
    along = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / (dx * dx + dy * dy)
    along = min(max(along, 0.0), 1.0)
    return start[0] + along * dx, start[1] + along * dy
