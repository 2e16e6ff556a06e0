"""Output against invented devices that are pulled by hand: hot selection, loss, recovery, silence."""

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import soxr

from engine.audio import supervisor as supervisor_module
from engine.audio.devices import OutputDevice, Render
from engine.audio.output import LONGEST_BUFFER_MS, SHORTEST_BUFFER_MS, Output
from engine.audio.supervisor import OutputChange, OutputEvent
from engine.errors import DeviceError

RATE = 32000
BLOCK = 640


class HandStream:
    """A device that plays only when the test pulls."""

    def __init__(self, device: OutputDevice, channels: int, render: Render) -> None:
        self.device, self.channels, self.render = device, channels, render
        self.active = True
        self.heard: list[np.ndarray] = []

    def pull(self, samples: int) -> None:
        out = np.full((samples, self.channels), np.nan, np.float32)
        self.render(out)
        self.heard.append(out)

    def close(self) -> None:
        self.active = False


class HandBackend:
    def __init__(self, *devices: OutputDevice) -> None:
        self.devices = devices
        self.streams: list[HandStream] = []
        self.refused: set[str] = set()
        self.scans = 0

    def outputs(self) -> tuple[OutputDevice, ...]:
        return self.devices

    def rescan(self) -> None:
        assert not any(stream.active for stream in self.streams), "PortAudio would close it under our feet"
        self.scans += 1

    def open(self, device: OutputDevice, channels: int, render: Render) -> HandStream:
        if device.name in self.refused:
            raise DeviceError(f"{device.name} cannot be opened: busy")
        self.streams.append(HandStream(device, channels, render))
        return self.streams[-1]


class Desk:
    """Plays a sine through an `Output` in real order: the device pulls, the engine refills, the supervisor works."""

    def __init__(self, backend: HandBackend, channels: int = 2, **options: object) -> None:
        self.backend, self.channels, self.written = backend, channels, 0
        self.events: list[OutputEvent] = []
        self.output = Output(RATE, channels, backend=backend, on_event=self.events.append, **options)  # type: ignore[arg-type]
        self.output.open()
        assert self.output.wait_until_tried(10)

    def refill(self) -> None:
        while self.output.room_samples >= BLOCK:
            assert self.output.write(sine(self.written, BLOCK, self.channels))
            self.written += BLOCK

    def run(self, until: Callable[[], bool], what: str) -> None:
        """Play on until something has happened."""
        deadline = time.monotonic() + 10
        while not until():
            assert time.monotonic() < deadline, f"never: {what}; events: {self.events}"
            self.refill()
            for stream in self.backend.streams:
                if stream.active:
                    stream.pull(round(stream.device.rate_hz * 0.01))
            time.sleep(0.001)

    def play(self, blocks: int) -> None:
        left = iter(range(blocks))
        self.run(lambda: next(left, None) is None, "the end")

    def changes(self) -> list[OutputChange]:
        return [event.change for event in self.events]


def sine(start: int, count: int, channels: int) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * 220 * np.arange(start, start + count) / RATE)
    return np.repeat(wave.astype(np.float32)[:, None], channels, axis=1)


def steepest(sound: np.ndarray) -> float:
    return float(np.abs(np.diff(sound, axis=0)).max())


SMOOTH = 0.5 * 2 * np.pi * 220 / RATE + 0.5 / 160 + 2e-3

NATIVE = OutputDevice("Native", 0, 2, RATE, True)
USB = OutputDevice("USB", 1, 8, 48000, False)
MONO = OutputDevice("Mono", 2, 1, 44100, False)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "POLL_S", 0.005)
    monkeypatch.setattr(supervisor_module, "RETRY_S", 0.02)
    monkeypatch.setattr(supervisor_module, "STALLED_S", 0.3)


@pytest.fixture
def backend() -> HandBackend:
    return HandBackend(NATIVE, USB, MONO)


@pytest.fixture
def desk(backend: HandBackend) -> Iterator[Desk]:
    desk = Desk(backend)
    yield desk
    desk.output.close()


