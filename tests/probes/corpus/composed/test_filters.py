from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.signal import sosfilt

from probes.corpus.composed.filters import (
    BLOCK_SAMPLES,
    SAMPLE_RATE_HZ,
    band_pass,
    blocks,
    gated_rms,
    high_pass,
    limit,
    moving_low_pass,
    reverb,
)


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).standard_normal(SAMPLE_RATE_HZ)


def cookbook_low_pass(cutoff_hz: float, resonance: float) -> np.ndarray:
    omega = 2 * np.pi * cutoff_hz / SAMPLE_RATE_HZ
    alpha, cosine = np.sin(omega) / (2 * resonance), np.cos(omega)
    return np.array([[(1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha]]) / (1 + alpha)


@pytest.mark.parametrize("length", [1, 127, 128, 129, 20_000])
@pytest.mark.parametrize("resonance", [0.7, 12.0])
def test_the_moving_low_pass_is_the_plain_recursion(noise: np.ndarray, length: int, resonance: float) -> None:
    signal = noise[:length]
    cutoffs = 300 * 30 ** np.random.default_rng(1).random(blocks(length))
    expected, state = [], np.zeros((1, 2))
    for block, cutoff in enumerate(cutoffs):
        part = signal[block * BLOCK_SAMPLES : (block + 1) * BLOCK_SAMPLES]
        out, state = sosfilt(cookbook_low_pass(cutoff, resonance), part, zi=state)
        expected.append(out)
    expected = np.concatenate(expected)
    np.testing.assert_allclose(
        moving_low_pass(signal, cutoffs, resonance), expected, atol=1e-9 * np.abs(expected).max()
    )


def test_gated_rms_ignores_silence() -> None:
    tone = np.sin(2 * np.pi * 400 * np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ)
    assert gated_rms(tone) == pytest.approx(np.sqrt(0.5), rel=1e-6)
    assert gated_rms(np.concatenate([tone, np.zeros(3 * SAMPLE_RATE_HZ), tone * 0.001])) == pytest.approx(np.sqrt(0.5))
    assert gated_rms(np.zeros(5_000)) == 1e-6
    assert gated_rms(np.zeros(10)) == 1e-6


def test_the_limiter_holds_its_ceiling_and_leaves_quiet_alone(noise: np.ndarray) -> None:
    quiet = noise / np.abs(noise).max() * 0.5
    np.testing.assert_array_equal(limit(quiet, 0.89), quiet)
    loud = quiet.copy()
    loud[10_000:10_100] *= 20
    limited = limit(loud, 0.89)
    assert np.abs(limited).max() <= 0.89
    np.testing.assert_allclose(limited[:9_000], loud[:9_000], atol=1e-12)
    np.testing.assert_allclose(limited[-2_000:], loud[-2_000:], atol=1e-3)
    gain = np.abs(limited[10_100:10_900]).mean() / np.abs(loud[10_100:10_900]).mean()
    assert 0.05 < gain < 0.95  # still releasing


def test_the_reverb_rings_and_fades(noise: np.ndarray) -> None:
    impulse = np.zeros(2 * SAMPLE_RATE_HZ)
    impulse[0] = 1
    dry = reverb(impulse, 1.0, 0.0)
    np.testing.assert_allclose(dry, impulse, atol=1e-12)
    tail = reverb(impulse, 1.0, 0.3)
    energies = [np.square(part).sum() for part in np.split(tail[SAMPLE_RATE_HZ // 10 :][: 5 * 9_000], 5)]
    assert all(later < earlier * 0.5 for earlier, later in itertools.pairwise(energies))


@pytest.mark.parametrize(("frequency_hz", "passes"), [(40, False), (600, True), (12_000, False)])
def test_the_band_pass_keeps_the_middle(frequency_hz: float, passes: bool) -> None:
    tone = np.sin(2 * np.pi * frequency_hz * np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ)
    out = band_pass(tone, 90, 5200)[SAMPLE_RATE_HZ // 2 :]
    assert (np.abs(out).max() > 0.9) == passes


def test_the_high_pass_removes_an_offset() -> None:
    assert abs(high_pass(np.ones(2 * SAMPLE_RATE_HZ), 28)[SAMPLE_RATE_HZ:]).max() < 1e-3
