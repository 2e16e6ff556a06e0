"""24-bit samples as a take stores them, and what is measured of them.

All of it is measured on the integers that are in the file, so WAV, FLAC and a later check agree to the bit.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.audio.loudness import LoudnessMeter
from engine.audio.peaks import to_db
from engine.errors import TakeError

BITS = 24
SAMPLE_BYTES = BITS // 8
FULL_SCALE = 1 << (BITS - 1)
_READ_SAMPLES = 1 << 16


def quantise(block: NDArray[np.float32]) -> NDArray[np.int32]:
    """`block` (samples, channels) at full scale ±1 as 24-bit integers; clips, and reads NaN as silence."""
    scaled = np.rint(np.nan_to_num(block.astype(np.float64), nan=0.0) * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int32)


def to_bytes(pcm: NDArray[np.int32], sample_bytes: int = SAMPLE_BYTES) -> bytes:
    """Interleaved little-endian samples of so many bytes, as in a WAV file."""
    return np.ascontiguousarray(pcm, "<i4").view(np.uint8).reshape(-1, 4)[:, :sample_bytes].tobytes()


class Measurement(NamedTuple):
    """What a take's sound amounts to. −inf where all is silent."""

    samples: int
    peak_dbfs: float
    lufs: float
    sha256: str


class Gauge:
    """Measures 24-bit sound block by block."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._loudness = LoudnessMeter(rate_hz, channels)
        self._hash = hashlib.sha256()
        self._samples = 0
        self._peak = 0

    def push(self, pcm: NDArray[np.int32]) -> None:
        """Take in `pcm` (samples, channels)."""
        if len(pcm):
            self._peak = max(self._peak, int(pcm.max()), -int(pcm.min()))
        self._samples += len(pcm)
        self._hash.update(to_bytes(pcm))
        self._loudness.push((pcm / FULL_SCALE).astype(np.float32))

    @property
    def samples(self) -> int:
        return self._samples

    @property
    def measurement(self) -> Measurement:
        # A sine at full scale reaches the largest integer, not 2²³ itself, and is 0 dBFS.
        peak = min(to_db(self._peak / (FULL_SCALE - 1)), 0.0)
        return Measurement(self._samples, peak, self._loudness.current.integrated_lufs, self._hash.hexdigest())


def measure_file(path: Path) -> tuple[Measurement, int, int]:
    """What a take's sound file really holds, its rate in Hz and its channels. Raises `TakeError`."""
    try:
        with soundfile.SoundFile(path) as file:
            if file.subtype != f"PCM_{BITS}" or file.channels not in (1, 2):
                raise TakeError(f"{path} is not a {BITS}-bit take of one or two channels; it has been changed")
            gauge = Gauge(file.samplerate, file.channels)
            for block in file.blocks(_READ_SAMPLES, dtype="int32", always_2d=True):
                gauge.push(block >> (32 - BITS))
            return gauge.measurement, file.samplerate, file.channels
    except (OSError, soundfile.LibsndfileError) as error:
        raise TakeError(f"{path} cannot be read ({error}); it is damaged or not a sound file") from error
