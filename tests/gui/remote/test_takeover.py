"""Nothing jumps: a value follows a control only from where they have met."""

from __future__ import annotations

import numpy as np
import pytest

from gui.remote.takeover import DETENT, TOLERANCE, Pickup, with_detent


def test_a_control_far_away_moves_nothing() -> None:
    assert not Pickup().moved(0.9, 0.2)[1]


def test_it_takes_over_where_it_passes_and_stays_in_charge() -> None:
    pickup, follows = Pickup().moved(0.1, 0.5)
    assert not follows
    pickup, follows = pickup.moved(0.8, 0.5)  # a quick turn: it was never near
    assert follows
    pickup, follows = pickup.moved(0.1, 0.8)
    assert follows


def test_it_loses_charge_when_something_else_moves_the_value() -> None:
    pickup, _ = Pickup().moved(0.5, 0.5)
    pickup, follows = pickup.moved(0.52, 0.9)
    assert not follows
    assert not pickup.moved(0.53, 0.9)[1]
    assert pickup.moved(0.95, 0.9)[1]


def test_a_scale_coarser_than_the_control_does_not_break_the_link() -> None:
    pickup, _ = Pickup().moved(0.5, 0.5)
    assert pickup.wrote(0.45).moved(0.51, 0.45)[1]
    assert not pickup.moved(0.51, 0.45)[1]


@pytest.mark.parametrize("seed", range(20))
def test_no_walk_of_control_and_value_ever_jumps(seed: int) -> None:
    """However both move: what the value is given lies no farther away than the control has just come, and the tolerance."""
    random = np.random.default_rng(seed)
    pickup, value, physical = Pickup(), float(random.random()), float(random.random())
    takeovers = 0
    for _ in range(500):
        if random.random() < 0.1:
            value = float(random.random())  # the mouse, undo, a preset
        before, physical = physical, float(np.clip(physical + random.normal(0, 0.1), 0, 1))
        known = pickup.physical is not None
        pickup, follows = pickup.moved(physical, value)
        if follows:
            takeovers += 1
            assert abs(physical - value) <= (abs(physical - before) if known else 0.0) + TOLERANCE + 1e-12
            value = physical
    assert takeovers > 50


@pytest.mark.parametrize("seed", range(20))
def test_a_sweep_over_the_whole_way_always_takes_over(seed: int) -> None:
    random = np.random.default_rng(seed)
    value, pickup = float(random.random()), Pickup()
    followed = []
    for physical in np.linspace(0, 1, 7 + seed):
        pickup, follows = pickup.moved(float(physical), value)
        followed.append(follows)
        value = float(physical) if follows else value
    assert followed[-1]
    assert followed == sorted(followed), "once in charge, in charge"


def test_the_detent_holds_the_middle_and_keeps_order_and_ends() -> None:
    shares = np.linspace(0, 1, 16384)
    bent = np.array([with_detent(share) for share in shares])
    assert (bent[0], bent[-1]) == (0.0, 1.0)
    assert (np.diff(bent) >= 0).all()
    assert np.diff(bent).max() < 1e-4, "no step anywhere"
    assert (bent[np.abs(shares - 0.5) <= DETENT] == 0.5).all()
    np.testing.assert_allclose(bent + bent[::-1], 1.0, atol=1e-12)


def test_a_knob_of_seven_bits_finds_zero() -> None:
    assert [n for n in range(128) if with_detent(n / 127) == 0.5] == [62, 63, 64, 65]
