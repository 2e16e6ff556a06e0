"""A window's worth of targets without an engine, and MIDI ports without hardware."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import mido
import pytest
from PySide6.QtCore import QObject, Signal

from gui.control_model import ControlModel
from gui.play.performer import Performer
from gui.remote.targets import Targets
from gui.volume import VolumeFader


class Bridge(QObject):
    """What a performer asks of the engine, noted down."""

    model_loaded = Signal(object)
    pack_loaded = Signal(object)
    load_failed = Signal()
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[object] = []
        self.playing = False
        self.status = SimpleNamespace(recording=False, seed=7)

    def play(self, seed: int | None) -> None:
        self.asked.append("play")
        self.playing = True

    def stop(self) -> None:
        self.asked.append("stop")
        self.playing = False

    def record(self, name: str) -> None:
        self.asked.append("record")

    def keep_last(self, name: str) -> None:
        self.asked.append("keep")


class Port:
    """An open input in mido's manner: a callback, called in a thread that is not the window's."""

    def __init__(self, backend: Backend, name: str, callback: Callable[[Any], None]) -> None:
        self._backend, self.name, self._callback = backend, name, callback

    def send(self, *messages: mido.Message) -> None:
        thread = threading.Thread(target=lambda: [self._callback(message) for message in messages])
        thread.start()
        thread.join()

    def close(self) -> None:
        self._backend.open.pop(self.name, None)


class Backend:
    """mido's two functions over ports that a test plugs in and out."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.busy: set[str] = set()
        self.broken = False
        self.open: dict[str, Port] = {}
        self.opened: list[str] = []

    def get_input_names(self) -> list[str]:
        if self.broken:
            raise OSError("no MIDI system")
        return list(self.names)

    def open_input(self, name: str, callback: Callable[[Any], None]) -> Port:
        if name in self.busy or name not in self.names:
            raise OSError(f"unknown port {name!r}")
        self.opened.append(name)
        self.open[name] = Port(self, name, callback)
        return self.open[name]


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    """No device yet; looked at every few milliseconds."""
    monkeypatch.setattr("gui.remote.ports.LOOK_EVERY_S", 0.005)
    return Backend()


@pytest.fixture
def bridge(qapp: object) -> Bridge:
    return Bridge()


@pytest.fixture
def performer(bridge: Bridge, controls: ControlModel) -> Performer:
    """One whose model is there."""
    performer = Performer(bridge, controls)  # type: ignore[arg-type]
    bridge.model_loaded.emit(None)
    return performer


@pytest.fixture
def volume(qapp: object) -> VolumeFader:
    return VolumeFader(0.0)


@pytest.fixture
def targets(controls: ControlModel, performer: Performer, volume: VolumeFader) -> Targets:
    return Targets(controls, performer, volume)
