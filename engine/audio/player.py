"""The audio callback: ring → transport fade → volume → device block.

Thread contract: `render` runs in the audio callback (or the clock thread of a silent output) and takes no lock, writes
no log and allocates no buffers. `fade_in`, `fade_out` and `set_gain` may come from any thread, and any may read the
counters.
"""

from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from engine.audio.gain import GainRamp, Tail
from engine.audio.peaks import PeakMeter
from engine.audio.ring import Ring

DECLICK_MS = 5.0
VOLUME_RAMP_MS = 20.0
PIECE_SAMPLES = 4096


class _State(Enum):
    PARKED = auto()  # faded out: silence, nothing is consumed
    WAITING = auto()  # wants to play; the ring must first hold `prime_samples`
    PLAYING = auto()


class Player:
    """Plays a ring to a device of its own rate with one or two channels.

        PARKED ──fade_in──▶ WAITING ──primed──▶ PLAYING ──faded out──▶ PARKED
                               ▲───── ring empty or flushed ─────┘

    An empty ring counts as an underrun only while playing: not before the first sound, not after a flush and not while
    fading out. The gap lasts until the ring is primed, flushed or faded out. The signal dies away over 5 ms where it
    breaks off and rises over 5 ms where it goes on.
    """

    def __init__(self, ring: Ring, rate_hz: int, device_channels: int, gain: float) -> None:
        assert device_channels in (1, 2), device_channels
        self._ring = ring
        self._rate_hz = rate_hz
        self._declick_samples = self._samples(DECLICK_MS)
        self._transport = GainRamp(0.0, PIECE_SAMPLES)
        self._volume = GainRamp(gain, PIECE_SAMPLES)
        self._tail = Tail(self._declick_samples, ring.channels)
        self._scratch = np.zeros((PIECE_SAMPLES, ring.channels), np.float32)
        self._last = np.zeros(ring.channels, np.float32)
        self._state = _State.PARKED
        self._starved = False
        self.peaks = PeakMeter(rate_hz, device_channels)
        self.prime_samples = 0
        self.callbacks = 0
        self.largest_block_samples = 0
        self.underruns = 0
        self.missed_samples = 0

    # Any thread

    @property
    def parked(self) -> bool:
        """Whether the fade out is over and nothing is consumed any more."""
        return self._state is _State.PARKED and self._transport.target == 0.0

    @property
    def starving(self) -> bool:
        """Whether an underrun is being heard."""
        return self._starved

    def fade_in(self, ramp_ms: float) -> None:
        """Play as soon as the ring is primed, rising over `ramp_ms`."""
        self._transport.request(1.0, self._samples(ramp_ms))

    def fade_out(self, ramp_ms: float) -> None:
        """Fall silent over `ramp_ms`, then stop consuming."""
        self._transport.request(0.0, self._samples(ramp_ms))

    def set_gain(self, factor: float) -> None:
        self._volume.request(factor, self._samples(VOLUME_RAMP_MS))

    # Audio callback

    def render(self, out: NDArray[np.float32]) -> None:
        """Fill `out` (samples, device channels) for the device."""
        self.callbacks += 1
        if len(out) > self.largest_block_samples:
            self.largest_block_samples = len(out)
        for start in range(0, len(out), PIECE_SAMPLES):
            self._render_piece(out[start : start + PIECE_SAMPLES])

    def _render_piece(self, out: NDArray[np.float32]) -> None:
        block = self._scratch[: len(out)]
        if self._state is not _State.PLAYING:
            self._try_to_start(len(out))
        if self._state is _State.PLAYING:
            self._play(block)
        else:
            self._tail.fill(block)
            if self._starved:
                self.missed_samples += len(block)
        self._volume.apply(block)
        if block.shape[1] == out.shape[1] or block.shape[1] == 1:
            out[:] = block
        else:
            np.add(block[:, 0], block[:, 1], out=out[:, 0])
            out *= 0.5
        self.peaks.update(out)

    def _try_to_start(self, count: int) -> None:
        if self._ring.reset_pending:
            self._ring.read_into(self._scratch[:0])
            self._starved = False
        if self._transport.target == 0.0:
            self._transport.skip()
            self._state = _State.PARKED
            self._starved = False
        elif self._ring.available >= max(self.prime_samples, count):
            self._transport.rise(self._declick_samples)
            self._state = _State.PLAYING
            self._starved = False
        else:
            self._state = _State.WAITING

    def _play(self, block: NDArray[np.float32]) -> None:
        flushed = self._ring.reset_pending
        count = self._ring.read_into(block[:0] if flushed else block)
        if count:
            self._transport.apply(block[:count])
            self._last[:] = block[count - 1]
        if count < len(block):
            self._tail.start(self._last)
            self._tail.fill(block[count:])
            self._starved = not flushed and self._transport.target != 0.0
            if self._starved:
                self.underruns += 1
                self.missed_samples += len(block) - count
            self._state = _State.WAITING
        elif self._transport.silent:
            self._state = _State.PARKED

    def _samples(self, duration_ms: float) -> int:
        return max(round(duration_ms * self._rate_hz / 1000.0), 1)
