"""What has been written and not heard yet: another device, or another time, can go on with it."""

from collections import deque

import numpy as np
from numpy.typing import NDArray


class Unheard:
    """The end of what was written, in blocks `(samples, channels)`. For one thread at a time."""

    def __init__(self, channels: int) -> None:
        self._nothing = np.empty((0, channels), np.float32)
        self._blocks: deque[NDArray[np.float32]] = deque()
        self._samples = 0

    def push(self, block: NDArray[np.float32], buffered_samples: int) -> None:
        """Hold a copy of `block`, and of what came before it no more than is among the last `buffered_samples`."""
        self._blocks.append(block.copy())
        self._samples += len(block)
        while self._samples - len(self._blocks[0]) >= buffered_samples:
            self._samples -= len(self._blocks.popleft())
            if not self._blocks:
                return

    def newest(self, samples: int) -> NDArray[np.float32]:
        """The last `samples` of it, or all there are."""
        return np.concatenate([*self._blocks, self._nothing])[max(self._samples - samples, 0) :]

    def clear(self) -> None:
        self._blocks.clear()
        self._samples = 0
