"""The window with the real engine, played by a controller and by OSC: what they move reaches the engine, and soon."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from pythonosc.udp_client import SimpleUDPClient

from gui.app import open_window
from gui.main_window import MainWindow
from gui.notify import Notifier
from gui.remote import ports
from gui.remote.decoder import Kind, Source
from gui.remote.device_map import Binding, DeviceMap, MapFolder
from gui.settings import Settings

PORT, DEVICE = "Korg:Korg CTRL 24:0", "Korg:Korg CTRL"
TIMEOUT_MS = 60_000


@pytest.fixture
def window(
    qtbot: QtBot,
    tiny_spectral: Path,
    store: QSettings,
    tmp_path: Path,
    backend: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MainWindow]:
    """With a controller that has learnt play, record and guidance."""
    monkeypatch.setattr(ports, "RtMidi", lambda: backend)
    monkeypatch.setattr(ports, "installed", lambda: True)
    monkeypatch.setattr("gui.remote.remote.START_AFTER_MS", 0)
    backend.names = [PORT]
    bindings = (
        Binding(Source(Kind.CC, 0, 74), "guidance"),
        Binding(Source(Kind.NOTE, 0, 36), "toggle"),
        Binding(Source(Kind.NOTE, 0, 37), "record"),
    )
    MapFolder(tmp_path / "midi").save(DeviceMap(DEVICE, bindings))
    settings = Settings(model=str(tiny_spectral), takes_folder=str(tmp_path / "takes"), welcomed=True)
    window = open_window(settings, store, Notifier())
    window.show()
    qtbot.waitUntil(lambda: PORT in backend.open, timeout=30_000)
    yield window
    window.close()
    window.deleteLater()


def test_a_controller_plays_the_window(qtbot: QtBot, window: MainWindow, backend: Any) -> None:
    port, bridge, controls = backend.open[PORT], window.bridge, window.controls
    port.send(mido.Message("note_on", note=36), mido.Message("note_off", note=36))
    qtbot.waitUntil(lambda: bridge.status.heard_frame > 5, timeout=TIMEOUT_MS)
    port.send(mido.Message("note_on", note=37))
    qtbot.waitUntil(lambda: bridge.status.recording, timeout=30_000)
    port.send(*(mido.Message("control_change", control=74, value=value) for value in (0, 60)))
    qtbot.waitUntil(lambda: controls.state.guidance == pytest.approx(4.72), timeout=30_000)
    number = controls.state.number
    qtbot.waitUntil(lambda: bridge.status.control_number == number, timeout=30_000)
    assert window.page.sampling.knobs["guidance"].current == pytest.approx(60 / 127 * 10, abs=0.01)
    port.send(mido.Message("note_on", note=36))
    qtbot.waitUntil(lambda: not bridge.playing, timeout=30_000)
    # Timed while it stands still: how busy the machine is otherwise is not ours to say.
    waits_ms = []
    for value in range(61, 100):
        before, begun = controls.state.number, time.monotonic()
        assert window.remote.midi is not None
        window.remote.midi.receive(PORT, mido.Message("control_change", control=74, value=value))
        while bridge._engine._mailbox.control.number == before:
            qtbot.wait(1)
        waits_ms.append(1000 * (time.monotonic() - begun))
    assert np.median(waits_ms) < 20.0


def test_a_controller_takes_over_from_a_lane_where_that_has_brought_the_knob(
    qtbot: QtBot, window: MainWindow, backend: Any
) -> None:
    port, bridge, lanes = backend.open[PORT], window.bridge, window.page.automation
    port.send(mido.Message("note_on", note=36))
    qtbot.waitUntil(lambda: bridge.status.heard_frame > 5, timeout=TIMEOUT_MS)
    lanes.lanes.take_up({"guidance": ((0.0, 8.0), (10.0, 8.0))}, 10.0)
    window.remote.targets.act("automation")
    qtbot.waitUntil(lambda: bridge.status.control is not None and bridge.status.control.guidance == 8.0, timeout=30_000)
    port.send(mido.Message("control_change", control=74, value=30))
    port.send(mido.Message("control_change", control=74, value=90))  # past what is asked, 3.0, which nobody hears
    qtbot.wait(50)
    assert lanes.player.drives == ("guidance",)
    assert window.controls.state.guidance == 3.0
    port.send(mido.Message("control_change", control=74, value=110))
    qtbot.waitUntil(lambda: lanes.player.drives == (), timeout=30_000)
    assert window.controls.state.guidance == pytest.approx(8.66)
    port.send(mido.Message("control_change", control=74, value=60))
    qtbot.waitUntil(lambda: window.controls.state.guidance == pytest.approx(4.72), timeout=30_000)


def test_osc_is_switched_on_told_and_off_again(qtbot: QtBot, window: MainWindow, store: QSettings) -> None:
    told: list[str] = []
    window.notifier.told.connect(lambda message: told.append(message.text))
    osc = window.remote.osc
    assert osc.port is None, "off by default"
    (_, section) = window.remote.sections()
    section.changed.connect(lambda choices: window.choose(**choices))
    _type(section.port, _free_port())
    section.where._choose(1)
    assert osc.port == window.settings.osc_port
    assert "this computer" in told[-1]
    with SimpleUDPClient("127.0.0.1", osc.port) as client:
        client.send_message("/segue/guidance", 5.5)
        qtbot.waitUntil(lambda: window.controls.state.guidance == 5.5, timeout=30_000)
    section.where._choose(2)
    assert "whoever reaches port" in told[-1]
    assert Settings.load(store).osc_host == "0.0.0.0"
    taken = _free_port(hold=True)
    _type(section.port, taken.getsockname()[1])
    assert "used by another program" in told[-1]
    assert osc.port is None
    taken.close()
    section.where._choose(0)
    assert osc.port is None
    window.close()
    assert not window.remote.midi.running  # type: ignore[union-attr]


def _type(field: QLineEdit, number: int) -> None:
    field.clear()
    QTest.keyClicks(field, str(number))
    QTest.keyClick(field, Qt.Key.Key_Return)


def _free_port(hold: bool = False) -> Any:
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.bind(("0.0.0.0", 0))
    if hold:
        return probe
    with probe:
        return probe.getsockname()[1]


def test_every_control_of_the_window_can_be_learnt(window: MainWindow) -> None:
    remote = window.remote
    keys = {key for keys in remote.menus._keys.values() for key in keys}
    targets = {*remote.targets.parameters, *remote.targets.actions}
    assert targets - keys == {"top_p"}, "what has no widget"
    assert keys - targets == {"pad/x", "pad/y", "layer"}, (
        "this model has no pack: the pad has no corners, nothing is steered"
    )


def test_the_system_s_own_midi_can_be_asked() -> None:
    pytest.importorskip("rtmidi")
    try:
        backend = ports.RtMidi()
    except (ImportError, OSError) as error:
        pytest.skip(f"no MIDI here: {error}")
    assert isinstance(backend.get_input_names(), list)
    with pytest.raises(OSError):  # noqa: PT011  (the words are the driver's)
        backend.open_input("no-such-port", callback=lambda _message: None)
