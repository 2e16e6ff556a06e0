"""The ring loses, repeats and reorders nothing, whatever the interleaving."""

import threading
import time

import numpy as np
import pytest

from engine.audio.ring import Ring


def ramp(start: int, count: int, channels: int = 2) -> np.ndarray:
    """Samples that carry their own index, so that any loss shows."""
    return np.repeat(np.arange(start, start + count, dtype=np.float32)[:, None], channels, axis=1)


def test_what_goes_in_comes_out_across_many_wraps() -> None:
    ring, rng = Ring(97, 2), np.random.default_rng(0)
    written = heard = 0
    out = np.empty((64, 2), np.float32)
    while heard < 5000:
        count = int(rng.integers(1, 60))
        if ring.write(ramp(written, count)):
            written += count
        want = int(rng.integers(1, 64))
        got = ring.read_into(out[:want])
        np.testing.assert_array_equal(out[:got], ramp(heard, got))
        heard += got
        assert ring.available == written - heard
        assert ring.free == 97 - (written - heard)


def test_a_block_that_does_not_fit_is_not_written_in_part() -> None:
    ring = Ring(10, 1)
    assert ring.write(ramp(0, 7, 1))
    assert not ring.write(ramp(7, 4, 1))
    assert ring.available == 7
    assert ring.write(ramp(7, 3, 1))
    assert ring.free == 0


def test_short_read_says_how_much_was_there_and_leaves_the_rest_alone() -> None:
    ring = Ring(8, 1)
    ring.write(ramp(1, 3, 1))
    out = np.full((5, 1), -1.0, np.float32)
    assert ring.read_into(out) == 3
    assert out[:, 0].tolist() == [1, 2, 3, -1, -1]


def test_reset_is_asked_by_the_producer_and_done_by_the_consumer() -> None:
    ring = Ring(8, 1)
    ring.write(ramp(0, 6, 1))
    ring.request_reset()
    assert ring.reset_pending
    assert ring.available == 0
    assert ring.free == 2, "nothing is given back before the consumer agrees"
    assert ring.write(ramp(100, 2, 1)), "what follows the reset is kept"
    out = np.empty((4, 1), np.float32)
    assert ring.read_into(out) == 2
    assert out[:2, 0].tolist() == [100, 101]
    assert not ring.reset_pending
    assert ring.free == 8


def test_a_reset_of_an_empty_ring_is_one_too() -> None:
    ring = Ring(8, 1)
    ring.request_reset()
    assert ring.reset_pending
    ring.read_into(np.empty((0, 1), np.float32))
    assert not ring.reset_pending


def test_reset_of_what_was_read_meanwhile_drops_nothing_new() -> None:
    ring, out = Ring(8, 1), np.empty((8, 1), np.float32)
    ring.write(ramp(0, 4, 1))
    ring.request_reset()
    ring.read_into(out)
    ring.write(ramp(4, 3, 1))
    assert ring.read_into(out) == 3
    assert out[:3, 0].tolist() == [4, 5, 6]


def test_two_threads_without_a_lock() -> None:
    ring, total = Ring(256, 2), 200_000
    faults: list[str] = []

    def consume() -> None:
        out, heard = np.empty((50, 2), np.float32), 0
        while heard < total:
            got = ring.read_into(out)
            if not np.array_equal(out[:got], ramp(heard, got)):
                faults.append(f"after {heard}")
                return
            heard += got
            if not got:
                time.sleep(0)

    consumer = threading.Thread(target=consume)
    consumer.start()
    written = 0
    while written < total and consumer.is_alive():
        count = min(64, total - written)
        if ring.write(ramp(written, count)):
            written += count
        else:
            time.sleep(0)
    consumer.join(30)
    assert not consumer.is_alive()
    assert not faults


@pytest.mark.parametrize(("capacity", "channels"), [(0, 1), (1, 0)])
def test_a_ring_that_holds_nothing_is_refused(capacity: int, channels: int) -> None:
    with pytest.raises(ValueError, match="holds nothing"):
        Ring(capacity, channels)
