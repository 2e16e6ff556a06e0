"""Log-mel spectra in decibels: what the measurements compare, judge and draw."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Spectrum = NDArray[np.float32]

BANDS = 80
WINDOW_SAMPLES = 2048
HOP_SAMPLES = 512
# Below the level of a full-scale sine; quieter differences are not heard.
FLOOR_DB = -80.0


@cache
def _filters(rate_hz: int) -> NDArray[np.float32]:
    import librosa

    return librosa.filters.mel(sr=rate_hz, n_fft=WINDOW_SAMPLES, n_mels=BANDS).astype(np.float32)


def magnitudes(samples: Samples) -> NDArray[np.float32]:
    """``(S,)`` → ``(frames, bins)`` magnitudes of Hann windows; a full-scale sine reads 1 in its bin."""
    window = np.hanning(WINDOW_SAMPLES + 1)[:-1].astype(np.float32)
    padded = np.pad(samples, (WINDOW_SAMPLES // 2, WINDOW_SAMPLES // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES]
    return (np.abs(np.fft.rfft(frames * window)) * (2 / window.sum())).astype(np.float32)


def log_mel_db(samples: Samples, rate_hz: int) -> Spectrum:
    """``(S,)`` → ``(frames, 80)`` in dB under full scale, floored at :data:`FLOOR_DB`."""
    filters = _filters(rate_hz)
    # Slaney's filters have unit area: divided by their sum, a band reads the mean magnitude under it
    bands = magnitudes(samples) @ (filters / filters.sum(1, keepdims=True)).T
    return np.maximum(20 * np.log10(np.maximum(bands, 1e-9)), FLOOR_DB).astype(np.float32)


def log_mel_distance_db(ours: Samples, theirs: Samples, rate_hz: int) -> float:
    """Mean absolute difference of two spectra in dB."""
    return float(np.abs(log_mel_db(ours, rate_hz) - log_mel_db(theirs, rate_hz)).mean())
