"""The canvas by pointer and by keyboard: each gesture changes the model as it says, and is one step of undo."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.automation import Automation
from engine.breakpoints import Breakpoint, Lane
from gui.automation.lane_editor import LaneEditor
from gui.automation.lane_edits import value_at
from gui.automation.lane_kind import lane_kinds
from gui.automation.lane_model import LaneModel

LEFT = Qt.MouseButton.LeftButton
NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
LANE: Lane = ((1.0, 0.0), (4.0, 1.0), (8.0, -1.0))
KINDS = lane_kinds(("rock", "jazz"))


@pytest.fixture
def editor(qtbot: QtBot) -> LaneEditor:
    editor = LaneEditor(LaneModel(), KINDS)
    qtbot.addWidget(editor)
    editor.resize(700, 200)
    editor.show_lane(KINDS[0], 0.25)
    editor.show()
    editor._model.start_with({"jazz": LANE}, 16.0)
    return editor


def lane(editor: LaneEditor) -> Lane:
    return editor._model.lane("jazz")


def place(editor: LaneEditor, point: Breakpoint) -> QPoint:
    return editor.view.at(point).toPoint()


def drag(editor: LaneEditor, path: list[Breakpoint], modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(editor, LEFT, NONE, place(editor, path[0]))
    for point in path[1:]:
        at = QPointF(place(editor, point))
        moved = QMouseEvent(QMouseEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, LEFT, modifier)
        QApplication.sendEvent(editor, moved)
    QTest.mouseRelease(editor, LEFT, NONE, place(editor, path[-1]))


def test_a_click_adds_and_a_drag_moves_in_one_step(editor: LaneEditor) -> None:
    drag(editor, [(6.0, 0.8), (6.4, 0.6), (7.0, 0.4)])
    assert len(lane(editor)) == 4
    assert lane(editor)[2] == pytest.approx((7.0, 0.4), abs=1e-6)
    assert editor.selected == 2
    editor._model.undo()
    assert lane(editor) == LANE
    assert not editor._model.can_undo


def test_dragging_keeps_a_point_between_its_neighbours(editor: LaneEditor) -> None:
    drag(editor, [LANE[1], (12.0, 0.5)])
    assert lane(editor)[1] == pytest.approx((8.0, 0.5), abs=1e-6)
    editor._model.undo()
    assert lane(editor) == LANE


def test_the_grid_holds_and_control_frees(editor: LaneEditor) -> None:
    grid = editor.view.grid_s
    drag(editor, [LANE[1], (5.13, 0.53)])
    assert lane(editor)[1][0] % grid == pytest.approx(0.0, abs=1e-6)
    assert lane(editor)[1][1] == pytest.approx(0.5), "on a fortieth of the range of 4"
    editor._model.undo()
    drag(editor, [LANE[1], (5.13, 0.53)], CONTROL)
    assert lane(editor)[1] == pytest.approx((5.13, 0.53), abs=0.03)
    editor._model.undo()
    drag(editor, [LANE[1], (6.0, 0.0)], SHIFT)
    assert lane(editor)[1] == pytest.approx((4.2, 0.9), abs=0.03), "a tenth of the way"


def test_a_double_click_takes_a_point_away_but_not_the_one_it_added(editor: LaneEditor) -> None:
    def double(point: Breakpoint) -> None:
        QTest.mouseClick(editor, LEFT, NONE, place(editor, point))
        QTest.mouseDClick(editor, LEFT, NONE, place(editor, point))

    double(LANE[1])
    assert lane(editor) == (LANE[0], LANE[2])
    double((6.0, 0.8))
    assert len(lane(editor)) == 3


def test_the_pencil_draws(editor: LaneEditor) -> None:
    editor.pencil, editor.snaps = True, False
    drag(editor, [(2.0 + n / 10, 0.5 + 0.5 * (n % 20) / 20) for n in range(40)])
    Automation.from_json({"lanes": {"jazz": lane(editor)}})
    assert value_at(lane(editor), 2.9) == pytest.approx(0.725, abs=0.04)
    assert value_at(lane(editor), 1.5) == pytest.approx(value_at(LANE, 1.5), abs=0.02)
    assert value_at(lane(editor), 7.0) == pytest.approx(value_at(LANE, 7.0), abs=0.02)
    assert len(lane(editor)) < 20
    editor._model.undo()
    assert lane(editor) == LANE


def test_everything_by_keyboard(editor: LaneEditor) -> None:
    editor.activateWindow()
    assert QTest.qWaitForWindowActive(editor)
    editor.clearFocus()
    editor.setFocus(Qt.FocusReason.TabFocusReason)
    assert editor.selected == 0
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.accessibleDescription() == "point 2 of 3, at 0:04, +1.00"
    grid = editor.view.grid_s
    QTest.keyClick(editor, Qt.Key.Key_Right)
    QTest.keyClick(editor, Qt.Key.Key_Down)
    assert lane(editor)[1] == pytest.approx((4.0 + grid, 0.9))
    QTest.keyClick(editor, Qt.Key.Key_Left, SHIFT)
    QTest.keyClick(editor, Qt.Key.Key_Up, SHIFT)
    assert lane(editor)[1] == pytest.approx((4.0 + grid - 0.02, 0.92))
    QTest.keyClick(editor, Qt.Key.Key_Plus)
    assert (editor.selected, len(lane(editor))) == (2, 4)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert len(lane(editor)) == 3
    QTest.keyClick(editor, Qt.Key.Key_Home)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor._entry, "-1,5")
    QTest.keyClick(editor._entry, Qt.Key.Key_Return)
    assert lane(editor)[0] == (1.0, -1.5)
    QTest.keyClick(editor, Qt.Key.Key_Z, CONTROL)
    assert lane(editor)[0] == (1.0, 0.0)
    QTest.keyClick(editor, Qt.Key.Key_Y, CONTROL)
    assert lane(editor)[0] == (1.0, -1.5)
    QTest.keyClick(editor, Qt.Key.Key_End)
    assert editor.selected == 2
    assert not editor.focusNextPrevChild(True) or editor.selected == 2, "past the last point Tab goes on"
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.selected is None


def test_the_first_point_by_keyboard(editor: LaneEditor) -> None:
    editor._model.edit("jazz", ())
    assert "rests at +0.25" in editor.accessibleDescription()
    editor.show_place(2.5)
    QTest.keyClick(editor, Qt.Key.Key_Plus)
    assert lane(editor) == ((2.5, 0.25),)
    QTest.keyClick(editor, Qt.Key.Key_Plus)
    assert len(lane(editor)) == 2
    for _ in range(2):
        QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert lane(editor) == ()
    assert editor.selected is None
    assert not editor.grab().isNull()


def test_zoom_and_scroll(editor: LaneEditor) -> None:
    def wheel(notches: int, modifier: Qt.KeyboardModifier = NONE) -> None:
        at = QPointF(place(editor, (8.0, 0.0)))
        event = QWheelEvent(
            at,
            at,
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            modifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(editor, event)

    whole = editor.view.span_s
    wheel(5)
    near = editor.view
    assert near.span_s < whole / 2
    assert near.x(8.0) == pytest.approx(place(editor, (8.0, 0.0)).x(), abs=1)
    wheel(-3, SHIFT)
    assert editor.view.start_s > near.start_s
    editor._select(0)
    assert editor.view.start_s <= 1.0, "the selected point is brought into view"
    for _ in range(10):
        wheel(-1)
    assert editor.view.span_s == whole
    wheel(3)
    QTest.keyClick(editor, Qt.Key.Key_0, CONTROL)
    assert editor.view.span_s == whole


def test_undo_of_lanes_is_not_undo_of_controls(editor: LaneEditor) -> None:
    for key, ours in ((Qt.Key.Key_Z, True), (Qt.Key.Key_S, False), (Qt.Key.Key_Space, False)):
        event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, key, CONTROL)
        event.ignore()
        QApplication.sendEvent(editor, event)
        assert event.isAccepted() is ours
