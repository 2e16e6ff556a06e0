"""Clips at one loudness: louder sounds better, whatever is played."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.audio.loudness import integrated_lufs, true_peak_dbtp
from probes.moments import Floats

#: EBU R 128's; leaves room for peaks, and the monitor can be turned up
TARGET_LUFS = -23.0
HIGHEST_PEAK_DBTP = -1.0
FADE_S = 0.02


def match(clips: Sequence[Floats], rate_hz: int) -> list[Floats]:
    """Mono clips ``(S,)`` that are compared with each other, all at one integrated loudness (BS.1770-4).

    That is :data:`TARGET_LUFS`, or less where one of them would pass the highest peak: none is limited, and the gain
    follows the same rule on either side. A clip in which nothing can be heard stays as it is. Both ends are faded.
    """
    faded = [_fade(clip, rate_hz) for clip in clips]
    loudness = [integrated_lufs(clip[:, None], rate_hz) for clip in faded]
    peaks = [true_peak_dbtp(clip[:, None], rate_hz) for clip in faded]
    audible = [math.isfinite(lufs) for lufs in loudness]
    room = [
        lufs + HIGHEST_PEAK_DBTP - peak for lufs, peak, heard in zip(loudness, peaks, audible, strict=True) if heard
    ]
    target = min([TARGET_LUFS, *room])
    gains_db = [target - lufs if heard else 0.0 for lufs, heard in zip(loudness, audible, strict=True)]
    return [
        np.clip(clip * np.float32(10 ** (gain_db / 20)), -1, 1) for clip, gain_db in zip(faded, gains_db, strict=True)
    ]


def _fade(clip: Floats, rate_hz: int) -> Floats:
    """A continuation begins in full sound: without a fade it would begin with a click."""
    length = min(round(FADE_S * rate_hz), len(clip) // 2)
    ramp = np.sin(np.linspace(0, np.pi / 2, length, endpoint=False, dtype=np.float32)) ** 2
    faded = clip.astype(np.float32)
    faded[:length] *= ramp
    faded[len(faded) - length :] *= ramp[::-1]
    return faded
