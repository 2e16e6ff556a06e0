"""The knob's curve: odd, rising, through 0 and 1; and what is no such curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.errors import PackError
from engine.steering.knob_map import MAX_FACTOR, MAX_POINTS, KnobMap

KNOBS = [[0, 0.25, 1, 1.5], [0, 0.5, 1, 2]]
FACTORS = [[0, 0.75, 1, 3], [0, 0.25, 1, 2]]


def bent(knobs: Any = KNOBS, factors: Any = FACTORS) -> KnobMap:
    return KnobMap(np.array(knobs, np.float32), np.array(factors, np.float32))


def test_between_its_points_it_is_straight() -> None:
    curves = bent()
    for genre in range(2):
        for knob, factor in zip(KNOBS[genre], FACTORS[genre], strict=True):
            assert curves.factor(genre, knob) == pytest.approx(factor, abs=1e-7)
    assert curves.factor(0, 0.125) == pytest.approx(0.375)
    assert curves.factor(1, 1.25) == pytest.approx(1.25)


def test_nothing_is_nothing_and_negative_knobs_are_mirrored() -> None:
    curves = bent()
    assert curves.factor(0, 0.0) == 0.0
    for knob in (0.1, 0.6, 1.4, 7.0):
        assert curves.factor(0, -knob) == -curves.factor(0, knob) < 0


def test_past_the_last_point_it_goes_on_from_the_origin() -> None:
    assert bent().factor(0, 3.0) == pytest.approx(6.0)
    assert bent().factor(0, 1.5001) == pytest.approx(bent().factor(0, 1.5), rel=1e-3)


def test_it_rises_everywhere_and_can_be_turned_round() -> None:
    curves, knobs = bent(), np.linspace(-4, 4, 161)
    for genre in range(2):
        factors = [curves.factor(genre, knob) for knob in knobs]
        assert (np.diff(factors) > 0).all()
        np.testing.assert_allclose([curves.knob(genre, factor) for factor in factors], knobs, atol=1e-6)


def test_the_straight_map_changes_nothing() -> None:
    for knob in (-2.5, -0.3, 0.0, 0.7, 1.0, 4.0):
        assert KnobMap.straight(2).factor(1, knob) == pytest.approx(knob, abs=1e-12)


def test_one_more_genre_has_a_straight_knob() -> None:
    wider = bent().with_straight_genre()
    np.testing.assert_array_equal(wider.knobs[:2], bent().knobs)
    np.testing.assert_array_equal(wider.factors[:2], bent().factors)
    for knob in (-1.5, 0.4, 3.0):
        assert wider.factor(2, knob) == pytest.approx(knob)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"knobs": [[0.1, 1]], "factors": [[0, 1]]}, "rise from 0"),
        ({"knobs": [[0, 1]], "factors": [[0.1, 1]]}, "rise from 0"),
        ({"knobs": [[0, 0.6, 0.5, 1]], "factors": [[0, 0.2, 0.3, 1]]}, "rise from 0"),
        ({"knobs": [[0, 0.5, 1]], "factors": [[0, 1, 1]]}, "rise from 0"),
        ({"knobs": [[0, 1]], "factors": [[0, np.nan]]}, "cannot be followed"),
        ({"knobs": [[0, np.inf]], "factors": [[0, 1]]}, "cannot be followed"),
        ({"knobs": [[0, 1, 2]], "factors": [[0, 1, 2 * MAX_FACTOR]]}, "cannot be followed"),
        ({"knobs": [[0]], "factors": [[0]]}, "cannot be followed"),
        ({"knobs": [np.linspace(0, 1, MAX_POINTS + 1)], "factors": [np.linspace(0, 1, MAX_POINTS + 1)]}, "followed"),
        ({"knobs": [[0, 2]], "factors": [[0, 1]]}, "knob at 1"),
        ({"knobs": [[0, 0.5, 1]], "factors": [[0, 1, 2]]}, "knob at 1"),
        ({"knobs": [0, 1], "factors": [0, 1]}, r"float32 \(2,\)"),
        ({"knobs": [[0, 1]], "factors": [[0, 0.5, 1]]}, r"\(1, 3\)"),
    ],
)
def test_what_is_no_curve_is_refused(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PackError, match=complaint):
        bent(**change)


def test_other_numbers_than_float32_are_refused() -> None:
    with pytest.raises(PackError, match="float64"):
        KnobMap(np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]]))  # type: ignore[arg-type]
