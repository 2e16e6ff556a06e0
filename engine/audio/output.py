"""Sound out: whatever happens to the devices, the music goes on.

Thread contract: one engine thread calls `open`, `write`, `flush`, `withdraw`, `fade_in` and `fade_out`; any thread may read
the properties and call `select`, `refresh`, `set_gain_db` and `set_buffer_ms`. A supervisor thread opens, watches and
closes the devices, so no caller waits for a sound system; it hands over from line to line under a lock that the audio
callback never touches.
"""

import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.audio.clock import ClockedStream
from engine.audio.devices import Backend, OutputDevice, PortAudio, Render, Stream
from engine.audio.line import Line
from engine.audio.peaks import PeakMeter
from engine.audio.supervisor import OutputEvent, Supervisor
from engine.audio.unheard import Unheard

HANDOVER_FADE_MS = 10.0
HANDOVER_TIMEOUT_S = 0.3
SHORTEST_BUFFER_MS = 80.0  # twice what the resampler may hold back, so that priming always succeeds
LONGEST_BUFFER_MS = 2000.0  # a line's ring holds twice as much


class Output:
    """Plays float32 blocks `(samples, channels)` of `rate_hz` on the chosen device, or in silence.

    Samples are counted from 0 since this object was made. Until `open` it plays in silence and touches no sound system.
    `on_event` is called from the supervisor thread.
    """

    def __init__(
        self,
        rate_hz: int,
        channels: int,
        *,
        buffer_ms: float = 200.0,
        on_event: Callable[[OutputEvent], None] = lambda _event: None,
        backend: Backend | None = None,
    ) -> None:
        self.rate_hz, self.channels = rate_hz, channels
        self._backend: Backend = backend or PortAudio()
        self._on_event = on_event
        self._buffer_ms = _playable(buffer_ms)
        self._gain = 1.0
        self._playing = False
        self._unheard = Unheard(channels)
        self._lock = threading.Lock()
        self._line = self.open_line(None)
        self._supervisor: Supervisor | None = None

    # Engine thread

    def open(self) -> None:
        """Look for the devices, and play on the default one. PortAudio allows one open output in a process."""
        assert self._supervisor is None, "it is open"
        self._supervisor = Supervisor(self, self._backend, self._on_event)

    @property
    def room_samples(self) -> int:
        """How much `write` takes now; 0 as long as the buffer is full enough."""
        with self._lock:
            return self._line.room_samples

    def write(self, block: NDArray[np.float32]) -> bool:
        """Append `block` whole, or return False when it does not fit."""
        assert block.ndim == 2, block.shape
        assert block.shape[1] == self.channels, block.shape
        assert block.dtype == np.float32, block.dtype
        with self._lock:
            if not self._line.write(block):
                return False
            self._unheard.push(block, self._line.buffered_samples)
            return True

    def fade_in(self, ramp_ms: float = 20.0) -> None:
        """Play from now on, as soon as half the buffer is filled."""
        with self._lock:
            self._playing = True
            self._line.player.fade_in(ramp_ms)

    def fade_out(self, ramp_ms: float = 20.0) -> None:
        """Fall silent; then nothing is consumed until `fade_in`. `silent` tells when."""
        with self._lock:
            self._playing = False
            self._line.player.fade_out(ramp_ms)

    def flush(self) -> None:
        """Drop what has not been heard, without a click and without counting an underrun."""
        with self._lock:
            self._line.flush()
            self._unheard.clear()

    def withdraw(self) -> NDArray[np.float32]:
        """What has been written and not heard yet, `(samples, channels)`; it is dropped here, as by `flush`."""
        with self._lock:
            unheard = self._unheard.newest(self._line.buffered_samples)
            self._line.flush()
            self._unheard.clear()
        return unheard

    def close(self) -> None:
        """Fade out, stop and close the device. May be called twice."""
        self.fade_out(HANDOVER_FADE_MS)
        if self._supervisor is not None:
            self._supervisor.close()
        else:
            self.close_line()

    # Any thread

    def wait_until_tried(self, timeout_s: float = 3.0) -> bool:
        """Wait until the first attempt to open a device is over, so that the first sound is not played to the clock."""
        return self._watch.wait_until_tried(timeout_s)

    def select(self, device: str | None) -> None:
        """Play on that device from now on, without stopping; None: the system's default. An event tells the outcome."""
        self._watch.select(device)

    def refresh(self) -> None:
        """Look for devices anew: a pause of a fraction of a second in what is heard, none in the music."""
        self._watch.refresh()

    @property
    def _watch(self) -> Supervisor:
        assert self._supervisor is not None, "open it first"
        return self._supervisor

    def set_gain_db(self, gain_db: float) -> None:
        """Monitor volume; −inf is silence. Takes are not touched by it."""
        with self._lock:
            self._gain = float(10.0 ** (gain_db / 20.0))
            self._line.player.set_gain(self._gain)

    def set_buffer_ms(self, buffer_ms: float) -> None:
        """How much sound lies ready: more survives longer stalls, less brings a knob to the ear sooner."""
        with self._lock:
            self._buffer_ms = self._line.buffer_ms = _playable(buffer_ms)

    @property
    def devices(self) -> tuple[OutputDevice, ...]:
        """The devices found by the last scan."""
        return () if self._supervisor is None else self._supervisor.devices

    @property
    def device(self) -> str:
        """Name of the device that plays; "" for the silent output."""
        return self._line.name

    @property
    def silent(self) -> bool:
        """Whether a fade out is over."""
        return self._line.player.parked

    @property
    def buffered_samples(self) -> int:
        """Written and not heard yet."""
        return self._line.buffered_samples

    @property
    def played_samples(self) -> int:
        """Index of the sample that goes to the device next; samples dropped by a flush are passed over."""
        return self._line.played_samples

    @property
    def underruns(self) -> int:
        """How often the ring ran empty while playing."""
        return self._line.underruns

    @property
    def missed_samples(self) -> int:
        """Silence played in underruns, at the music's rate."""
        return self._line.missed_samples

    @property
    def starving(self) -> bool:
        """Whether an underrun is being heard."""
        return self._line.player.starving

    @property
    def peaks(self) -> PeakMeter:
        """Levels of what goes to the device."""
        return self._line.player.peaks

    # The supervisor's switchboard

    @property
    def line(self) -> Line:
        """The one that plays."""
        return self._line

    def open_line(self, device: OutputDevice | None) -> Line:
        """One to a device, or to a clock in silence. Raises `DeviceError`."""
        channels = self.channels if device is None else min(device.channels, 2)

        def start(render: Render) -> Stream:
            if device is None:
                return ClockedStream(self.rate_hz, channels, render)
            return self._backend.open(device, channels, render)

        return Line(
            name="" if device is None else device.name,
            rate_hz=self.rate_hz,
            channels=self.channels,
            device_rate_hz=self.rate_hz if device is None else device.rate_hz,
            device_channels=channels,
            gain=self._gain,
            buffer_ms=self._buffer_ms,
            start_stream=start,
        )

    def hand_over(self, line: Line) -> None:
        """Go on with `line` at the sample where the present one stops, then close that one."""
        old = self._line
        self._wait_until_parked(old)
        with self._lock:
            line.base_samples = old.played_samples
            line.base_underruns, line.base_missed_samples = old.underruns, old.missed_samples
            unheard = self._unheard.newest(old.buffered_samples)
            if len(unheard):
                line.write(unheard)
            if self._playing:
                line.player.fade_in(HANDOVER_FADE_MS)
            line.player.set_gain(self._gain)
            line.buffer_ms = self._buffer_ms
            if old.player.peaks.clipped:
                line.player.peaks.latch_clip()
            self._line = line
        old.stream.close()

    def close_line(self) -> None:
        """Fade the present one out and close it."""
        self._wait_until_parked(self._line)
        self._line.stream.close()

    def _wait_until_parked(self, line: Line) -> None:
        """Fade `line` out; a device that has died does not hold us up for long."""
        line.player.fade_out(HANDOVER_FADE_MS)
        deadline = time.monotonic() + HANDOVER_TIMEOUT_S
        while not line.player.parked and line.stream.active and time.monotonic() < deadline:
            time.sleep(0.002)


def _playable(buffer_ms: float) -> float:
    return min(max(buffer_ms, SHORTEST_BUFFER_MS), LONGEST_BUFFER_MS)
