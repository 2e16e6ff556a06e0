"""What was written and not heard yet, whatever the blocks."""

import numpy as np
import pytest

from engine.audio.unheard import Unheard


def ramp(start: int, stop: int) -> np.ndarray:
    return np.arange(start, stop, dtype=np.float32)[:, None]


@pytest.mark.parametrize("samples", [0, 1, 5, 6, 7, 12])
def test_the_newest_are_the_last_that_were_written(samples: int) -> None:
    unheard = Unheard(1)
    for start in range(0, 12, 3):
        unheard.push(ramp(start, start + 3), 12)
    np.testing.assert_array_equal(unheard.newest(samples), ramp(12 - samples, 12))


def test_what_has_been_heard_is_let_go() -> None:
    unheard = Unheard(1)
    for start in range(0, 3000, 3):
        unheard.push(ramp(start, start + 3), 7)
    np.testing.assert_array_equal(unheard.newest(3000), ramp(2991, 3000))


def test_it_holds_a_copy_until_it_is_cleared() -> None:
    unheard, block = Unheard(2), np.ones((4, 2), np.float32)
    unheard.push(block, 4)
    block[:] = 0.0
    np.testing.assert_array_equal(unheard.newest(4), 1.0)
    unheard.clear()
    assert unheard.newest(4).shape == (0, 2)
