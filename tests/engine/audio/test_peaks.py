"""Meters against the definition, over whole signals."""

import math

import numpy as np
import pytest

from engine.audio.peaks import RELEASE_DB_PER_S, PeakMeter, Waveform, to_db

RATE = 32000


def test_peak_of_either_sign_per_channel() -> None:
    meter = PeakMeter(RATE, 2)
    block = np.zeros((320, 2), np.float32)
    block[3, 0], block[7, 1] = -0.5, 0.25
    meter.update(block)
    assert meter.levels_dbfs == pytest.approx((20 * math.log10(0.5), 20 * math.log10(0.25)))
    assert not meter.clipped


def test_level_falls_at_the_standard_rate_and_the_hold_waits() -> None:
    meter = PeakMeter(RATE, 1, hold_s=1.0)
    meter.update(np.full((1, 1), 0.5, np.float32))
    silence = np.zeros((320, 1), np.float32)
    for _ in range(90):
        meter.update(silence)
    assert meter.levels_dbfs[0] == pytest.approx(to_db(0.5) - 0.9 * RELEASE_DB_PER_S, abs=0.01)
    assert meter.held_dbfs[0] == pytest.approx(to_db(0.5))
    for _ in range(20):
        meter.update(silence)
    assert meter.held_dbfs[0] < to_db(0.5) - 0.9 * RELEASE_DB_PER_S


def test_clip_latches_until_it_is_reset() -> None:
    meter = PeakMeter(RATE, 1)
    meter.update(np.full((4, 1), -1.0, np.float32))
    meter.update(np.zeros((4, 1), np.float32))
    assert meter.clipped
    meter.reset_clip()
    assert not meter.clipped


@pytest.mark.parametrize("block", [1, 100, 320, 640, 999])
def test_outline_is_the_extremes_of_each_part_for_any_blocks(block: int) -> None:
    sound = np.random.default_rng(0).standard_normal((RATE, 2)).astype(np.float32)
    waveform = Waveform(RATE, history_s=2.0)
    for start in range(0, len(sound), block):
        waveform.push(sound[start : start + block])
    outline = waveform.outline(3200, 3200 + 640 * 20, 20)
    parts = sound[3200 : 3200 + 640 * 20].reshape(20, -1)
    np.testing.assert_array_equal(outline, np.stack([parts.min(axis=1), parts.max(axis=1)], axis=1))


def test_outline_is_unknown_before_the_history_and_after_the_end() -> None:
    waveform = Waveform(RATE, history_s=1.0)
    waveform.push(np.ones((3 * RATE, 1), np.float32))
    outline = waveform.outline(0, 4 * RATE, 8)
    assert np.isnan(outline[:4]).all()
    assert (outline[5] == 1.0).all()
    assert np.isnan(outline[6:]).all()
    waveform.clear()
    assert np.isnan(waveform.outline(0, RATE, 4)).all()


def test_more_columns_than_measurements() -> None:
    waveform = Waveform(RATE)
    waveform.push(np.linspace(0, 1, 3200, dtype=np.float32)[:, None])
    outline = waveform.outline(0, 640, 8)
    assert not np.isnan(outline).any()
    assert (outline[0] == outline[3]).all()
    assert outline[4, 0] > outline[3, 0]
