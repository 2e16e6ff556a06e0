"""Intervals, tests and corrections with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap

from probes.evaluate.statistics import holm, mean_with_interval, paired_p


def test_the_interval_is_scipys() -> None:
    values = np.random.default_rng(3).gamma(2.0, size=25)
    ours = mean_with_interval(values)
    theirs = bootstrap((values,), np.mean, method="percentile", n_resamples=20_000).confidence_interval
    assert ours.value == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.03)
    assert ours.low < ours.value < ours.high


def test_it_is_the_same_every_time() -> None:
    values = np.arange(9.0)
    assert mean_with_interval(values) == mean_with_interval(values)


def test_a_single_value_has_no_interval() -> None:
    alone = mean_with_interval(np.array([0.4]))
    assert alone.value == 0.4
    assert np.isnan([alone.low, alone.high]).all()
    assert str(alone) == "+0.40"


def test_it_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = [
        interval.low <= 1.0 <= interval.high
        for interval in (mean_with_interval(rng.normal(1.0, 2.0, 40), seed) for seed in range(200))
    ]
    assert 0.88 <= np.mean(covered) <= 0.99


def test_pairs_are_tested_as_pairs() -> None:
    """A small rise everywhere is surer than the spread between pieces lets two groups look."""
    rng = np.random.default_rng(0)
    before = rng.uniform(0, 1, 20)
    after = before + 0.01 + 0.002 * rng.random(20)
    assert paired_p(after, before) < 1e-4
    assert paired_p(before, after) > 0.99
    assert paired_p(before, before) == 1.0


def test_six_pairs_that_all_rise_have_one_chance_in_sixty_four() -> None:
    before = np.zeros(6)
    assert paired_p(np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), before) == pytest.approx(1 / 64)


def test_pairs_without_a_difference_are_left_out() -> None:
    """Six that rise and two that stay: exact, as if the two had not been asked."""
    before = np.zeros(8)
    assert paired_p(np.array([0.1, 0.0, 0.2, 0.3, 0.4, 0.0, 0.5, 0.6]), before) == pytest.approx(1 / 64)


def test_holm_by_hand() -> None:
    """Holm (1979): the smallest times four, the next times three, and never below the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []
