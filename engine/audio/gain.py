"""Gain without clicks: ramps between levels, and a tail where the signal breaks off.

Thread contract: `GainRamp.request` may be called from any thread (one indivisible store); everything else belongs to
the audio callback and allocates no buffers.
"""

import numpy as np
from numpy.typing import NDArray


class GainRamp:
    """A gain factor that moves linearly to its target, sample by sample.

    `block_samples` is the longest block that `apply` will see.
    """

    def __init__(self, initial: float, block_samples: int) -> None:
        self._level = initial
        self._left = 0  # samples until the target is reached
        self._request = (initial, 0)
        self._taken = self._request
        self._count = np.arange(1, block_samples + 1, dtype=np.float32)
        self._curve = np.empty(block_samples, np.float32)

    def request(self, target: float, ramp_samples: int) -> None:
        """Move to `target` within `ramp_samples` from the next block on; the newest request wins."""
        self._request = (target, max(ramp_samples, 1))

    @property
    def target(self) -> float:
        """What was last asked for."""
        return self._request[0]

    @property
    def silent(self) -> bool:
        """Whether silence was asked for and has been reached."""
        return self._request is self._taken and self._level == 0.0 == self._taken[0]

    def skip(self) -> None:
        """Be at the target at once; for where nothing sounds that could click."""
        self._taken = self._request
        self._level, self._left = self._taken[0], 0

    def rise(self, ramp_samples: int) -> None:
        """Start again from silence and come back to the target within `ramp_samples`."""
        self._level, self._left = 0.0, max(ramp_samples, 1)

    def apply(self, block: NDArray[np.float32]) -> None:
        """Scale `block` (samples, channels) in place and advance the ramp by its length."""
        if self._request is not self._taken:
            self._taken = self._request
            self._left = self._taken[1]
        target = self._taken[0]
        if not self._left:
            if target != 1.0:
                block *= target
            return
        count = min(len(block), self._left)
        step = (target - self._level) / self._left
        curve = self._curve[: len(block)]
        np.multiply(self._count[:count], step, out=curve[:count])
        curve[:count] += self._level
        curve[count:] = target
        for channel in range(block.shape[1]):  # broadcast over the channels, numpy would allocate a buffer
            samples = block[:, channel]
            np.multiply(samples, curve, out=samples)
        self._left -= count
        self._level = self._level + step * count if self._left else target


class Tail:
    """Lets the last sample die away within `length_samples` where the signal has broken off unannounced.

    The end of the signal is known only when it is too late to fade it out, so the tail goes on from its last value.
    """

    def __init__(self, length_samples: int, channels: int) -> None:
        self._ramp = np.linspace(1.0, 0.0, length_samples + 1, dtype=np.float32)[1:, None]
        self._last = np.zeros(channels, np.float32)
        self._done = length_samples

    def start(self, last: NDArray[np.float32]) -> None:
        """Begin after `last` (channels), the last sample that was played."""
        self._last[:] = last
        self._done = 0

    def fill(self, out: NDArray[np.float32]) -> None:
        """Write the next part of the tail, then silence, over the whole of `out` (samples, channels)."""
        count = min(len(out), len(self._ramp) - self._done)
        if count:
            np.multiply(self._ramp[self._done : self._done + count], self._last, out=out[:count])
            self._done += count
        out[count:] = 0.0
