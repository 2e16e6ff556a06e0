"""The settings' sections: devices with their switches, and where OSC is listened to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.extras import how_to_install
from gui.notify import Notifier
from gui.remote.decoder import Kind, Source
from gui.remote.device_map import Binding, DeviceMap, MapFolder
from gui.remote.midi import Midi
from gui.remote.osc import OscInput
from gui.remote.settings_section import MidiSection, OscSection
from gui.remote.targets import Targets
from gui.settings import Settings

PORT, DEVICE = "Korg:Korg CTRL 24:0", "Korg:Korg CTRL"


@pytest.fixture
def midi(targets: Targets, backend: Any, tmp_path: Path) -> Iterator[Midi]:
    maps = MapFolder(tmp_path)
    maps.save(DeviceMap(DEVICE, (Binding(Source(Kind.CC, 0, 74), "knob/jazz"),)))
    midi = Midi(targets, maps, Notifier(), lambda: backend)
    midi.start()
    yield midi
    midi.close()


def test_devices_come_and_go_with_what_they_do(qtbot: QtBot, midi: Midi, backend: Any) -> None:
    section = MidiSection(midi, Settings())
    qtbot.addWidget(section)
    assert section.words.text() == "No controller is plugged in."
    backend.names = [PORT]
    qtbot.waitUntil(lambda: DEVICE in section.rows, timeout=30_000)
    row = section.rows[DEVICE]
    assert row.words.text() == "1 control learnt"
    row.switch.chosen.emit(0)
    qtbot.waitUntil(lambda: backend.open == {}, timeout=30_000)
    assert section.rows[DEVICE].switch.choice == 0
    section.rows[DEVICE].switch.chosen.emit(1)
    qtbot.waitUntil(lambda: PORT in backend.open, timeout=30_000)
    row = section.rows[DEVICE]
    row.forget.click()
    assert midi.count(DEVICE) == 1, "the first click asks"
    row.forget.click()
    assert midi.count(DEVICE) == 0
    assert not section.rows[DEVICE].forget.isEnabled()
    assert section.rows[DEVICE] is row, "which keeps the keyboard, whatever changes"
    backend.names = []
    qtbot.waitUntil(lambda: section.rows == {}, timeout=30_000)


def test_a_device_in_use_elsewhere_says_so(qtbot: QtBot, midi: Midi, backend: Any) -> None:
    section = MidiSection(midi, Settings())
    qtbot.addWidget(section)
    backend.busy, backend.names = {PORT}, [PORT]
    qtbot.waitUntil(lambda: DEVICE in section.rows, timeout=30_000)
    assert section.rows[DEVICE].words.text() == "used by another program; 1 control learnt"


def test_the_switches_give_choices_by_name(qtbot: QtBot, midi: Midi, targets: Targets) -> None:
    section, receiver = MidiSection(midi, Settings()), OscInput(targets)
    network = OscSection(receiver, Settings())
    for widget in (section, network):
        qtbot.addWidget(widget)
    choices: list[dict[str, object]] = []
    section.changed.connect(choices.append)
    network.changed.connect(choices.append)
    section.switch.chosen.emit(0)
    for index in (1, 2, 0):
        network.where.chosen.emit(index)
    for text in ("9100", "80", "99999", ""):
        network.port.clear()
        QTest.keyClicks(network.port, text)
        QTest.keyClick(network.port, Qt.Key.Key_Return)
    assert choices == [
        {"midi": False},
        {"osc": True, "osc_host": "127.0.0.1"},
        {"osc": True, "osc_host": "0.0.0.0"},
        {"osc": False},
        {"osc_port": 9100},
    ]
    assert set().union(*choices) <= set(Settings.__dataclass_fields__)


def test_a_port_is_digits_in_every_locale(qtbot: QtBot, targets: Targets, american: None) -> None:
    section = OscSection(OscInput(targets), Settings())
    qtbot.addWidget(section)
    section.port.clear()
    QTest.keyClicks(section.port, "9,100")
    with qtbot.waitSignal(section.changed, timeout=30_000) as told:
        QTest.keyClick(section.port, Qt.Key.Key_Return)
    assert told.args == [{"osc_port": 9100}]


@pytest.mark.parametrize(
    ("settings", "choice"),
    [
        (Settings(), 0),
        (Settings(osc=True), 1),
        (Settings(osc=True, osc_host="::1"), 1),
        (Settings(osc=True, osc_host="192.168.1.5"), 2),
        (Settings(osc=True, osc_host="nonsense"), 2),
    ],
)
def test_what_is_kept_is_shown(qtbot: QtBot, targets: Targets, settings: Settings, choice: int) -> None:
    section = OscSection(OscInput(targets), settings)
    qtbot.addWidget(section)
    assert section.where.choice == choice
    assert section.port.text() == str(settings.osc_port)


def test_the_section_says_where_it_listens(qtbot: QtBot, targets: Targets) -> None:
    receiver = OscInput(targets)
    section = OscSection(receiver, Settings(osc=True))
    qtbot.addWidget(section)
    assert "Not listening" in section.words.text()
    receiver.start("127.0.0.1", 0)
    assert f"port {receiver.port}" in section.words.text()
    receiver.stop()
    assert "Not listening" in section.words.text()
    receiver.close()


def test_without_the_libraries_it_says_how_to_get_them(
    qtbot: QtBot, targets: Targets, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = MidiSection(None, Settings())
    monkeypatch.setattr("gui.remote.osc.installed", lambda: False)
    network = OscSection(OscInput(targets), Settings())
    for widget in (section, network):
        qtbot.addWidget(widget)
    assert how_to_install("midi") in section.words.text()
    assert how_to_install("osc") in network.words.text()
