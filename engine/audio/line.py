"""One open output with all that belongs to its rate: resampler, ring, player, stream."""

import math
from collections.abc import Callable

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.audio.devices import Render, Stream
from engine.audio.player import Player
from engine.audio.ring import Ring

#: twice the longest buffer, and some: what is written behind a flush needs room before the callback has carried it out
CAPACITY_S = 5.0


class Line:
    """Takes blocks at the music's rate and plays them at the device's.

    `base_samples` is the index of the first sample that will be written. Producer methods are for one thread at a time.
    Raises `DeviceError` when `start_stream` does.
    """

    def __init__(
        self,
        *,
        name: str,
        rate_hz: int,
        channels: int,
        device_rate_hz: int,
        device_channels: int,
        gain: float,
        buffer_ms: float,
        start_stream: Callable[[Render], Stream],
    ) -> None:
        self.name = name
        self.buffer_ms = buffer_ms
        self._ratio = device_rate_hz / rate_hz
        self._device_rate_hz = device_rate_hz
        self._resampler = (
            soxr.ResampleStream(rate_hz, device_rate_hz, channels, dtype="float32")
            if device_rate_hz != rate_hz
            else None
        )
        self._delay = 0.0
        self._ring = Ring(round(CAPACITY_S * device_rate_hz), channels)
        self.player = Player(self._ring, device_rate_hz, device_channels, gain)
        self.base_samples = self._written = 0
        self.base_underruns = self.base_missed_samples = 0
        self.stream = start_stream(self.player.render)

    # Producer

    @property
    def room_samples(self) -> int:
        """How much `write` takes now; nothing once the buffer is full enough."""
        if self._ring.available + self._delay >= self._target:
            return 0
        return max(int((self._ring.free - self._delay - 1) / self._ratio), 0)

    def write(self, block: NDArray[np.float32]) -> bool:
        """Append `block` (samples, channels) whole, or return False."""
        # What the resampler holds back may come out together with this block.
        if len(block) * self._ratio + self._delay + 1 > self._ring.free:
            return False
        if self._resampler is None:
            self._ring.write(block)
        else:
            resampled = self._resampler.resample_chunk(np.ascontiguousarray(block))
            self._delay = self._resampler.delay()
            written = self._ring.write(resampled)
            assert written, (len(block), len(resampled), self._ring.free)
        self._written += len(block)
        self.player.prime_samples = int(self._target / 2)
        return True

    def flush(self) -> None:
        """Drop what has not been heard."""
        self._ring.request_reset()
        if self._resampler is not None:
            self._resampler.clear()
            self._delay = 0.0

    @property
    def _target(self) -> float:
        """Samples at the device's rate that should lie ready: `buffer_ms`, at least two blocks of the device."""
        return max(self.buffer_ms / 1000.0 * self._device_rate_hz, 2.0 * self.player.largest_block_samples)

    # Any thread

    @property
    def buffered_samples(self) -> int:
        """Written and not heard yet, at the music's rate."""
        return math.ceil((self._ring.available + self._delay) / self._ratio)

    @property
    def played_samples(self) -> int:
        """Index of the sample that goes to the device next; samples dropped by a flush are passed over."""
        return self.base_samples + max(self._written - self.buffered_samples, 0)

    @property
    def underruns(self) -> int:
        return self.base_underruns + self.player.underruns

    @property
    def missed_samples(self) -> int:
        """Silence played in underruns, at the music's rate."""
        return self.base_missed_samples + round(self.player.missed_samples / self._ratio)
