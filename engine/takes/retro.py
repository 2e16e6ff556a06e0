"""Retro-capture: what was just played can always still be kept."""

import math
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.takes.passage import Passage

Item = TypeVar("Item", np.float32, np.int16)


class Retro:
    """The last `seconds` of the performance, tokens and sound, in memory that is allocated once. Engine thread only."""

    def __init__(self, rate_hz: int, channels: int, codebooks: int, hop_samples: int, *, seconds: float = 60.0) -> None:
        samples = round(seconds * rate_hz)
        self._samples: _Window[np.float32] = _Window(samples, channels, np.float32)
        self._codes: _Window[np.int16] = _Window(math.ceil(samples / hop_samples), codebooks, np.int16)

    def push(self, passage: Passage) -> None:
        """Hold `passage`, which follows the last one; one that starts anew at frame 0 drops the performance before."""
        if passage.frame == 0:
            self.clear()
        self._codes.push(passage.frame, passage.codes.T)
        self._samples.push(passage.sample, passage.samples)

    def clear(self) -> None:
        self._samples.clear()
        self._codes.clear()

    def keep(self) -> Passage | None:
        """A copy of all that is held, ready to open a take with; None when nothing has been played."""
        sample, samples = self._samples.copy()
        frame, codes = self._codes.copy()
        return Passage(frame, codes.T, sample, samples) if len(samples) else None


class _Window(Generic[Item]):
    """The last `capacity` rows of an endless array."""

    def __init__(self, capacity: int, columns: int, dtype: type[Item]) -> None:
        self._rows: NDArray[Item] = np.zeros((max(capacity, 1), columns), dtype)
        self.clear()

    def clear(self) -> None:
        self._start = self._end = 0

    def push(self, start: int, rows: NDArray[np.generic]) -> None:
        if self._end == self._start:
            self._start = self._end = start
        assert start == self._end, (start, self._end)
        capacity = len(self._rows)
        kept = rows[-capacity:]
        at = (start + len(rows) - len(kept)) % capacity
        first = min(len(kept), capacity - at)
        self._rows[at : at + first] = kept[:first]
        self._rows[: len(kept) - first] = kept[first:]
        self._end += len(rows)
        self._start = max(self._start, self._end - capacity)

    def copy(self) -> tuple[int, NDArray[Item]]:
        at, count = self._start % len(self._rows), self._end - self._start
        rows = np.empty((count, self._rows.shape[1]), self._rows.dtype)
        first = min(count, len(self._rows) - at)
        rows[:first] = self._rows[at : at + first]
        rows[first:] = self._rows[: count - first]
        return self._start, rows
