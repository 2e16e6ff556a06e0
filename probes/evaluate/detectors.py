"""Signs that a model has fallen apart: silence, noise, a frozen tone, clipping, tokens going round in a circle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.evaluate.features import RATE_HZ, WINDOW_SAMPLES, log_mel, spectrogram
from probes.moments import Floats

FRAME_S = 0.05
SILENT_DBFS = -50.0
MOST_SILENCE = 0.5  # share of the time
MOST_FLATNESS = 0.45  # white noise has 0.56, dense rock about 0.1
LEAST_CHANGE = 0.05  # mean change of the log-mel bands from frame to frame; music lies above 0.2
FLATNESS_BAND_HZ = (100, 6_000)  # codecs take away what is higher
CLIPPED_AT = 0.999
MOST_CLIPPED = 0.01
LOOP_FRAMES = range(1, 26)
MOST_LOOPED = 0.9


@dataclass(frozen=True)
class Faults:
    """What is wrong with a stretch of sound."""

    silent: bool
    noisy: bool
    frozen: bool
    clipped: bool

    def __bool__(self) -> bool:
        return self.silent or self.noisy or self.frozen or self.clipped


def listen_for_faults(samples: Floats, rate_hz: int) -> Faults:
    """Judge mono samples ``(S,)``, at least a tenth of a second."""
    length = round(FRAME_S * rate_hz)
    frames = samples[: len(samples) // length * length].reshape(-1, length).astype(np.float64)
    level_db = 20 * np.log10(np.sqrt((frames**2).mean(1)) + 1e-12)
    silent = bool((level_db < SILENT_DBFS).mean() > MOST_SILENCE)
    clipped = bool((np.abs(samples) >= CLIPPED_AT).mean() > MOST_CLIPPED)
    if silent:
        return Faults(True, False, False, clipped)
    power = spectrogram(samples, rate_hz)
    bands = log_mel(power)
    change = float(np.abs(np.diff(bands, axis=0)).mean()) if len(bands) > 1 else 0.0
    return Faults(False, flatness(power) > MOST_FLATNESS, change < LEAST_CHANGE, clipped)


def flatness(power: NDArray[np.float64]) -> float:
    """Median over frames of the spectral flatness: geometric by arithmetic mean of ``(frames, bins)``."""
    low, high = (round(hz * WINDOW_SAMPLES / RATE_HZ) for hz in FLATNESS_BAND_HZ)
    audible = np.maximum(power[:, low:high], 1e-12)
    return float(np.median(np.exp(np.log(audible).mean(1)) / audible.mean(1)))


def is_looping(codes: NDArray[np.int64]) -> bool:
    """Whether nearly all tokens ``(K, T)`` repeat those of some earlier frame within half a second."""
    return any((codes[:, lag:] == codes[:, :-lag]).mean() > MOST_LOOPED for lag in LOOP_FRAMES if lag < codes.shape[1])
