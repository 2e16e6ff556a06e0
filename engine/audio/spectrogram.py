"""The mel spectrogram of what is made, kept for drawing it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BANDS = 64
WINDOW_MS = 64
LOWEST_HZ = 40.0
FLOOR_DB = -90.0


class Spectrogram:
    """A column of :data:`BANDS` mel bands for every `column_samples` of the last `history_s`, in dB below a full-scale sine.

    The engine thread pushes what it makes; any thread may read. As with `Waveform`, what is heard lags behind.
    A column is centred in the samples that it stands for; the newest ones wait for the window's other half.
    """

    def __init__(self, rate_hz: int, column_samples: int, history_s: float = 60.0) -> None:
        self.column_samples = column_samples
        self._window_samples = rate_hz * WINDOW_MS // 1000
        self._window = np.hanning(self._window_samples + 1)[:-1].astype(np.float32)
        self._filters = mel_filters(rate_hz, self._window_samples, BANDS, LOWEST_HZ, rate_hz / 2)
        self._columns: NDArray[np.float32] = np.full(
            (max(round(history_s * rate_hz) // column_samples, 1), BANDS), FLOOR_DB, np.float32
        )
        self.clear()

    def clear(self) -> None:
        """Begin again at sample 0. Engine thread only."""
        self._complete = 0
        # half a window of silence before the first column's centre
        self._recent = np.zeros(self._window_samples // 2 - self.column_samples // 2, np.float32)

    def push(self, block: NDArray[np.float32]) -> None:
        """Append `block` (samples, channels). Engine thread only."""
        self._recent = np.concatenate([self._recent, block.mean(1)])
        while len(self._recent) >= self._window_samples:
            spectrum = np.fft.rfft(self._recent[: self._window_samples] * self._window)
            # A full-scale sine has a peak of half the window's sum.
            power = np.square(np.abs(spectrum) / (0.5 * self._window.sum()))
            level = 10.0 * np.log10(np.maximum(self._filters @ power, 10.0 ** (FLOOR_DB / 10.0)))
            self._columns[self._complete % len(self._columns)] = level
            self._complete += 1
            self._recent = self._recent[self.column_samples :]

    def columns(self, start_samples: int, count: int) -> NDArray[np.float32]:
        """`count` columns `(count, BANDS)` from the one that holds `start_samples` on; the floor where nothing is known.

        A column that is still waiting for its window's other half is shown as the one before it.
        """
        first = start_samples // self.column_samples
        wanted = np.arange(first, first + count)
        complete, capacity = self._complete, len(self._columns)
        waiting = (wanted >= complete) & (wanted <= complete + self._window_samples // (2 * self.column_samples))
        wanted[waiting] = complete - 1
        # The oldest column is about to be overwritten by the pushing thread, so it no longer counts as known.
        known = (wanted >= max(complete - capacity + 1, 0)) & (wanted < complete) & (complete > 0)
        columns = np.full((count, BANDS), FLOOR_DB, np.float32)
        columns[known] = self._columns[wanted[known] % capacity]
        return columns


def mel_filters(
    rate_hz: int, window_samples: int, bands: int, lowest_hz: float, highest_hz: float
) -> NDArray[np.float64]:
    """Triangles `(bands, window_samples // 2 + 1)` of peak 1, evenly spaced on O'Shaughnessy's mel, 2595 log₁₀(1 + f / 700)."""
    lowest, highest = (2595 * np.log10(1 + hz / 700) for hz in (lowest_hz, highest_hz))
    edges_hz = 700 * (10 ** (np.linspace(lowest, highest, bands + 2) / 2595) - 1)
    bins_hz = np.fft.rfftfreq(window_samples, 1 / rate_hz)
    low, middle, high = (edges_hz[i : i + bands, None] for i in range(3))
    rising, falling = (bins_hz - low) / (middle - low), (high - bins_hz) / (high - middle)
    triangles: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling))
    # The lowest triangles are narrower than a bin: each still hears the bin nearest to it.
    nearest = np.abs(bins_hz - middle).argmin(1)
    triangles[np.arange(bands), nearest] = np.maximum(triangles[np.arange(bands), nearest], 0.1)
    return triangles