def test_plays_on_the_default_device_sample_for_sample(desk: Desk, backend: HandBackend) -> None:
    desk.refill()
    desk.output.fade_in(10)
    desk.play(100)
    heard = np.concatenate(backend.streams[0].heard)
    started = int(np.flatnonzero(heard[:, 0])[0]) - 1  # the sine's own first sample is 0
    sound = heard[started + 400 : started + 10000]
    np.testing.assert_allclose(sound, sine(400, len(sound), 2), atol=1e-5)
    assert desk.output.underruns == 0
    assert desk.output.device == "Native"
    assert desk.output.played_samples == desk.written - desk.output.buffered_samples
    assert desk.changes() == [OutputChange.OPENED]


def test_buffer_is_as_long_as_asked(desk: Desk) -> None:
    desk.refill()
    assert 0.2 * RATE <= desk.output.buffered_samples < 0.2 * RATE + BLOCK
    assert desk.output.room_samples == 0
    desk.output.set_buffer_ms(400)
    desk.refill()
    assert desk.output.buffered_samples >= 0.4 * RATE


@pytest.mark.parametrize(("asked_ms", "played_ms"), [(0.0, SHORTEST_BUFFER_MS), (5000.0, LONGEST_BUFFER_MS)])
def test_a_buffer_that_cannot_be_is_the_next_best(desk: Desk, asked_ms: float, played_ms: float) -> None:
    """More than the ring holds would never be filled, and what a take interrupted would not find room."""
    desk.output.set_buffer_ms(asked_ms)
    desk.refill()
    assert desk.output.buffered_samples == pytest.approx(played_ms / 1000 * RATE, abs=BLOCK)
    whole = desk.output.withdraw()
    desk.output.flush()
    assert desk.output.write(whole), "before the callback has let go of what was withdrawn"


def test_resampled_to_the_device(backend: HandBackend) -> None:
    backend.devices = (USB,)
    desk = Desk(backend)
    desk.output.fade_in(1)
    desk.play(150)
    desk.output.close()
    stream = backend.streams[0]
    assert stream.channels == 2, "the first two of its eight"
    heard = np.concatenate(stream.heard)
    first = int(np.flatnonzero(heard[:, 0])[0])
    expected = soxr.resample(sine(0, 2 * RATE, 2), RATE, 48000)
    length = 40000
    np.testing.assert_allclose(heard[first + 200 : length], expected[200 : length - first][: length - first], atol=2e-3)
    assert desk.output.underruns == 0


def test_hot_selection_loses_nothing_and_does_not_click(desk: Desk, backend: HandBackend) -> None:
    desk.output.fade_in(10)
    desk.play(50)
    for name in ("USB", "Mono", "Native"):
        desk.output.select(name)
        desk.run(lambda name=name: desk.output.device == name, f"selected {name}")
        desk.play(50)
    assert desk.output.underruns == 0
    assert [stream.active for stream in backend.streams] == [False, False, False, True]
    for stream in backend.streams:
        heard = np.concatenate(stream.heard)
        assert steepest(heard) <= SMOOTH
        assert np.abs(heard).max() > 0.4
        assert stream.active or not heard[-1].any(), "faded out before it was closed"
    assert desk.output.played_samples == desk.written - desk.output.buffered_samples


def test_selection_goes_on_at_the_very_sample(backend: HandBackend) -> None:
    other = OutputDevice("Other", 3, 2, RATE, False)
    backend.devices = (NATIVE, other)
    desk = Desk(backend)
    desk.output.fade_in(1)
    desk.play(30)
    desk.output.select("Other")
    desk.run(lambda: desk.output.device == "Other", "selected")
    handed_over = sum(len(part) for part in backend.streams[0].heard)
    desk.play(40)
    first, second = (np.concatenate(stream.heard) for stream in backend.streams[:2])
    assert len(first) == handed_over
    left_at = desk.output.played_samples - int((second[:, 0] != 0).nonzero()[0].size)
    resumed = np.flatnonzero(second[:, 0])[0]
    sound = second[resumed + 400 : resumed + 4000]
    desk.output.close()
    # The sample after the last consumed one comes first on the new device; ±2 for zeros of the sine itself.
    errors = [np.abs(sound - sine(left_at + 400 + shift, len(sound), 2)).max() for shift in range(-2, 3)]
    assert min(errors) < 1e-4


