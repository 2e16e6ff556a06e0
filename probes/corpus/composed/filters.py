"""Filters, levels and the reverb of the mixing desk; mono, at :data:`SAMPLE_RATE_HZ`."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import butter, lfilter, oaconvolve, sosfilt

SAMPLE_RATE_HZ = 32_000
BLOCK_SAMPLES = 128
FRAME_SAMPLES = 1_600
Signal = npt.NDArray[np.float64]


@cache
def _butterworth(kind: str, *corners_hz: float) -> Signal:
    corners = corners_hz[0] if len(corners_hz) == 1 else list(corners_hz)
    return np.asarray(butter(2, corners, kind, fs=SAMPLE_RATE_HZ, output="sos"), dtype=np.float64)


def high_pass(signal: Signal, corner_hz: float) -> Signal:
    """Second-order Butterworth."""
    return np.asarray(sosfilt(_butterworth("highpass", corner_hz), signal))


def band_pass(signal: Signal, low_hz: float, high_hz: float) -> Signal:
    """Second-order Butterworth."""
    return np.asarray(sosfilt(_butterworth("bandpass", low_hz, round(high_hz)), signal))


def moving_low_pass(signal: Signal, cutoff_hz: Signal, resonance: float) -> Signal:
    """A resonant low-pass (R. Bristow-Johnson's cookbook) whose cutoff changes every 128 samples.

    ``cutoff_hz`` has one value a block.

    The blocks run side by side, one sample of each at a time: first from rest, which tells what every block adds to
    the state, then from the states that follow. The result is that of the plain recursion.
    """
    omega = 2 * np.pi * np.clip(cutoff_hz, 40, SAMPLE_RATE_HZ * 0.45) / SAMPLE_RATE_HZ
    alpha, cosine = np.sin(omega) / (2 * resonance), np.cos(omega)
    feed, a1, a2 = (1 - cosine) / (1 + alpha), -2 * cosine / (1 + alpha), (1 - alpha) / (1 + alpha)
    count = len(omega)
    padded = np.zeros(count * BLOCK_SAMPLES)
    padded[: len(signal)] = signal
    columns = np.ascontiguousarray(padded.reshape(count, BLOCK_SAMPLES).T) * (feed / 2)
    first, second = np.zeros(count), np.zeros(count)
    for column in columns:
        out = column + first
        first, second = 2 * column - a1 * out + second, column - a2 * out
    # The state after a block of silence: the recursion's matrix to the power of its length.
    decay = np.zeros((count, 2, 2))
    decay[:, 0, 0], decay[:, 0, 1], decay[:, 1, 0] = -a1, 1, -a2
    decay = np.linalg.matrix_power(decay, BLOCK_SAMPLES)
    starts = np.zeros((count, 2))
    state_1 = state_2 = 0.0
    for block, ((m11, m12), (m21, m22), added_1, added_2) in enumerate(
        zip(*decay.transpose(1, 0, 2).tolist(), first.tolist(), second.tolist(), strict=True)
    ):
        starts[block] = state_1, state_2
        state_1, state_2 = m11 * state_1 + m12 * state_2 + added_1, m21 * state_1 + m22 * state_2 + added_2
    first, second = starts[:, 0].copy(), starts[:, 1].copy()
    for column in columns:
        out = column + first
        first, second = 2 * column - a1 * out + second, column - a2 * out
        column[:] = out
    return columns.T.reshape(-1)[: len(signal)]


def blocks(samples: int) -> int:
    """How many blocks of the moving filter cover a signal."""
    return -(-samples // BLOCK_SAMPLES)


def gated_rms(signal: Signal) -> float:
    """Root mean square of the 50 ms frames that are neither silent nor 20 dB below the mean; 1e-6 for silence."""
    frames = signal[: len(signal) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    power = np.square(frames).mean(axis=1)
    power = power[power > 1e-7]
    if not len(power):
        return 1e-6
    return float(np.sqrt(power[power > power.mean() * 0.01].mean()))


@cache
def _impulse_response(tenths: int) -> Signal:
    """A decaying noise tail, its highs dying sooner, of ``tenths`` / 10 s; unit energy."""
    decay_s = tenths / 10
    time = np.arange(int(min(decay_s * 1.1, 3.0) * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    noise = np.random.default_rng(tenths).standard_normal(len(time))
    dull = lfilter([0.25], [1, -0.75], noise)
    tail = 1.6 * dull * np.exp(-6.9 * time / decay_s) + 0.5 * (noise - dull) * np.exp(-6.9 * time / (decay_s * 0.45))
    tail *= np.clip(time / 0.012, 0, 1)
    tail[: int(0.008 * SAMPLE_RATE_HZ)] = 0
    return np.asarray(tail / np.sqrt(np.square(tail).sum()))


def reverb(signal: Signal, decay_s: float, wet: float) -> Signal:
    """Add a room of that decay, without its lows."""
    tail = oaconvolve(signal, _impulse_response(max(3, round(decay_s * 10))))[: len(signal)]
    tail = tail - lfilter([0.03], [1, -0.97], tail) * 0.8
    return np.asarray(signal * (1 - wet * 0.4) + wet * 1.6 * tail)


def limit(signal: Signal, ceiling: float, *, lookahead_s: float = 0.004, release_s: float = 0.08) -> Signal:
    """A look-ahead peak limiter with exponential release; output within ± ``ceiling``."""
    reduction = np.minimum(1, ceiling / np.maximum(np.abs(signal), 1e-9))
    if reduction.min() >= 1:
        return signal
    ahead = int(lookahead_s * SAMPLE_RATE_HZ)
    gain = minimum_filter1d(reduction, 2 * ahead + 1)
    # The release: a decaying maximum of the reduction, u[i] = max(r[i], a·u[i−1]), every 16 samples, in the log domain.
    stride = 16
    decay = -stride / (release_s * SAMPLE_RATE_HZ)
    coarse = gain[::stride]
    ramp = np.arange(len(coarse)) * decay
    released = 1 - np.exp(np.maximum.accumulate(np.log(np.maximum(1 - coarse, 1e-12)) - ramp) + ramp)
    gain = np.minimum(gain, np.interp(np.arange(len(signal)), np.arange(len(coarse)) * stride, released))
    gain = uniform_filter1d(gain, ahead // 2 * 2 + 1)
    return np.clip(signal * gain, -ceiling, ceiling)
