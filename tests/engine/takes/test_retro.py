"""The last minute, whenever it is asked for."""

import numpy as np
import pytest
from invented_performance import CODEBOOKS, HOP, RATE, Tune

from engine.takes.passage import Passage
from engine.takes.retro import Retro


@pytest.fixture
def retro() -> Retro:
    return Retro(RATE, 2, CODEBOOKS, HOP, seconds=2.0)


def test_nothing_played_is_nothing_to_keep(retro: Retro) -> None:
    assert retro.keep() is None


@pytest.mark.parametrize("frames", [1, 3, 50, 130])
@pytest.mark.parametrize("played", [10, 100, 101, 260])
def test_keeps_exactly_the_last_seconds(retro: Retro, tune: Tune, frames: int, played: int) -> None:
    for passage in tune.passages(0, played, frames):
        retro.push(passage)
    kept = retro.keep()
    first = max(played - 100, 0)
    assert kept is not None
    assert (kept.frame, kept.sample) == (first, first * HOP)
    np.testing.assert_array_equal(kept.codes, tune.codes(first, played))
    np.testing.assert_array_equal(kept.samples, tune.samples(first * HOP, played * HOP))


def test_what_is_kept_does_not_change_while_the_music_goes_on(retro: Retro, tune: Tune) -> None:
    for passage in tune.passages(0, 100):
        retro.push(passage)
    kept = retro.keep()
    for passage in tune.passages(100, 180):
        retro.push(passage)
    assert kept is not None
    np.testing.assert_array_equal(kept.samples, tune.samples(0, 100 * HOP))


def test_a_new_performance_drops_the_old_one(retro: Retro, tune: Tune) -> None:
    for start in (0, 0):
        for passage in tune.passages(start, 30):
            retro.push(passage)
    kept = retro.keep()
    assert kept is not None
    assert kept.samples.shape == (30 * HOP, 2)


def test_sound_may_lag_behind_the_codes(retro: Retro, tune: Tune) -> None:
    lag = 200
    for frame in range(150):
        start, stop = max(frame * HOP - lag, 0), (frame + 1) * HOP - lag
        retro.push(Passage(frame, tune.codes(frame, frame + 1), start, tune.samples(start, stop)))
    kept = retro.keep()
    assert kept is not None
    assert kept.sample == 150 * HOP - lag - 2 * RATE
    np.testing.assert_array_equal(kept.samples, tune.samples(kept.sample, kept.sample + 2 * RATE))
    np.testing.assert_array_equal(kept.codes, tune.codes(50, 150))
