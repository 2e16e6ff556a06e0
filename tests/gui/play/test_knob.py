"""Knob gestures: each gives the value that its convention says; following the model says nothing back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.play.knob import DRAG_PX, Knob
from gui.play.scale import Scale

SCALE = Scale(-2.0, 2.0, 0.001, 0.25, bipolar=True)
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def knob(qtbot: QtBot) -> Knob:
    knob = Knob("jazz", SCALE)
    qtbot.addWidget(knob)
    knob.resize(130, 180)
    knob.show()
    return knob


@pytest.fixture
def values(knob: Knob) -> list[float]:
    values: list[float] = []
    knob.edited.connect(values.append)
    return values


def drag(knob: Knob, up_px: int, modifier: Qt.KeyboardModifier = NONE) -> None:
    middle = QPoint(65, 90)
    QTest.mousePress(knob, Qt.MouseButton.LeftButton, modifier, middle)
    at = QPointF(middle) - QPointF(0, up_px)
    moved = QMouseEvent(
        QMouseEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, modifier
    )
    QApplication.sendEvent(knob, moved)
    QTest.mouseRelease(knob, Qt.MouseButton.LeftButton, modifier, at.toPoint())


def wheel(knob: Knob, notches: int, modifier: Qt.KeyboardModifier = NONE) -> None:
    at = QPointF(65, 90)
    delta = QPoint(0, 120 * notches)
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(knob, QWheelEvent(at, at, QPoint(), delta, buttons, modifier, phase, False))


def test_a_lane_drives_it_silently_until_it_lets_go(knob: Knob, values: list[float]) -> None:
    knob.show_value(0.5)
    knob.show_lane(-1.0)
    knob.show_value(0.75)
    assert knob.current == -1.0
    assert knob.accessibleDescription() == "−1.00, moved by its lane"
    knob.show_lane(None, let_go=True)
    assert knob.current == 0.75, "what was asked meanwhile"
    assert knob.accessibleDescription() == "+0.75, its lane has let go"
    knob.show_lane(None)
    assert knob.accessibleDescription() == "+0.75"
    assert values == []
    assert not knob.grab().isNull()


def test_following_the_model_says_nothing_back(knob: Knob, values: list[float]) -> None:
    knob.show_value(1.25)
    knob.show_heard(0.5)
    knob.show_value(-9.0)
    assert knob.current == -2.0
    assert values == []


@pytest.mark.parametrize(("modifier", "share"), [(NONE, 1.0), (SHIFT, 0.1)])
def test_a_drag_up_raises_and_shift_is_fine(
    knob: Knob, values: list[float], modifier: Qt.KeyboardModifier, share: float
) -> None:
    order: list[str] = []
    knob.grabbed.connect(lambda: order.append("grabbed"))
    knob.edited.connect(lambda _value: order.append("edited"))
    knob.let_go.connect(lambda: order.append("let go"))
    drag(knob, 60, modifier)
    assert values == [pytest.approx(0.25 + share * 60 / DRAG_PX * 4.0, abs=0.002)]
    assert order == ["grabbed", "edited", "let go"]


def test_a_drag_ends_at_the_ends(knob: Knob) -> None:
    drag(knob, 5000)
    assert knob.current == 2.0
    drag(knob, -5000)
    assert knob.current == -2.0


@pytest.mark.parametrize(
    ("key", "modifier", "value"),
    [
        (Qt.Key.Key_Up, NONE, 0.29),
        (Qt.Key.Key_Right, NONE, 0.29),
        (Qt.Key.Key_Down, NONE, 0.21),
        (Qt.Key.Key_Left, SHIFT, 0.246),
        (Qt.Key.Key_PageUp, NONE, 0.65),
        (Qt.Key.Key_End, NONE, 2.0),
        (Qt.Key.Key_Home, NONE, -2.0),
    ],
)
def test_keys(knob: Knob, values: list[float], key: Qt.Key, modifier: Qt.KeyboardModifier, value: float) -> None:
    QTest.keyClick(knob, key, modifier)
    assert values == [pytest.approx(value)]


def test_the_wheel(knob: Knob) -> None:
    wheel(knob, 2)
    assert knob.current == pytest.approx(0.33)
    wheel(knob, -1, SHIFT)
    assert knob.current == pytest.approx(0.326)


@pytest.mark.parametrize("how", ["double-click", "delete"])
def test_reset(knob: Knob, how: str) -> None:
    knob.show_value(1.0)
    if how == "delete":
        QTest.keyClick(knob, Qt.Key.Key_Delete)
    else:
        QTest.mouseDClick(knob, Qt.MouseButton.LeftButton, NONE, QPoint(65, 90))
    assert knob.current == SCALE.default


@pytest.mark.parametrize(("typed", "value"), [("-1.5", -1.5), ("0,75", 0.75), ("9", 2.0)])
def test_a_value_is_typed(knob: Knob, values: list[float], typed: str, value: float) -> None:
    QTest.keyClick(knob, Qt.Key.Key_Return)
    assert knob._entry.isVisible()
    QTest.keyClicks(knob._entry, typed)
    QTest.keyClick(knob._entry, Qt.Key.Key_Return)
    assert values == [value]
    assert not knob._entry.isVisible()


def test_what_is_no_number_stays_to_be_mended_and_escape_leaves(knob: Knob, values: list[float]) -> None:
    QTest.keyClicks(knob, "7")
    QTest.keyClicks(knob._entry, "x")
    QTest.keyClick(knob._entry, Qt.Key.Key_Return)
    assert knob._entry.isVisible()
    assert "no number" in knob._entry.accessibleDescription(), "said, and not by a colour alone"
    QTest.keyClick(knob._entry, Qt.Key.Key_Escape)
    assert not knob._entry.isVisible()
    assert values == []


def test_assistive_tools_see_a_dial_and_can_turn_it(knob: Knob, values: list[float]) -> None:
    knob.show_heard(0.31)
    dial = QAccessible.queryAccessibleInterface(knob)
    assert dial.role() is QAccessible.Role.Dial
    assert dial.text(QAccessible.Text.Name) == "jazz"
    assert dial.text(QAccessible.Text.Description) == "+0.25, heard 31%"
    dial.valueInterface().setCurrentValue(3000)
    assert values == [1.0]


def test_what_is_heard_is_drawn_over_a_ground_that_stays(knob: Knob) -> None:
    knob.show_heard(0.2)
    knob.grab()
    ground = knob._ground
    assert ground is not None
    before = knob.grab().toImage()
    knob.show_heard(0.6)
    assert knob.grab().toImage() != before
    assert knob._ground is ground
    knob.show_value(-1.0)
    knob.grab()
    assert knob._ground is not ground


def test_the_picture_tells_ask_heard_and_redline(knob: Knob) -> None:
    def picture() -> object:
        return knob.grab().toImage()

    plain = picture()
    knob.show_heard(0.4)
    heard = picture()
    knob.set_redline(1.0)
    redlined = picture()
    knob.show_value(1.5)
    asked = picture()
    assert len([1 for one, other in ((plain, heard), (heard, redlined), (redlined, asked)) if one != other]) == 3
