"""Wachspress coordinates by their identities: a partition of unity, linear precision, and bilinear in a square."""

from __future__ import annotations

import numpy as np
import pytest

from gui.play.polygon import corners, inside, position, weights


@pytest.mark.parametrize("count", [3, 4, 5, 8])
def test_weights_sum_to_one_are_positive_and_give_the_point_back(count: int) -> None:
    polygon, random = corners(count), np.random.default_rng(count)
    for raw in random.uniform(-1.2, 1.2, (200, 2)):
        point = inside(tuple(raw), polygon)
        shares = weights(point, polygon)
        assert sum(shares) == pytest.approx(1.0)
        assert min(shares) >= 0.0
        assert position(shares, polygon) == pytest.approx(point, abs=1e-9)


@pytest.mark.parametrize("count", [3, 4, 6])
def test_a_corner_is_its_genre_alone(count: int) -> None:
    polygon = corners(count)
    for n, corner in enumerate(polygon):
        assert weights(inside(corner, polygon), polygon)[n] == pytest.approx(1.0, abs=1e-6)


def test_in_a_square_they_are_bilinear() -> None:
    square = corners(4)
    reach = square[2][0]
    for x, y in np.random.default_rng(0).uniform(0, 1, (50, 2)):
        shares = weights(((2 * x - 1) * reach, (2 * y - 1) * reach), square)
        assert shares == pytest.approx(((1 - x) * (1 - y), x * (1 - y), x * y, (1 - x) * y))


def test_the_ring_begins_at_the_upper_left_and_runs_clockwise() -> None:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners(4)
    assert ax < 0 > ay
    assert bx > 0 > by
    assert cx > 0 < cy
    assert dx < 0 < dy


def test_nothing_asked_has_no_place() -> None:
    assert position((0.0, -1.0, 0.0), corners(3)) is None
