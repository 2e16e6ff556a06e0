"""Peak levels of what is heard, and the outline of the sound for drawing it."""

import math

import numpy as np
from numpy.typing import NDArray

RELEASE_DB_PER_S = 20.0 / 1.7  # IEC 60268-18, digital peak programme meter
COLUMN_MS = 10


def to_db(amplitude: float) -> float:
    """Amplitude (1.0 = full scale) in dBFS; −inf for silence."""
    return 20.0 * math.log10(amplitude) if amplitude > 0.0 else -math.inf


class PeakMeter:
    """Sample peak per channel with release, hold and a latching clip light.

    Fed by the audio callback with exactly what goes to the device, after gain and with every gap, so it shows what is
    heard. Any thread may read. `update` allocates no buffers.
    """

    def __init__(self, rate_hz: int, channels: int, hold_s: float = 1.5) -> None:
        self._release = RELEASE_DB_PER_S * math.log(10.0) / 20.0 / rate_hz
        self._hold_samples = round(hold_s * rate_hz)
        self._levels = [0.0] * channels
        self._held = [0.0] * channels
        self._held_for = [0] * channels
        self._clipped = False

    def update(self, block: NDArray[np.float32]) -> None:
        """Take in `block` (samples, channels). Audio callback only."""
        release = math.exp(-self._release * len(block))
        for channel in range(len(self._levels)):
            samples = block[:, channel]  # one at a time: numpy is six times slower over both
            peak = max(float(samples.max()), -float(samples.min()))
            self._levels[channel] = max(peak, self._levels[channel] * release)
            self._held_for[channel] += len(block)
            if peak >= self._held[channel] or self._held_for[channel] > self._hold_samples:
                self._held[channel] = self._levels[channel]
                self._held_for[channel] = 0
            if peak >= 1.0:
                self._clipped = True

    @property
    def levels_dbfs(self) -> tuple[float, ...]:
        """Peak level per channel; falls at the release rate."""
        return tuple(to_db(level) for level in self._levels)

    @property
    def held_dbfs(self) -> tuple[float, ...]:
        """Highest recent peak per channel, held before it follows the level down."""
        return tuple(to_db(level) for level in self._held)

    @property
    def clipped(self) -> bool:
        """Whether full scale was reached since the last `reset_clip`."""
        return self._clipped

    def latch_clip(self) -> None:
        """Full scale was reached before this meter's time: the light stays on until it is put out."""
        self._clipped = True

    def reset_clip(self) -> None:
        self._clipped = False


class Waveform:
    """Lowest and highest sample of every 10 ms of the last `history_s`, indexed by absolute sample.

    The engine thread pushes what it makes; any thread may read. The newest part is still on its way to the ear: what is
    heard ends at `Output.played_samples`.
    """

    def __init__(self, rate_hz: int, history_s: float = 600.0) -> None:
        self.column_samples = max(rate_hz * COLUMN_MS // 1000, 1)
        columns = max(math.ceil(history_s * rate_hz / self.column_samples), 1)
        self._columns: NDArray[np.float32] = np.zeros((columns, 2), np.float32)
        self._complete = 0
        self._partial = 0

    def push(self, block: NDArray[np.float32]) -> None:
        """Append `block` (samples, channels). Engine thread only."""
        start = 0
        while start < len(block):
            stop = min(start + self.column_samples - self._partial, len(block))
            column = self._columns[self._complete % len(self._columns)]
            lowest, highest = block[start:stop].min(), block[start:stop].max()
            column[0] = min(column[0], lowest) if self._partial else lowest
            column[1] = max(column[1], highest) if self._partial else highest
            self._partial += stop - start
            if self._partial == self.column_samples:
                self._complete += 1
                self._partial = 0
            start = stop

    def clear(self) -> None:
        """Begin again at sample 0. Engine thread only."""
        self._complete = self._partial = 0

    def outline(self, start_samples: int, stop_samples: int, columns: int) -> NDArray[np.float32]:
        """Lowest and highest sample `(columns, 2)` of equal parts of the range; NaN where nothing is known."""
        assert columns > 0, columns
        assert stop_samples > start_samples, (start_samples, stop_samples)
        complete, capacity = self._complete, len(self._columns)
        edges = np.linspace(start_samples, stop_samples, columns + 1) / self.column_samples
        first = np.floor(edges[:-1]).astype(np.int64)
        last = np.maximum(np.ceil(edges[1:]).astype(np.int64), first + 1)
        # The oldest column is about to be overwritten by the pushing thread, so it no longer counts as known.
        known = (first >= max(complete - capacity + 1, 0)) & (last <= complete)
        outline = np.full((columns, 2), np.nan, np.float32)
        for index in np.flatnonzero(known):
            part = self._columns[np.arange(first[index], last[index]) % capacity]
            outline[index] = part[:, 0].min(), part[:, 1].max()
        return outline
