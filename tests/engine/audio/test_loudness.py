"""Loudness against pyloudnorm, the recommendation's own coefficients, and EBU Tech 3341's reference signals."""

import math
import time

import numpy as np
import pyloudnorm
import pytest

from engine.audio.loudness import LoudnessMeter, integrated_lufs, k_weighting, true_peak_dbtp


def sine(rate_hz: int, seconds: float, level_dbfs: float, frequency_hz: float = 1000.0) -> np.ndarray:
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * np.arange(round(rate_hz * seconds)) / rate_hz)
    return wave.astype(np.float32)


def music(rate_hz: int, seconds: float, channels: int) -> np.ndarray:
    """Coloured noise in phrases between loud and nearly silent, so that both gates matter."""
    rng = np.random.default_rng(1)
    noise = np.cumsum(rng.standard_normal((round(rate_hz * seconds), channels)), axis=0)
    noise = np.diff(noise, axis=0, prepend=0) + 0.02 * noise / np.abs(noise).max()
    level = 10 ** (np.repeat(rng.uniform(-70, -10, 20), math.ceil(len(noise) / 20))[: len(noise), None] / 20)
    return (noise * level * 0.3).astype(np.float32)


def biquads_at_48k() -> np.ndarray:
    """Response of the two filters as the recommendation prints them (BS.1770-4, tables 1 and 2)."""
    impulse = np.zeros(4800)
    impulse[0] = 1.0
    for (b0, b1, b2), (a1, a2) in (
        ((1.53512485958697, -2.69169618940638, 1.19839281085285), (-1.69065929318241, 0.73248077421585)),
        ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)),
    ):
        out = np.zeros_like(impulse)
        for n in range(len(impulse)):
            x = [impulse[n - k] if n >= k else 0.0 for k in range(3)]
            y = [out[n - k] if n >= k else 0.0 for k in (1, 2)]
            out[n] = b0 * x[0] + b1 * x[1] + b2 * x[2] - a1 * y[0] - a2 * y[1]
        impulse = out
    return impulse


def test_weighting_is_the_recommendations_at_48_khz() -> None:
    np.testing.assert_allclose(k_weighting(48000)[:4800], biquads_at_48k(), atol=1e-6)


@pytest.mark.parametrize("rate_hz", [32000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_integrated_agrees_with_pyloudnorm(rate_hz: int, channels: int) -> None:
    sound = music(rate_hz, 20.0, channels)
    expected = pyloudnorm.Meter(rate_hz).integrated_loudness(sound.astype(np.float64))
    assert integrated_lufs(sound, rate_hz) == pytest.approx(expected, abs=0.1)


def test_hours_are_gated_as_quickly_as_minutes() -> None:
    """Every 100 ms, on the thread that makes the music."""

    def seconds_a_step(meter: LoudnessMeter) -> float:
        steps = music(8000, 10.0, 1)
        started = time.perf_counter()
        meter.push(steps)
        return (time.perf_counter() - started) / 100

    fresh, old = LoudnessMeter(8000, 1), LoudnessMeter(8000, 1)
    rng = np.random.default_rng(3)
    for mean_square in 10.0 ** rng.uniform(-5.0, -1.0, 300_000):  # eight hours
        old._blocks.push(float(mean_square))
    seconds_a_step(fresh)
    assert min(seconds_a_step(old) for _ in range(3)) < 3.0 * min(seconds_a_step(fresh) for _ in range(3))


@pytest.mark.parametrize("block", [1, 640, 3200, 5000])
def test_blocks_do_not_matter(block: int) -> None:
    sound = music(32000, 1.2 if block == 1 else 8.0, 2)
    meter = LoudnessMeter(32000, 2)
    for start in range(0, len(sound), block):
        meter.push(sound[start : start + block])
    assert meter.current.integrated_lufs == pytest.approx(integrated_lufs(sound, 32000), abs=1e-9)


def test_momentary_and_short_term_agree_with_pyloudnorm_on_their_windows() -> None:
    rate_hz, sound = 32000, music(32000, 12.0, 2)
    meter = LoudnessMeter(rate_hz, 2)
    for step in range(1, 121):
        meter.push(sound[(step - 1) * 3200 : step * 3200])
        if step in (40, 77, 120):
            for window_s, value in ((0.4, meter.current.momentary_lufs), (3.0, meter.current.short_term_lufs)):
                oracle = pyloudnorm.Meter(rate_hz, block_size=window_s, overlap=0.0)
                # From the start, so that its filters have settled as ours have.
                tail = sound[: step * 3200].astype(np.float64)
                whole = round(window_s * rate_hz)
                tail = tail[len(tail) % whole :]
                oracle.integrated_loudness(tail)
                assert value == pytest.approx(oracle.blockwise_loudness[-1], abs=0.1)


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_ebu_3341_case_1_and_2(level: float) -> None:
    stereo = np.repeat(sine(48000, 20.0, level)[:, None], 2, axis=1)
    meter = LoudnessMeter(48000, 2)
    meter.push(stereo)
    assert meter.current == pytest.approx((level, level, level), abs=0.1)


def test_ebu_3341_case_3_relative_gate() -> None:
    parts = [sine(48000, 10.0, -36.0), sine(48000, 60.0, -23.0), sine(48000, 10.0, -36.0)]
    stereo = np.repeat(np.concatenate(parts)[:, None], 2, axis=1)
    assert integrated_lufs(stereo, 48000) == pytest.approx(-23.0, abs=0.1)


def test_ebu_3341_case_4_absolute_gate() -> None:
    levels = ((10.0, -72.0), (10.0, -36.0), (60.0, -23.0), (10.0, -36.0), (10.0, -72.0))
    stereo = np.repeat(np.concatenate([sine(48000, *part) for part in levels])[:, None], 2, axis=1)
    assert integrated_lufs(stereo, 48000) == pytest.approx(-23.0, abs=0.1)


def test_nothing_measured_is_minus_infinity() -> None:
    meter = LoudnessMeter(32000, 1)
    assert meter.current.integrated_lufs == -math.inf
    meter.push(np.zeros((64000, 1), np.float32))
    assert meter.current == (-math.inf, -math.inf, -math.inf)


def test_reading_at_a_sample_is_what_had_been_heard_by_then() -> None:
    meter = LoudnessMeter(32000, 1)
    meter.push(sine(32000, 2.0, -20.0)[:, None])
    before = meter.current
    meter.push(sine(32000, 1.0, -40.0)[:, None])
    assert meter.at(64000) == before
    assert meter.at(66000) == before
    assert meter.at(10**9) == meter.current != before
    assert meter.at(10).momentary_lufs == -math.inf


def test_true_peak_lies_between_the_samples() -> None:
    # A quarter of the sample rate, sampled at 45°: every sample is 3 dB below the crest (EBU 3341, case 15 and after).
    crest = 0.5 * np.sin(2 * np.pi * 12000 * np.arange(48000) / 48000 + np.pi / 4)
    fade = np.minimum(1.0, np.minimum(np.arange(48000), np.arange(48000)[::-1]) / 2000)
    sound = (crest * fade).astype(np.float32)[:, None]
    assert 20 * np.log10(np.abs(sound).max()) < -9.0
    assert true_peak_dbtp(sound, 48000) == pytest.approx(-6.02, abs=0.2)
    assert true_peak_dbtp(np.zeros((0, 1), np.float32), 48000) == -math.inf
