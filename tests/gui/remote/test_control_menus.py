"""The right-click menus, and what a control shows while it is learnt and picked up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mido
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.extras import how_to_install
from gui.control_model import ControlModel
from gui.notify import Notifier
from gui.play.blend_pad import BlendPad
from gui.play.knob_bank import KnobBank
from gui.play.knob_defaults import KnobDefaults
from gui.remote.control_menus import ControlMenus
from gui.remote.decoder import Kind, Source
from gui.remote.device_map import Binding, DeviceMap, MapFolder
from gui.remote.marks import Mark
from gui.remote.midi import Midi
from gui.remote.relative import Encoder
from gui.remote.targets import Targets
from gui.volume import VolumeFader

PORT, DEVICE = "Korg:Korg CTRL 24:0", "Korg:Korg CTRL"


class Board(QWidget):
    """Some controls and their menus."""

    def __init__(self, targets: Targets, midi: Midi | None, controls: ControlModel, volume: VolumeFader, path: Path):
        super().__init__()
        self.bank, self.pad, self.volume, self.field = KnobBank(controls), BlendPad(), volume, QLineEdit()
        layout = QVBoxLayout(self)
        for widget in (self.bank, self.pad, volume, self.field):
            layout.addWidget(widget)
        self.bank._on_instrument(controls.instrument)
        self.bank.show_state(controls.state)
        self.menus = ControlMenus(targets, midi, KnobDefaults(path), Notifier())
        self.menus.attach(self.bank.strength, "strength")
        self.menus.attach(self.pad, "pad/x", "pad/y")
        self.menus.attach(volume, "volume")
        self.attach_knobs()

    def attach_knobs(self) -> None:
        self.menus.detach("knob/")
        for genre, knob in self.bank.knobs.items():
            self.menus.attach(knob, f"knob/{genre}")


@pytest.fixture
def midi(targets: Targets, backend: Any, qtbot: QtBot, tmp_path: Path) -> Iterator[Midi]:
    backend.names = [PORT]
    maps = MapFolder(tmp_path / "midi")
    maps.save(DeviceMap(DEVICE, (Binding(Source(Kind.CC, 0, 74), "knob/jazz"),)))
    midi = Midi(targets, maps, Notifier(), lambda: backend)
    midi.start()
    qtbot.waitUntil(lambda: midi.devices == (DEVICE,), timeout=30_000)
    yield midi
    midi.close()


@pytest.fixture
def board(
    qtbot: QtBot, targets: Targets, midi: Midi, controls: ControlModel, volume: VolumeFader, tmp_path: Path
) -> Board:
    board = Board(targets, midi, controls, volume, tmp_path / "defaults.json")
    qtbot.addWidget(board)
    board.resize(700, 700)
    board.show()
    return board


def words(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def choose(menu: QMenu, beginning: str) -> None:
    next(action for action in menu.actions() if action.text().startswith(beginning)).trigger()


def test_a_knob_offers_value_default_and_midi(board: Board) -> None:
    assert words(board.menus.menu(board.bank.knobs["rock"])) == ["Type a value…", "Reset to 0.00", "MIDI learn"]
    of_jazz = words(board.menus.menu(board.bank.knobs["jazz"]))
    assert f"Forget CC 74, channel 1 of {DEVICE}" in of_jazz
    assert "CC 74, channel 1 counts" in of_jazz


def test_controls_of_two_ways_offer_both(board: Board) -> None:
    offered = words(board.menus.menu(board.pad))
    assert "MIDI learn: Blend, left to right" in offered
    assert "MIDI learn: Blend, down to up" in offered


def test_a_right_click_opens_the_menu_and_not_the_knob_s_own(board: Board) -> None:
    knob = board.bank.knobs["jazz"]
    QApplication.sendEvent(knob, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), QPoint(5, 5)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert "MIDI learn" in words(menu)
    menu.close()


def test_a_default_of_the_player_s_own_is_where_a_double_click_leads(
    qtbot: QtBot,
    board: Board,
    controls: ControlModel,
    targets: Targets,
    midi: Midi,
    volume: VolumeFader,
    tmp_path: Path,
) -> None:
    knob = board.bank.strength
    controls.edit("strength", strength=0.8)
    choose(board.menus.menu(knob), "Make 0.80 the default")
    controls.edit("strength", strength=1.7)
    QTest.mouseDClick(knob, Qt.MouseButton.LeftButton)
    assert controls.state.strength == 0.8
    again = Board(targets, midi, controls, VolumeFader(0.0), tmp_path / "defaults.json")
    qtbot.addWidget(again)
    assert again.bank.strength.scale.default == 0.8
    choose(board.menus.menu(knob), "Make 1.00 the default again")
    knob.reset()
    assert controls.state.strength == 1.0
    assert KnobDefaults(tmp_path / "defaults.json").of("strength") is None


def test_what_has_no_menu_of_its_own_can_be_reset(board: Board, targets: Targets) -> None:
    targets.turn({"volume": -20.0})
    choose(board.menus.menu(board.volume), "Volume: reset to 0")
    assert board.volume.value() == 0


def test_learning_is_seen_and_escape_ends_it_wherever_the_focus_is(qtbot: QtBot, board: Board, midi: Midi) -> None:
    board.activateWindow()
    assert QTest.qWaitForWindowActive(board)
    knob = board.bank.knobs["jazz"]
    choose(board.menus.menu(knob), "MIDI learn")
    mark = knob.findChild(Mark)
    assert mark.isVisible()
    assert mark.words == "move a control"
    assert not board.grab().isNull()
    assert "Cancel MIDI learn\tEsc" in words(board.menus.menu(knob))
    board.field.setFocus()
    QTest.keyClick(board.field, Qt.Key.Key_A)
    assert midi.learning_key == "knob/jazz"
    assert board.field.text() == "a", "other keys go where they always do"
    QTest.keyClick(board.field, Qt.Key.Key_Escape)
    assert midi.learning_key == ""
    assert not mark.isVisible()


def test_a_learnt_control_is_named_on_the_knob(qtbot: QtBot, board: Board, midi: Midi, backend: Any) -> None:
    midi.learn("knob/rock")
    backend.open[PORT].send(mido.Message("control_change", control=20, value=9))
    qtbot.waitUntil(lambda: midi.learning_key == "", timeout=30_000)
    mark = board.bank.knobs["rock"].findChild(Mark)
    assert mark.isVisible()
    assert mark.words == "CC 20, channel 1"


def test_a_control_that_has_not_met_its_value_shows_which_way_to_turn(
    qtbot: QtBot, board: Board, controls: ControlModel, backend: Any
) -> None:
    controls.turn_knob("jazz", 1.0)
    backend.open[PORT].send(mido.Message("control_change", control=74, value=20))
    knob = board.bank.knobs["jazz"]
    qtbot.waitUntil(lambda: knob.findChild(Mark) is not None, timeout=30_000)
    assert knob.findChild(Mark).words == "−1.35 ▲"
    assert not board.grab().isNull()
    controls.turn_knob("jazz", -1.9)
    backend.open[PORT].send(mido.Message("control_change", control=74, value=22))
    qtbot.waitUntil(lambda: knob.findChild(Mark).words == "−1.29 ▼", timeout=30_000)


def test_forgetting_and_choosing_how_an_encoder_counts(board: Board, midi: Midi) -> None:
    menu = board.menus.menu(board.bank.knobs["jazz"])
    counts = next(action.menu() for action in menu.actions() if action.menu() is not None)
    choose(counts, "sign bit")
    assert midi.bindings("knob/jazz")[0].binding.encoder is Encoder.SIGN_BIT
    choose(board.menus.menu(board.bank.knobs["jazz"]), "Forget")
    assert midi.bindings("knob/jazz") == []


def test_another_instrument_while_its_knob_is_learnt(
    qtbot: QtBot, board: Board, midi: Midi, controls: ControlModel, loaded: Any
) -> None:
    midi.learn("knob/jazz")
    controls.adopt(loaded)  # the same genres on other widgets
    board.attach_knobs()
    assert midi.learning_key == ""
    QApplication.processEvents()
    midi.learn("knob/jazz")
    assert board.bank.knobs["jazz"].findChild(Mark).isVisible()
    midi.cancel_learning()


def test_without_the_libraries_the_menu_says_how_to_get_them(
    qtbot: QtBot, targets: Targets, controls: ControlModel, volume: VolumeFader, tmp_path: Path
) -> None:
    board = Board(targets, None, controls, volume, tmp_path / "defaults.json")
    qtbot.addWidget(board)
    assert words(board.menus.menu(board.bank.strength))[-1] == f"MIDI comes with  {how_to_install('midi')}"
    midi_switched_off = Midi(targets, MapFolder(tmp_path / "m"), Notifier(), lambda: pytest.fail("not started"))
    board.menus._midi = midi_switched_off
    assert words(board.menus.menu(board.bank.strength))[-1] == "MIDI is switched off"
