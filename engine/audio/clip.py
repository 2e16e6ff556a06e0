"""A stretch of a sound file at the rate and channels that a model wants."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from engine.audio.sound_file import damaged, open_sound
from engine.errors import AudioFileError

MIN_SECONDS = 0.1


def read_clip(
    path: Path, rate_hz: int, channels: int, start_s: float = 0.0, seconds: float | None = None
) -> NDArray[np.float32]:
    """Samples ``(channels, S)`` float32 from ``start_s`` on, for ``seconds`` or to the file's end.

    More channels than wanted are averaged into one; one is copied to as many as wanted.

    Raises:
        AudioFileError: missing, not sound, empty in that range, or holding values that are not numbers.
    """
    if not 0 <= start_s < math.inf or not (seconds is None or 0 < seconds < math.inf):
        raise AudioFileError(f"{path} has no stretch of {seconds} s from {start_s} s on: choose another")
    try:
        with open_sound(path) as file:
            first = round(start_s * file.samplerate)
            if first > file.frames:
                raise AudioFileError(f"{path} ends at {file.frames / file.samplerate:.1f} s: choose an earlier start")
            file.seek(first)
            count = -1 if seconds is None else round(seconds * file.samplerate)
            samples = file.read(count, dtype="float32", always_2d=True)
            source_hz = file.samplerate
    except (soundfile.LibsndfileError, OSError):
        raise damaged(path) from None
    if len(samples) < MIN_SECONDS * source_hz:
        raise AudioFileError(f"{path} holds less than {MIN_SECONDS:g} s of sound there: give a longer stretch")
    if not np.isfinite(samples).all():
        raise AudioFileError(f"{path} holds values that are not numbers: export it again")
    if samples.shape[1] != channels:
        samples = np.repeat(samples.mean(1, keepdims=True), channels, axis=1)
    return np.ascontiguousarray(soxr.resample(samples, source_hz, rate_hz).T, dtype=np.float32)
