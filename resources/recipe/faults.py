"""Ways for generated audio to fail: silence, noise, clipping, a stuck loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from resources.recipe.spectra import HOP_SAMPLES, Samples, log_mel_db, magnitudes

SILENT_BELOW_DB = -50.0
SILENT_SHARE = 0.5
# Power spectra of white noise have a flatness of 0.56, music has a tenth of that.
NOISE_FLATNESS = 0.3
CLIPPED_FROM = 0.999
CLIPPED_SHARE = 1e-3
LOOP_SECONDS = 3.0
LOOP_LAGS_S = (0.02, 0.25)
LOOP_DISTANCE_DB = 1.0


@dataclass(frozen=True)
class Faults:
    """What is wrong with a recording."""

    silent: bool
    noisy: bool
    clipped: bool
    looping: bool

    @property
    def any(self) -> bool:
        """Whether anything is."""
        return any(getattr(self, field.name) for field in fields(self))


def find_faults(samples: Samples, rate_hz: int) -> Faults:
    """Judge ``(S,)`` samples in −1 … 1."""
    blocks = samples[: len(samples) // HOP_SAMPLES * HOP_SAMPLES].reshape(-1, HOP_SAMPLES)
    level_db = 10 * np.log10(np.square(blocks, dtype=np.float64).mean(1) + 1e-12)
    silent = bool((level_db < SILENT_BELOW_DB).mean() > SILENT_SHARE)
    clipped = bool((np.abs(samples) >= CLIPPED_FROM).mean() > CLIPPED_SHARE)
    return Faults(silent, not silent and _is_noise(samples), clipped, not silent and _is_stuck(samples, rate_hz))


def _is_noise(samples: Samples) -> bool:
    power = np.square(magnitudes(samples)) + 1e-12
    sounding = power.mean(1) > 1e-9
    flatness = np.exp(np.log(power).mean(1)) / power.mean(1)
    return bool(np.median(flatness[sounding]) > NOISE_FLATNESS)


def _is_stuck(samples: Samples, rate_hz: int) -> bool:
    """Whether the spectrum repeats itself at one short lag for seconds on end."""
    spectrum = log_mel_db(samples, rate_hz)
    frame_rate_hz = rate_hz / HOP_SAMPLES
    first, last = (max(1, round(lag_s * frame_rate_hz)) for lag_s in LOOP_LAGS_S)
    run = round(LOOP_SECONDS * frame_rate_hz)
    for lag in range(first, last + 1):
        same = np.abs(spectrum[lag:] - spectrum[:-lag]).mean(1) < LOOP_DISTANCE_DB
        ends = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
        if len(ends) and np.diff(ends)[::2].max() >= run:
            return True
    return False


def fault_rates(found: Sequence[Faults]) -> dict[str, float]:
    """Share of recordings with each fault, and with any."""
    rates = {field.name: float(np.mean([getattr(f, field.name) for f in found])) for field in fields(Faults)}
    return rates | {"any": float(np.mean([f.any for f in found]))}
