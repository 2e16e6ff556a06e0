"""What an ear is told of a stretch of sound: statistics of its log-mel spectrogram and of its rhythm, at any level.

Nothing here knows of the model that made the sound: a judge that shared features with the probes would agree with them.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.fft import dct

from engine.audio.spectrogram import mel_filters
from probes.moments import Doubles, Floats

RATE_HZ = 16_000
WINDOW_SAMPLES = 1024
HOP_SAMPLES = 320  # 50 frames a second
MEL_BANDS = 48
CEPSTRUM = 20
LOWEST_HZ, HIGHEST_HZ = 40.0, 8_000.0
#: energy below this share of the loudest frame's is silence: codecs and dithers differ there
FLOOR = 1e-5
RHYTHM_LAGS = slice(5, 100, 2)
SIZE = 3 * MEL_BANDS + 2 * (CEPSTRUM - 1) + 2 + 48


@cache
def mel_weights() -> Doubles:
    """``(MEL_BANDS, bins)``; rows sum to 1."""
    triangles = mel_filters(RATE_HZ, WINDOW_SAMPLES, MEL_BANDS, LOWEST_HZ, HIGHEST_HZ)
    return triangles / triangles.sum(1, keepdims=True)


def spectrogram(samples: Floats, rate_hz: int) -> Doubles:
    """Power of mono samples ``(S,)``, ``(frames, bins)``."""
    wide = soxr.resample(samples.astype(np.float64), rate_hz, RATE_HZ)
    if len(wide) < WINDOW_SAMPLES:
        wide = np.pad(wide, (0, WINDOW_SAMPLES - len(wide)))
    frames = np.lib.stride_tricks.sliding_window_view(wide, WINDOW_SAMPLES)[::HOP_SAMPLES]
    return np.abs(np.fft.rfft(frames * np.hanning(WINDOW_SAMPLES))) ** 2


def log_mel(power: Doubles) -> Doubles:
    """Natural log of the mel energies relative to the loudest frame's, ``(frames, MEL_BANDS)``."""
    energies = power @ mel_weights().T
    loudest = max(float(energies.sum(1).max()), 1e-12)
    return np.log(np.maximum(energies / loudest, FLOOR))


def describe(samples: Floats, rate_hz: int) -> Floats:
    """Features ``(SIZE,)`` of mono samples ``(S,)``. Louder or softer makes no difference."""
    bands = log_mel(spectrogram(samples, rate_hz))
    cepstrum = dct(bands, axis=1, norm="ortho")[:, 1:CEPSTRUM]
    change = np.diff(bands, axis=0) if len(bands) > 1 else np.zeros_like(bands)
    onsets = np.maximum(change, 0).mean(1)
    parts = [
        bands.mean(0) - bands.mean(),
        bands.std(0),
        np.abs(change).mean(0),
        cepstrum.std(0),
        np.abs(np.diff(cepstrum, axis=0)).mean(0) if len(bands) > 1 else np.zeros(CEPSTRUM - 1),
        np.array([onsets.mean(), onsets.std()]),
        rhythm(onsets),
    ]
    return np.concatenate(parts).astype(np.float32)


def rhythm(onsets: NDArray[np.float64]) -> Doubles:
    """Autocorrelation of the onsets at lags from 0.1 to 2 s, ``(48,)``."""
    lags = np.arange(1000)[RHYTHM_LAGS]
    centred = onsets - onsets.mean()
    power = float(centred @ centred)
    if power == 0 or len(centred) <= lags[-1]:
        return np.zeros(len(lags))
    return np.array([centred[lag:] @ centred[:-lag] for lag in lags]) / power
