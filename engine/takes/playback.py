"""A sound file heard through the output, from any place in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from engine.audio.output import Output
from engine.audio.sound_file import damaged, open_sound

BLOCK_S = 0.02
#: silence behind the end, so that a buffer is filled however short the file, and runs dry on nothing
PADDING_S = 1.0


class Playback:
    """Reads ahead of the output and knows what is heard. Engine thread only; raises AudioFileError when it is made.

    Args:
        path: what soundfile reads, at any rate, of any channels.
        start_s: a place in it; gain_db: of this file alone.
    """

    def __init__(self, path: Path, start_s: float, gain_db: float, rate_hz: int, channels: int) -> None:
        self.path, self._rate_hz, self._channels = path, rate_hz, channels
        self._file = open_sound(path)
        source_hz = self._file.samplerate
        first = min(max(round(start_s * source_hz), 0), self._file.frames)
        try:
            self._file.seek(first)
        except (soundfile.LibsndfileError, OSError):  # cut short: what its head tells of is not all there
            self._file.close()
            raise damaged(path) from None
        self._start_s = first / source_hz
        self._length_samples = round((self._file.frames - first) / source_hz * rate_hz)
        self._gain = np.float32(10.0 ** (gain_db / 20.0))
        self._resampler = soxr.ResampleStream(source_hz, rate_hz, channels) if source_hz != rate_hz else None
        self._padding = round(PADDING_S * rate_hz)
        self._given_samples = 0
        self._ended = False
        self._base_samples = 0

    def begin(self, output: Output) -> None:
        """What ``output`` plays next is this."""
        self._base_samples = output.played_samples

    def turn(self, output: Output) -> bool:
        """Write a block, if there is room for one. False: the output has enough for now."""
        block = round(BLOCK_S * self._rate_hz)
        if output.room_samples < 2 * block:  # a resampler may give a little more than it was given
            return False
        sound = self._read() if not self._ended else np.empty((0, self._channels), np.float32)
        if not len(sound) and self._ended:
            if not self._padding:
                return False
            sound = np.zeros((min(block, self._padding), self._channels), np.float32)
            self._padding -= len(sound)
        if len(sound):
            output.write(sound)
        return True

    def _read(self) -> NDArray[np.float32]:
        """Up to a block at the output's rate; sets ``_ended`` with the last."""
        count = max(round(BLOCK_S * self._file.samplerate), 1)
        try:
            samples = self._file.read(count, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, OSError):  # damaged from here on, or gone with its disk: what came is heard
            samples = np.empty((0, self._file.channels), np.float32)
        self._ended = len(samples) < count
        if samples.shape[1] != self._channels:
            samples = np.repeat(samples.mean(1, keepdims=True), self._channels, axis=1)
        samples = np.nan_to_num(samples)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(np.ascontiguousarray(samples), last=self._ended)
        self._given_samples += len(samples)
        if self._ended:  # a damaged file holds less than its head says
            self._length_samples = min(self._length_samples, self._given_samples)
        return np.ascontiguousarray(samples * self._gain, dtype=np.float32)

    def place_s(self, output: Output) -> float:
        """What is heard now, in seconds of the file."""
        return self._start_s + min(self._heard(output), self._length_samples) / self._rate_hz

    def is_over(self, output: Output) -> bool:
        """Whether the last sample has been heard."""
        return self._ended and self._heard(output) >= self._length_samples

    def _heard(self, output: Output) -> int:
        return max(output.played_samples - self._base_samples, 0)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
