"""A piece of the performance, as tokens and as sound, and the fingerprint of tokens."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Passage(NamedTuple):
    """What one turn of the engine produced.

    `codes` (K, T) start at frame `frame`, `samples` (S, channels) at sample `sample`, both counted from the start of
    the performance. They need not cover the same time: a streaming codec gives the sound of a frame some frames later.
    """

    frame: int
    codes: NDArray[np.integer]
    sample: int
    samples: NDArray[np.float32]

    def pieces(self, samples: int) -> Iterator["Passage"]:
        """The same in parts of so many samples; all codes come with the first."""
        yield self._replace(samples=self.samples[:samples])
        for start in range(samples, len(self.samples), samples):
            codes = self.codes[:, self.codes.shape[1] :]
            yield Passage(
                self.frame + self.codes.shape[1], codes, self.sample + start, self.samples[start : start + samples]
            )


class CodesHash:
    """SHA-256 of tokens as little-endian int16, frame by frame; independent of how they are cut into passages."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def update(self, codes: NDArray[np.integer]) -> None:
        """Append `codes` (K, T)."""
        self._hash.update(np.ascontiguousarray(codes.T, "<i2").tobytes())

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
