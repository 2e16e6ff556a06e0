"""Every view–model pair in both directions: a gesture changes the model, the model changes the view, nothing echoes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.control import ControlState, Law
from engine.messages import ModelLoaded
from gui.control_model import ControlModel
from gui.play.depth import DepthPanel
from gui.play.knob import Knob
from gui.play.knob_bank import KnobBank
from gui.play.performer import SeedChoice
from gui.play.prompt import PAUSE_MS, PromptField
from gui.play.sampling import SamplingPanel

LEFT = Qt.MouseButton.LeftButton
NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def counted(controls: ControlModel) -> list[ControlState]:
    states: list[ControlState] = []
    controls.changed.connect(states.append)
    return states


@pytest.fixture
def bank(qtbot: QtBot, loaded: ModelLoaded) -> tuple[KnobBank, ControlModel]:
    controls = ControlModel()
    bank = KnobBank(controls)
    qtbot.addWidget(bank)
    controls.adopt(loaded)
    return bank, controls


def test_knobs_stand_in_ring_order_with_the_packs_redlines(bank: tuple[KnobBank, ControlModel]) -> None:
    knobs = bank[0].knobs
    assert list(knobs) == ["classical", "electronic", "jazz", "rock"]
    assert [knob._redline for knob in knobs.values()] == [1.2, 1.3, 1.4, 1.5]


def test_knob_and_model(bank: tuple[KnobBank, ControlModel]) -> None:
    view, controls = bank
    QTest.keyClick(view.knobs["jazz"], Qt.Key.Key_Up)
    QTest.keyClick(view.strength, Qt.Key.Key_Down)
    assert controls.state.blend == (("jazz", 0.04),)
    assert controls.state.strength == 0.98
    states = counted(controls)
    controls.undo()
    controls.turn_knobs("other hand", {"rock": -1.0, "jazz": 0.5})
    assert [view.knobs[genre].current for genre in view.knobs] == [0.0, 0.0, 0.5, -1.0]
    assert view.strength.current == 1.0
    assert len(states) == 2


def test_tab_goes_through_the_knobs_in_ring_order_and_then_to_the_strength(bank: tuple[KnobBank, ControlModel]) -> None:
    view, controls = bank
    assert controls.instrument is not None
    controls.adopt(controls.instrument)  # other widgets, in the same places
    wanted = [*view.knobs.values(), view.strength]
    widget: QWidget | None = wanted[0]
    met = []
    while widget is not None and len(met) < len(wanted):
        if isinstance(widget, Knob):
            met.append(widget)
        widget = widget.nextInFocusChain()
    assert met == wanted


def test_another_pack_brings_other_knobs(bank: tuple[KnobBank, ControlModel], loaded: ModelLoaded) -> None:
    view, controls = bank
    controls.turn_knob("jazz", 0.5)
    controls.adopt(replace(loaded, genres=("jazz", "ska"), redlines=(1.0, 1.1)))
    assert list(view.knobs) == ["jazz", "ska"]
    assert view.knobs["jazz"].current == 0.5
    controls.adopt(replace(loaded, genres=(), redlines=()))
    assert view.knobs == {}
    assert view.strength.isHidden()


def test_sampling_and_model(qtbot: QtBot, controls: ControlModel) -> None:
    view = SamplingPanel(controls, SeedChoice())
    qtbot.addWidget(view)
    for field in ("guidance", "temperature", "top_k"):
        QTest.keyClick(view.knobs[field], Qt.Key.Key_Down)
    state = controls.state
    assert (state.guidance, state.temperature, state.top_k) == (2.9, 0.98, 248)
    assert isinstance(state.top_k, int)
    states = counted(controls)
    controls.edit("all", guidance=1.5, temperature=0.0, top_k=1)
    assert [knob.current for knob in view.knobs.values()] == [1.5, 0.0, 1.0]
    assert len(states) == 1


def test_a_typed_seed_is_locked_and_kept(qtbot: QtBot, controls: ControlModel) -> None:
    seed = SeedChoice()
    view = SamplingPanel(controls, seed)
    qtbot.addWidget(view)
    first = seed.draw()
    assert view.seed.field.text() == str(first)
    view.seed.field.selectAll()
    QTest.keyClicks(view.seed.field, "1984")
    QTest.keyClick(view.seed.field, Qt.Key.Key_Return)
    assert (seed.value, seed.locked, seed.draw()) == (1984, True, 1984)
    assert view.seed.lock.isChecked()
    view.seed.lock.click()
    assert not seed.locked


def test_an_emptied_seed_is_the_seed_again(qtbot: QtBot, controls: ControlModel) -> None:
    seed = SeedChoice()
    view = SamplingPanel(controls, seed)
    qtbot.addWidget(view)
    view.seed.field.selectAll()
    QTest.keyClick(view.seed.field, Qt.Key.Key_Delete)
    assert view.seed.field.text() == ""
    QApplication.sendEvent(view.seed.field, QFocusEvent(QEvent.Type.FocusOut))
    assert view.seed.field.text() == str(seed.value)
    assert not seed.locked


def test_a_seed_is_digits_in_every_locale(qtbot: QtBot, controls: ControlModel, american: None) -> None:
    seed = SeedChoice()
    view = SamplingPanel(controls, seed)
    qtbot.addWidget(view)
    view.seed.field.clear()
    QTest.keyClicks(view.seed.field, "123,456")
    QTest.keyClick(view.seed.field, Qt.Key.Key_Return)
    assert seed.value == 123_456, "a comma cannot be typed"


def test_depth_and_model(qtbot: QtBot, loaded: ModelLoaded) -> None:
    controls = ControlModel()
    view = DepthPanel(controls)
    qtbot.addWidget(view)
    controls.adopt(replace(loaded, default_layers=((3, 0.8),)))
    view.resize(400, 180)
    view.show()
    strip = view.strip
    assert strip._chosen == {3}

    def at(layer: int) -> QPoint:
        return strip._cell(layer).center().toPoint()

    QTest.mouseClick(strip, LEFT, NONE, at(1))
    assert controls.state.layers == ((1, 0.8),)
    QTest.mouseClick(strip, LEFT, CONTROL, at(4))
    assert controls.state.layers == ((1, 0.4), (4, 0.4)), "together they push as hard as the pack's own"
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_Return)
    assert controls.state.layers == ((5, 0.8),)
    QTest.mouseClick(strip, LEFT, CONTROL, at(5))
    assert controls.state.layers == ((5, 0.8),), "one layer at least is steered"
    QTest.keyClick(view.law, Qt.Key.Key_Right)
    assert controls.state.law is Law.PRESERVE
    states = counted(controls)
    controls.edit("all", law=Law.ADD, layers=((0, 0.5), (2, 0.5)))
    assert strip._chosen == {0, 2}
    assert view.law.choice == 4
    view.auto.click()
    assert controls.state.layers is None
    assert strip._chosen == {3}
    assert len(states) == 2


def test_directions_are_made_orthogonal_and_back(qtbot: QtBot, loaded: ModelLoaded) -> None:
    controls = ControlModel()
    view = DepthPanel(controls)
    qtbot.addWidget(view)
    controls.adopt(loaded)
    view.orthogonal.click()
    assert controls.state.orthogonal
    assert view.orthogonal.isChecked()
    controls.undo()
    assert not view.orthogonal.isChecked()
    controls.adopt(replace(loaded, genres=(), default_layers=()))
    assert not view.orthogonal.isEnabled()


def test_plus_adds_a_layer_and_minus_takes_it_away(qtbot: QtBot, loaded: ModelLoaded) -> None:
    controls = ControlModel()
    view = DepthPanel(controls)
    qtbot.addWidget(view)
    controls.adopt(loaded)
    strip = view.strip

    def press(*keys: Qt.Key) -> set[int]:
        for key in keys:
            QTest.keyClick(strip, key)
        return set(strip._chosen)

    right, plus, minus = Qt.Key.Key_Right, Qt.Key.Key_Plus, Qt.Key.Key_Minus
    assert strip._cursor == 3
    assert press(right, minus) == {3}, "it is not there to be taken away"
    assert press(plus) == {3, 4}
    assert press(plus) == {3, 4}, "it is there already"
    assert press(minus) == {3}


def test_prompt_and_model(qtbot: QtBot, controls: ControlModel) -> None:
    field = PromptField(controls)
    qtbot.addWidget(field)
    states = counted(controls)
    QTest.keyClicks(field, "a waltz")
    assert controls.state.prompt == ""
    qtbot.waitUntil(lambda: controls.state.prompt == "a waltz", timeout=5 * PAUSE_MS)
    QTest.keyClicks(field, " in three")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert [state.prompt for state in states] == ["a waltz", "a waltz in three"]
    controls.edit("other hand", prompt="a march")
    assert field.text() == "a march"
    assert len(states) == 3
