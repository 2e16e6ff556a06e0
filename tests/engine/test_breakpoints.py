"""Fewer breakpoints, within what was promised; and an edit that touches nothing but what it touched."""

from __future__ import annotations

import numpy as np
import pytest

from engine.breakpoints import Lane, simplified, spliced


def at(lane: Lane, seconds: np.ndarray) -> np.ndarray:
    times, values = np.array(lane).T
    return np.interp(seconds, times, values)


@pytest.mark.parametrize("tolerance", [0.003, 0.01, 0.2])
@pytest.mark.parametrize("seed", range(4))
def test_the_simplified_lane_stays_within_the_tolerance(seed: int, tolerance: float) -> None:
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.uniform(0.01, 0.05, 400))
    lane = tuple(zip(times.tolist(), np.cumsum(rng.normal(0, 0.02, 400)).tolist(), strict=True))
    fewer = simplified(lane, tolerance)
    assert set(fewer) <= set(lane)
    assert (fewer[0], fewer[-1]) == (lane[0], lane[-1])
    everywhere = np.linspace(times[0], times[-1], 20_000)
    assert np.abs(at(fewer, everywhere) - at(lane, everywhere)).max() <= tolerance + 1e-12


def test_a_smooth_gesture_needs_few_and_a_straight_one_two() -> None:
    times = np.arange(200) / 50
    gesture = tuple(zip(times.tolist(), np.sin(times).tolist(), strict=True))
    assert len(simplified(gesture, 0.01)) < 20
    ramp = tuple((t, 0.25 * t) for t in times.tolist())
    assert simplified(ramp, 1e-9) == (ramp[0], ramp[-1])


def test_a_step_at_one_time_stays() -> None:
    step = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (2.0, 1.0))
    assert simplified(step, 0.1) == step
    assert simplified(((1.0, 0.0), (1.0, 5.0), (1.0, 1.0)), 0.1) == ((1.0, 0.0), (1.0, 5.0), (1.0, 1.0))


EXACT: Lane = tuple((n / 10, float(n % 3)) for n in range(21))
SIMPLE: Lane = (EXACT[0], EXACT[5], EXACT[10], EXACT[15], EXACT[20])


def test_an_untouched_lane_is_the_exact_one() -> None:
    assert spliced(EXACT, SIMPLE, SIMPLE) is EXACT


def test_what_lies_around_an_edit_is_exact() -> None:
    edited = (*SIMPLE[:2], (1.0, 9.0), *SIMPLE[3:])
    lane = spliced(EXACT, edited, SIMPLE)
    assert lane == (*EXACT[:6], (1.0, 9.0), *EXACT[15:])
    assert spliced(EXACT, (*SIMPLE[:2], *SIMPLE[3:]), SIMPLE) == (*EXACT[:6], *EXACT[15:]), "a point taken away"
    added = (*SIMPLE[:3], (1.2, 4.0), *SIMPLE[3:])
    assert spliced(EXACT, added, SIMPLE) == (*EXACT[:11], (1.2, 4.0), *EXACT[15:]), "a point put in"


def test_an_edit_at_either_end() -> None:
    assert spliced(EXACT, ((0.0, 7.0), *SIMPLE[1:]), SIMPLE) == ((0.0, 7.0), *EXACT[5:])
    assert spliced(EXACT, (*SIMPLE[:-1], (2.0, 7.0)), SIMPLE) == (*EXACT[:16], (2.0, 7.0))
    assert spliced(EXACT, ((0.0, 1.0),), SIMPLE) == ((0.0, 1.0),)
