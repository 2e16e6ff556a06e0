"""Listing and finding outputs, with and without PortAudio."""

import builtins
import sys
from types import SimpleNamespace

import pytest

from engine.audio.devices import OutputDevice, PortAudio, find_output, list_outputs
from engine.errors import DeviceError

SPEAKERS = OutputDevice("Speakers", 3, 2, 48000, True)
INTERFACE = OutputDevice("Interface 18i8", 5, 8, 44100, False)
HEADPHONES = OutputDevice("Interface 18i8 Headphones", 6, 2, 44100, False)
ALL = (SPEAKERS, INTERFACE, HEADPHONES)


def api(name: str, devices: list[int], default: int) -> dict[str, object]:
    return {"name": name, "devices": devices, "default_output_device": default, "default_input_device": -1}


def device(index: int, name: str, hostapi: int, outputs: int) -> dict[str, object]:
    return {
        "index": index,
        "name": name,
        "hostapi": hostapi,
        "max_output_channels": outputs,
        "default_samplerate": 48000.0,
    }


def install(monkeypatch: pytest.MonkeyPatch, apis: list[object], devices: list[object]) -> None:
    fake = SimpleNamespace(
        query_devices=lambda: devices, query_hostapis=lambda: tuple(apis), PortAudioError=RuntimeError
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)


@pytest.mark.parametrize(
    ("query", "found"),
    [(None, SPEAKERS), ("Interface 18i8", INTERFACE), ("head", HEADPHONES), ("SPEAK", SPEAKERS)],
)
def test_find_by_name_or_default(query: str | None, found: OutputDevice) -> None:
    assert find_output(ALL, query) == found


@pytest.mark.parametrize("query", ["18i8 ", "nothing"])
def test_what_is_not_found_or_not_clear_names_the_choice(query: str) -> None:
    with pytest.raises(DeviceError, match="choose one of"):
        find_output((INTERFACE, HEADPHONES, OutputDevice("18i8 B", 9, 2, 44100, False)), query)


def test_no_output_at_all() -> None:
    with pytest.raises(DeviceError, match="connect one"):
        find_output((), None)


def test_missing_library_is_a_reason_not_a_crash_and_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []
    real = builtins.__import__

    def refuse(name: str, *args: object) -> object:
        if name == "sounddevice":
            tries.append(name)
            raise OSError("PortAudio library not found")
        return real(name, *args)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(builtins, "__import__", refuse)
    backend = PortAudio()
    for _ in range(2):
        outputs, reason = list_outputs(backend)
        assert outputs == ()
        assert "PortAudio is missing" in reason
    assert len(tries) == 1


def test_only_outputs_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [api("ALSA", [0, 1], 1)], [device(0, "Microphone", 0, 0), device(1, "Speakers", 0, 2)])
    outputs, reason = list_outputs(PortAudio())
    assert outputs == (OutputDevice("Speakers", 1, 2, 48000, True),)
    assert reason == ""


def test_empty_system_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [], [])
    assert list_outputs(PortAudio()) == ((), "the system lists no audio output; connect one")


def test_a_sound_system_that_failed_to_start_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [], [])
    fake, running, may_start = sys.modules["sounddevice"], [True], [False]

    def terminate() -> None:
        if not running.pop():
            running.append(False)
            raise RuntimeError("not initialised")
        running.append(False)

    def initialize() -> None:
        if not may_start[0]:
            raise RuntimeError("no service")
        running[0] = True

    fake._terminate, fake._initialize = terminate, initialize  # type: ignore[attr-defined]
    backend = PortAudio()
    for _ in range(2):
        with pytest.raises(DeviceError, match="does not start: no service"):
            backend.rescan()
    may_start[0] = True
    backend.rescan()
    assert running == [True]


@pytest.mark.parametrize(("platform", "expected"), [("win32", "Speakers whole name"), ("linux", "Speakers (cut")])
def test_windows_lists_each_device_once_by_its_whole_name(
    monkeypatch: pytest.MonkeyPatch, platform: str, expected: str
) -> None:
    apis = [api("MME", [0], 0), api("Windows WASAPI", [1], 1)]
    install(monkeypatch, apis, [device(0, "Speakers (cut", 0, 2), device(1, "Speakers whole name", 1, 2)])
    monkeypatch.setattr(sys, "platform", platform)
    assert [found.name for found in list_outputs(PortAudio())[0]] == [expected]


class FakeStream:
    def __init__(self, opened: list["FakeStream"], starts: bool, **options: object) -> None:
        self.starts, self.options, self.closed = starts, options, False
        opened.append(self)

    def start(self) -> None:
        if not self.starts:
            raise RuntimeError("busy")

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("platform", "name", "settings"),
    [("win32", "Windows WASAPI", {"auto_convert": True}), ("win32", "MME", None), ("linux", "ALSA", None)],
)
def test_a_mixer_of_another_rate_is_allowed_to_convert(
    monkeypatch: pytest.MonkeyPatch, platform: str, name: str, settings: object
) -> None:
    install(monkeypatch, [api(name, [0], 0)], [device(0, "Speakers", 0, 2)])
    monkeypatch.setattr(sys, "platform", platform)
    opened: list[FakeStream] = []
    fake = sys.modules["sounddevice"]
    monkeypatch.setattr(fake, "WasapiSettings", dict, raising=False)
    monkeypatch.setattr(fake, "OutputStream", lambda **options: FakeStream(opened, True, **options), raising=False)
    PortAudio().open(SPEAKERS, 2, lambda _: None)
    assert opened[0].options["extra_settings"] == settings
    assert not opened[0].closed


def test_a_stream_that_does_not_start_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [api("ALSA", [0], 0)], [device(0, "Speakers", 0, 2)])
    opened: list[FakeStream] = []
    fake = sys.modules["sounddevice"]
    monkeypatch.setattr(fake, "OutputStream", lambda **options: FakeStream(opened, False, **options), raising=False)
    with pytest.raises(DeviceError, match="Speakers cannot be opened: busy"):
        PortAudio().open(SPEAKERS, 2, lambda _: None)
    assert opened[0].closed


def test_this_machine_lists_something_or_says_why() -> None:
    outputs, reason = list_outputs()
    assert bool(outputs) != bool(reason)
