"""Curves that are known, straightened; with noise, and without anything to hear."""

from __future__ import annotations

import numpy as np
import pytest

from probes.evaluate.straighten import STEEPEST, STRAIGHT, r_squared, straighten

FACTORS = [0.0, 0.15, 0.3, 0.45, 0.7, 1.0, 1.4, 2.0, 2.8]


def sigmoid(factor: np.ndarray) -> np.ndarray:
    """Heard: little below a half, all at once, then nothing more."""
    return 0.1 + 0.8 / (1 + np.exp(-10 * (factor - 0.55)))


def straightness(factors: list[float], heard: list[float]) -> tuple[float, float]:
    """R² of the knob from 0 to what the last factor is, before and after the map, at knobs between those it was made at."""
    knob_map = straighten(factors, [heard])
    knobs = np.linspace(0, knob_map.knob(0, 1.0), 33)
    mapped = np.array([knob_map.factor(0, knob) for knob in knobs])
    return r_squared(knobs, sigmoid(knobs)), r_squared(knobs, sigmoid(mapped))


def test_equal_moves_are_heard_as_equal_moves() -> None:
    before, after = straightness(FACTORS, sigmoid(np.array(FACTORS)).tolist())
    assert before < 0.95
    assert after > 0.97


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_not_followed(seed: int) -> None:
    """The noise of 24 pieces a point: what comes of it is still straighter than no map, and rises."""
    noise = 0.05 * np.random.default_rng(seed).standard_normal(len(FACTORS))
    heard = sigmoid(np.array(FACTORS)) + noise
    before, after = straightness(FACTORS, heard.tolist())
    assert after > before


def test_a_straight_answer_leaves_the_knob_as_it_is() -> None:
    knob_map = straighten(FACTORS, [[0.1 + 0.2 * factor for factor in FACTORS]])
    for knob in (0.1, 0.5, 1.0, 2.0, -1.7, 5.0):
        assert knob_map.factor(0, knob) == pytest.approx(knob, rel=1e-5)


def test_nothing_and_one_stay_where_they_are() -> None:
    rng = np.random.default_rng(0)
    knob_map = straighten(FACTORS, rng.random((6, len(FACTORS))).cumsum(1).tolist())
    for genre in range(6):
        assert knob_map.factor(genre, 0.0) == 0.0
        assert knob_map.factor(genre, 1.0) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("heard", [[0.3] * 9, np.linspace(0.9, 0.1, 9).tolist()], ids=["deaf", "contrary"])
def test_a_knob_that_nobody_hears_is_left_straight(heard: list[float]) -> None:
    knob_map = straighten(FACTORS, [heard])
    np.testing.assert_allclose(knob_map.knobs, knob_map.factors)


def test_where_nothing_more_is_heard_the_knob_is_steep_but_not_vertical() -> None:
    """All is heard at a factor of 0.45; then the rest of the knob, and what lies past it."""
    knob_map = straighten(FACTORS, [np.minimum(FACTORS, 0.45).tolist()])
    slopes = np.diff(knob_map.factors[0]) / np.diff(knob_map.knobs[0])
    assert slopes.max() <= (1 + STRAIGHT) / STRAIGHT + 1e-3
    np.testing.assert_allclose(slopes[FACTORS.index(1.0) :], STEEPEST, rtol=1e-5)
    assert knob_map.knob(0, 2.8) == pytest.approx(1 + 1.8 / STEEPEST)


def test_r_squared_is_that_of_a_line() -> None:
    x = np.linspace(0, 1, 11)
    assert r_squared(x, 3 + 2 * x) == pytest.approx(1.0)
    noisy = x + 0.2 * np.random.default_rng(0).standard_normal(11)
    assert r_squared(x, noisy) == pytest.approx(np.corrcoef(x, noisy)[0, 1] ** 2)
    assert r_squared(x, np.ones(11)) == 0.0
    assert r_squared(x, (x - 0.5) ** 2) == pytest.approx(0.0, abs=1e-9)


def test_a_knob_that_turns_the_wrong_way_is_not_straight() -> None:
    x = np.linspace(0, 1, 11)
    assert r_squared(x, 3 - 2 * x) == 0.0
    assert r_squared(-x, 3 - 2 * x) == pytest.approx(1.0), "turned away, less is what is asked"
