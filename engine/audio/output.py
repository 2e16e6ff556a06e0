"""Sound out: whatever happens to the devices, the music goes on.

Thread contract: one engine thread calls `write`, `flush`, `fade_in` and `fade_out`; any thread may read the properties
and call `select`, `refresh`, `set_gain_db`, `set_buffer_ms` and `close`. A supervisor thread opens, watches and closes
the devices, so no caller waits for a sound system; it hands over from line to line under a lock that the audio callback
never touches.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.audio.clock import ClockedStream
from engine.audio.devices import Backend, OutputDevice, PortAudio, find_output
from engine.audio.line import Line
from engine.audio.peaks import PeakMeter
from engine.errors import DeviceError

POLL_S = 0.1
RETRY_S = 2.0
LONGEST_RETRY_S = 10.0
STALLED_S = 1.0
HANDOVER_FADE_MS = 10.0
HANDOVER_TIMEOUT_S = 0.3
SHORTEST_BUFFER_MS = 80.0  # twice what the resampler may hold back, so that priming always succeeds


class OutputChange(StrEnum):
    """What became of the output."""

    OPENED = "opened"  # a device plays
    SILENT = "silent"  # no device: a clock plays in silence
    LOST = "lost"  # the device went away: a clock goes on until it is back
    REFUSED = "refused"  # the chosen device does not open; everything stays as it was


@dataclass(frozen=True)
class OutputEvent:
    """One change of the output, with one line for the user."""

    change: OutputChange
    device: str
    text: str


class Output:
    """Plays float32 blocks `(samples, channels)` of `rate_hz` on the chosen device, or in silence.

    Samples are counted from 0 since this object was made. `on_event` is called from the supervisor thread.
    """

    def __init__(
        self,
        rate_hz: int,
        channels: int,
        *,
        device: str | int | None = None,
        buffer_ms: float = 200.0,
        on_event: Callable[[OutputEvent], None] = lambda _event: None,
        backend: Backend | None = None,
    ) -> None:
        self.rate_hz, self.channels = rate_hz, channels
        self._backend: Backend = backend or PortAudio()
        self._on_event = on_event
        self._buffer_ms = max(buffer_ms, SHORTEST_BUFFER_MS)
        self._gain = 1.0
        self._playing = False
        self._unheard: deque[NDArray[np.float32]] = deque()
        self._unheard_samples = 0
        self._lock = threading.Lock()
        self._line = self._silent_line()
        self._devices: tuple[OutputDevice, ...] = ()
        # Supervisor's errands
        self._wanted = device
        self._chosen = True
        self._refresh = True
        self._tried = threading.Event()
        self._closing = False
        self._wake = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, name="audio output", daemon=True)
        self._supervisor.start()

    # Engine thread

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
            self._unheard.append(block.copy())
            self._unheard_samples += len(block)
            buffered = self._line.buffered_samples
            while self._unheard and self._unheard_samples - len(self._unheard[0]) >= buffered:
                self._unheard_samples -= len(self._unheard.popleft())
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
            self._unheard_samples = 0

    def withdraw(self) -> NDArray[np.float32]:
        """What has been written and not heard yet, `(samples, channels)`; it is dropped here, as by `flush`."""
        with self._lock:
            unheard = self._unheard_part()
            self._line.flush()
            self._unheard.clear()
            self._unheard_samples = 0
        return unheard

    def _unheard_part(self) -> NDArray[np.float32]:
        """Under the lock: the end of what was written, as long as what the line still holds."""
        blocks = [*self._unheard, np.empty((0, self.channels), np.float32)]
        return np.concatenate(blocks)[max(self._unheard_samples - self._line.buffered_samples, 0) :]

    # Any thread

    def wait_until_tried(self, timeout_s: float = 3.0) -> bool:
        """Wait until the first attempt to open a device is over, so that the first sound is not played to the clock."""
        return self._tried.wait(timeout_s)

    def select(self, device: str | int | None) -> None:
        """Play on that device from now on, without stopping; None: the system's default. An event tells the outcome."""
        self._wanted = device
        self._chosen = True
        self._wake.set()

    def refresh(self) -> None:
        """Look for devices anew: a pause of a fraction of a second in what is heard, none in the music."""
        self._refresh = self._chosen = True
        self._wake.set()

    def set_gain_db(self, gain_db: float) -> None:
        """Monitor volume; −inf is silence. Takes are not touched by it."""
        with self._lock:
            self._gain = float(10.0 ** (gain_db / 20.0))
            self._line.player.set_gain(self._gain)

    def set_buffer_ms(self, buffer_ms: float) -> None:
        """How much sound lies ready: more survives longer stalls, less brings a knob to the ear sooner."""
        with self._lock:
            self._buffer_ms = self._line.buffer_ms = max(buffer_ms, SHORTEST_BUFFER_MS)

    @property
    def devices(self) -> tuple[OutputDevice, ...]:
        """The devices found by the last scan."""
        return self._devices

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
    def device_latency_ms(self) -> float:
        """From the ring to the ear, as the device states it."""
        return self._line.stream.latency_s * 1000.0

    @property
    def latency_ms(self) -> float:
        """From a sample written now to the ear."""
        line = self._line
        return 1000.0 * (line.buffered_samples / self.rate_hz + line.stream.latency_s)

    @property
    def peaks(self) -> PeakMeter:
        """Levels of what goes to the device."""
        return self._line.player.peaks

    def close(self) -> None:
        """Fade out, stop and close the device. May be called twice."""
        self.fade_out(HANDOVER_FADE_MS)
        self._closing = True
        self._wake.set()
        self._supervisor.join()

    # Supervisor thread

    def _supervise(self) -> None:
        watched, callbacks, moved_at = self._line, 0, time.monotonic()
        retry_at, retry_s = 0.0, RETRY_S
        while not self._closing:
            now = time.monotonic()
            if self._line is not watched or self._line.player.callbacks != callbacks:
                watched, callbacks, moved_at = self._line, self._line.player.callbacks, now
            if watched.name and (not watched.stream.active or now - moved_at > STALLED_S):
                self._hand_over(self._silent_line())
                text = f"{watched.name} is gone; the music goes on in silence until it is back"
                self._on_event(OutputEvent(OutputChange.LOST, watched.name, text))
                retry_at, retry_s = now + RETRY_S, RETRY_S
            elif self._chosen:
                self._chosen = False
                self._open_chosen()
                retry_at, retry_s = now + RETRY_S, RETRY_S
                self._tried.set()
            elif not self._line.name and now >= retry_at:
                with contextlib.suppress(DeviceError):
                    self._open_wanted()
                retry_s = min(2.0 * retry_s, LONGEST_RETRY_S)
                retry_at = time.monotonic() + retry_s
            self._wake.wait(POLL_S)
            self._wake.clear()
        self._wait_until_parked(self._line)
        self._line.stream.close()

    def _open_chosen(self) -> None:
        wanted = self._wanted
        try:
            self._open_wanted()
        except DeviceError as error:
            if self._line.name:
                self._on_event(OutputEvent(OutputChange.REFUSED, str(wanted or ""), str(error)))
                self._wanted = self._line.name
            else:
                self._on_event(OutputEvent(OutputChange.SILENT, "", f"{error}; until then the music plays in silence"))

    def _open_wanted(self) -> None:
        if self._refresh and self._line.name:
            self._hand_over(self._silent_line())
        if not self._line.name:
            self._refresh = False
            self._backend.rescan()
        self._devices = self._backend.outputs()
        device = find_output(self._devices, self._wanted)
        if isinstance(self._wanted, int):
            self._wanted = device.name  # numbers change with every scan
        if device.name == self._line.name:
            return
        channels = min(device.channels, 2)
        line = Line(
            name=device.name,
            rate_hz=self.rate_hz,
            channels=self.channels,
            device_rate_hz=device.rate_hz,
            device_channels=channels,
            gain=self._gain,
            buffer_ms=self._buffer_ms,
            start_stream=lambda render: self._backend.open(device, channels, render),
        )
        self._hand_over(line)
        self._on_event(OutputEvent(OutputChange.OPENED, device.name, f"playing on {device.name}"))

    def _hand_over(self, line: Line) -> None:
        """Go on with `line` at the sample where the present one stops, then close that one."""
        old = self._line
        self._wait_until_parked(old)
        with self._lock:
            line.base_samples = old.played_samples
            line.base_underruns, line.base_missed_samples = old.underruns, old.missed_samples
            unheard = self._unheard_part()
            if len(unheard):
                line.write(unheard)
            if self._playing:
                line.player.fade_in(HANDOVER_FADE_MS)
            line.player.set_gain(self._gain)
            line.buffer_ms = self._buffer_ms
            self._line = line
        old.stream.close()

    def _wait_until_parked(self, line: Line) -> None:
        """Fade `line` out; a device that has died does not hold us up for long."""
        line.player.fade_out(HANDOVER_FADE_MS)
        deadline = time.monotonic() + HANDOVER_TIMEOUT_S
        while not line.player.parked and line.stream.active and time.monotonic() < deadline:
            time.sleep(0.002)

    def _silent_line(self) -> Line:
        return Line(
            name="",
            rate_hz=self.rate_hz,
            channels=self.channels,
            device_rate_hz=self.rate_hz,
            device_channels=self.channels,
            gain=self._gain,
            buffer_ms=self._buffer_ms,
            start_stream=lambda render: ClockedStream(self.rate_hz, self.channels, render),
        )