def test_a_device_that_does_not_open_leaves_the_present_one(desk: Desk, backend: HandBackend) -> None:
    backend.refused.add("USB")
    desk.output.fade_in(10)
    desk.output.select("USB")
    desk.run(lambda: OutputChange.REFUSED in desk.changes(), "refused")
    assert desk.output.device == "Native"
    desk.output.select("Nowhere")
    desk.run(lambda: desk.changes().count(OutputChange.REFUSED) == 2, "refused again")
    assert "choose one of: Native, USB, Mono" in desk.events[-1].text
    assert desk.output.device == "Native"
    assert desk.output.underruns == 0


@pytest.mark.parametrize("way", ["stream ends", "callbacks stop"])
def test_loss_falls_back_to_silence_and_recovers(backend: HandBackend, way: str) -> None:
    desk = Desk(backend)
    desk.output.select("Native")
    desk.output.fade_in(10)
    desk.play(50)
    lost = backend.streams[0]
    backend.devices = (USB,)
    if way == "stream ends":
        lost.active = False
    else:
        lost.pull = lambda samples: None  # type: ignore[method-assign]
    desk.run(lambda: OutputChange.LOST in desk.changes(), "lost")
    assert desk.output.device == ""
    before = desk.output.played_samples
    desk.run(lambda: desk.output.played_samples > before + 3200, "the clock plays on")
    backend.devices = (NATIVE, USB)
    desk.run(lambda: desk.output.device == "Native", "recovered")
    desk.play(30)
    assert desk.changes() == [OutputChange.OPENED, OutputChange.LOST, OutputChange.OPENED]
    assert np.abs(backend.streams[-1].heard[-1]).max() > 0.4
    assert desk.output.underruns == 0
    desk.output.close()


def test_a_sound_system_with_surprises_is_told_of_and_looked_after(backend: HandBackend) -> None:
    """What it raises is not always what it should."""
    outputs, surprises = backend.outputs, [KeyError("hostapi"), OSError("gone"), KeyError("hostapi")]

    def surprise() -> tuple[OutputDevice, ...]:
        if surprises:
            raise surprises.pop()
        return outputs()

    backend.outputs = surprise  # type: ignore[method-assign]
    desk = Desk(backend)
    desk.output.fade_in(1)
    assert desk.changes() == [OutputChange.SILENT]
    assert "failure of ours" in desk.events[0].text
    desk.run(lambda: desk.output.device == "Native", "opened all the same")
    surprises.append(KeyError("hostapi"))
    desk.output.select("USB")
    desk.run(lambda: desk.changes()[-1] is OutputChange.REFUSED, "refused")
    desk.output.close()
    assert not any(stream.active for stream in backend.streams)


def test_before_it_is_opened_it_plays_in_silence_and_touches_no_sound_system(backend: HandBackend) -> None:
    output = Output(RATE, 2, backend=backend)
    assert (output.device, output.devices, backend.scans) == ("", (), 0)
    output.close()
    assert not output.line.stream.active


def test_no_device_plays_by_the_clock_and_says_so_once() -> None:
    backend = HandBackend()
    desk = Desk(backend)
    desk.output.fade_in(1)
    started = time.monotonic()
    desk.run(lambda: desk.output.played_samples > 0.3 * RATE, "0.3 s played")
    elapsed = time.monotonic() - started
    # In real time: not faster; slower only by the start.
    assert 0.25 <= elapsed < 3.0
    desk.run(lambda: backend.scans >= 3, "looks again")
    assert desk.changes() == [OutputChange.SILENT]
    assert "connect one" in desk.events[0].text
    assert desk.output.underruns == 0
    backend.devices = (NATIVE,)
    desk.run(lambda: desk.output.device == "Native", "plugged in")
    desk.output.close()


