"""The ring between the engine thread, which makes sound, and the audio callback, which plays it.

Thread contract: exactly one producer (`free`, `write`, `request_reset`) and exactly one consumer (`reset_pending`,
`read_into`); both may look at `available`. No lock: each attribute is stored by one side alone, after the samples
themselves have been copied, and CPython makes the store of one attribute indivisible.

One interleaved ring carries all channels: two rings would drift apart for ever after a single underrun.
"""

import numpy as np
from numpy.typing import NDArray


class Ring:
    """A ring of `(capacity_samples, channels)` float32.

    Its counts run since it was made and never wrap. A write is whole or does not happen. A reset is asked for by the
    producer and carried out by the consumer: imposed from the producer's side it would race with a read.
    """

    def __init__(self, capacity_samples: int, channels: int) -> None:
        if capacity_samples < 1 or channels < 1:
            raise ValueError(f"a ring of {capacity_samples} samples and {channels} channels holds nothing")
        self._samples: NDArray[np.float32] = np.zeros((capacity_samples, channels), np.float32)
        self._written = 0
        self._consumed = 0
        self._reset = self._reset_done = (0,)  # each request is another object: one of an empty ring is one too

    @property
    def channels(self) -> int:
        return int(self._samples.shape[1])

    @property
    def available(self) -> int:
        """Samples that a read would find; a reset that has been asked for counts as carried out."""
        return self._written - max(self._consumed, self._reset[0])

    @property
    def free(self) -> int:
        """Samples that fit now. Space given up by a reset is free only once the consumer has carried it out."""
        return len(self._samples) - (self._written - self._consumed)

    # Producer

    def write(self, block: NDArray[np.float32]) -> bool:
        """Append `block` (samples, channels) whole; False, and nothing written, when it does not fit."""
        assert block.ndim == 2, block.shape
        assert block.shape[1] == self.channels, block.shape
        count = len(block)
        if count > self.free:
            return False
        start = self._written % len(self._samples)
        first = min(count, len(self._samples) - start)
        self._samples[start : start + first] = block[:first]
        self._samples[: count - first] = block[first:]
        self._written += count
        return True

    def request_reset(self) -> None:
        """Ask the consumer to drop everything written so far; what is written afterwards stays."""
        self._reset = (self._written,)

    # Consumer

    @property
    def reset_pending(self) -> bool:
        """Whether a reset has been asked for that the next read will carry out."""
        return self._reset is not self._reset_done

    def read_into(self, out: NDArray[np.float32]) -> int:
        """Fill `out` (samples, channels) from its start; returns how many samples were there (fewer: an underrun)."""
        reset = self._reset
        if reset is not self._reset_done:
            self._consumed = max(self._consumed, reset[0])
            self._reset_done = reset
        count = min(len(out), self._written - self._consumed)
        start = self._consumed % len(self._samples)
        first = min(count, len(self._samples) - start)
        out[:first] = self._samples[start : start + first]
        out[first:count] = self._samples[: count - first]
        self._consumed += count
        return count
