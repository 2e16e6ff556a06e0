"""Ramps are continuous, exact at their ends, and independent of how the sound is cut into blocks."""

import numpy as np
import pytest

from engine.audio.gain import GainRamp, Tail


def played(gain: GainRamp, count: int, block: int = 512) -> np.ndarray:
    ones = np.ones((count, 2), np.float32)
    for start in range(0, count, block):
        gain.apply(ones[start : start + block])
    np.testing.assert_array_equal(ones[:, 0], ones[:, 1])
    return ones[:, 0]


@pytest.mark.parametrize("block", [1, 7, 100, 512])
def test_ramp_is_the_same_line_for_any_blocks(block: int) -> None:
    gain = GainRamp(0.0, 512)
    gain.request(0.8, 300)
    curve = played(gain, 1000, block)
    np.testing.assert_allclose(curve[:300], 0.8 * np.arange(1, 301) / 300, atol=1e-5)
    np.testing.assert_array_equal(curve[300:], np.float32(0.8))


def test_a_new_request_goes_on_from_where_the_old_one_was() -> None:
    gain = GainRamp(0.0, 512)
    gain.request(1.0, 400)
    first = played(gain, 200)
    gain.request(0.0, 100)
    second = played(gain, 200)
    assert first[-1] == pytest.approx(0.5)
    assert np.abs(np.diff(np.concatenate([first, second]))).max() <= 0.5 / 100 + 1e-6
    assert second[-1] == 0.0
    assert gain.silent


def test_unity_leaves_the_samples_alone() -> None:
    block = np.random.default_rng(0).standard_normal((64, 2)).astype(np.float32)
    before = block.copy()
    GainRamp(1.0, 64).apply(block)
    np.testing.assert_array_equal(block, before)


def test_silence_is_known_only_once_it_is_reached() -> None:
    gain = GainRamp(1.0, 512)
    gain.request(0.0, 100)
    assert not gain.silent
    played(gain, 99)
    assert not gain.silent
    played(gain, 1)
    assert gain.silent
    gain.request(1.0, 10)
    assert not gain.silent


def test_rise_comes_back_to_the_target_from_silence() -> None:
    gain = GainRamp(1.0, 512)
    gain.rise(50)
    curve = played(gain, 100)
    np.testing.assert_allclose(curve[:50], np.arange(1, 51) / 50, atol=1e-6)
    assert (curve[50:] == 1.0).all()


def test_skip_is_at_the_target_at_once() -> None:
    gain = GainRamp(1.0, 512)
    gain.request(0.0, 1000)
    gain.skip()
    assert gain.silent


def test_tail_dies_away_from_the_last_sample_over_several_blocks() -> None:
    tail = Tail(10, 2)
    out = np.full((25, 2), 9.0, np.float32)
    tail.start(np.array([1.0, -0.5], np.float32))
    for start in (0, 4, 8, 12):
        tail.fill(out[start : start + 4] if start < 12 else out[12:])
    np.testing.assert_allclose(out[:10, 0], np.arange(9, -1, -1) / 10, atol=1e-6)
    np.testing.assert_allclose(out[:10, 1], -0.5 * out[:10, 0], atol=1e-6)
    assert (out[10:] == 0.0).all()