def test_refresh_finds_a_new_device(desk: Desk, backend: HandBackend) -> None:
    desk.output.fade_in(10)
    desk.play(20)
    scans = backend.scans
    backend.devices = (NATIVE, USB, MONO, OutputDevice("New", 9, 2, 48000, False))
    desk.output.refresh()
    desk.run(lambda: len(desk.output.devices) == 4 and desk.output.device == "Native", "refreshed")
    assert backend.scans == scans + 1
    desk.output.select("New")
    desk.run(lambda: desk.output.device == "New", "selected")
    assert OutputChange.LOST not in desk.changes()
    assert desk.output.underruns == 0


def test_underruns_count_only_while_playing_and_survive_a_device_change(desk: Desk, backend: HandBackend) -> None:
    stream = backend.streams[0]
    for _ in range(20):
        stream.pull(320)
    assert desk.output.underruns == 0, "not playing"
    desk.output.fade_in(5)
    desk.play(20)
    for _ in range(60):
        stream.pull(320)
    assert desk.output.underruns == 1
    missed = desk.output.missed_samples
    assert missed > 0
    desk.output.select("USB")
    desk.run(lambda: desk.output.device == "USB", "selected")
    assert desk.output.underruns == 1
    assert desk.output.missed_samples >= missed


def test_the_clip_light_stays_on_when_the_device_changes(desk: Desk) -> None:
    desk.output.set_gain_db(20)
    desk.output.fade_in(1)
    desk.run(lambda: desk.output.peaks.clipped, "clipped")
    desk.output.set_gain_db(-40)
    desk.play(30)
    desk.output.select("USB")
    desk.run(lambda: desk.output.device == "USB", "selected")
    assert desk.output.peaks.clipped
    desk.output.peaks.reset_clip()
    desk.output.select("Native")
    desk.run(lambda: desk.output.device == "Native", "selected")
    assert not desk.output.peaks.clipped


def test_stop_flush_start_is_seamless(desk: Desk, backend: HandBackend) -> None:
    desk.output.fade_in(10)
    desk.play(50)
    desk.output.fade_out(10)
    desk.run(lambda: desk.output.silent, "silent")
    desk.output.flush()
    assert desk.output.buffered_samples == 0
    assert desk.output.played_samples == desk.written, "what was dropped is passed over"
    desk.output.fade_in(10)
    desk.play(50)
    assert desk.output.underruns == 0
    assert steepest(np.concatenate(backend.streams[0].heard)) <= SMOOTH


def test_volume_survives_a_device_change(desk: Desk, backend: HandBackend) -> None:
    desk.output.set_gain_db(-20)
    desk.output.fade_in(10)
    desk.play(60)
    desk.output.select("USB")
    desk.run(lambda: desk.output.device == "USB", "selected")
    desk.play(60)
    for stream in backend.streams:
        assert np.abs(np.concatenate(stream.heard[-20:])).max() == pytest.approx(0.05, rel=0.05)
    assert desk.output.peaks.held_dbfs[0] == pytest.approx(20 * np.log10(0.05), abs=0.5)


def test_mono_music_on_a_stereo_device(backend: HandBackend) -> None:
    desk = Desk(backend, channels=1)
    desk.output.fade_in(1)
    desk.play(40)
    desk.output.close()
    heard = np.concatenate(backend.streams[0].heard)
    np.testing.assert_array_equal(heard[:, 0], heard[:, 1])
    assert np.abs(heard).max() > 0.4


def test_a_block_that_does_not_fit_is_refused_whole(desk: Desk) -> None:
    written = 0
    while desk.output.write(np.zeros((RATE, 2), np.float32)):
        written += RATE
        assert written < 10 * RATE
    assert desk.output.buffered_samples == written


def test_close_is_final_and_leaves_no_thread(backend: HandBackend) -> None:
    before = threading.active_count()
    desk = Desk(backend)
    desk.output.fade_in(1)
    desk.refill()
    desk.output.close()
    desk.output.close()
    assert threading.active_count() == before
    assert not backend.streams[0].active
