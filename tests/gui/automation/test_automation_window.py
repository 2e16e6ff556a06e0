"""Lanes in the window, with the real engine: drawn, played, taken over by hand; and a take rendered with other moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.status import State
from engine.takes.library import Library, verify_take
from engine.takes.moves import first_difference
from engine.takes.take import Take
from gui.app import open_window
from gui.main_window import MainWindow
from gui.notify import Notifier
from gui.settings import Settings

TIMEOUT_MS = 60_000


@pytest.fixture
def window(qtbot: QtBot, store: QSettings, tmp_path: Path, checkpoint: Path) -> Iterator[MainWindow]:
    settings = Settings(model=str(checkpoint), takes_folder=str(tmp_path / "takes"), welcomed=True)
    window = open_window(settings, store, Notifier())
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    qtbot.waitUntil(lambda: window.bridge.status.state is State.IDLE, timeout=TIMEOUT_MS)
    yield window
    window.close()
    window.deleteLater()


def asked(window: MainWindow, genre: str) -> float:
    control = window.bridge.status.control
    return 0.0 if control is None else dict(control.blend).get(genre, 0.0)


def test_lanes_drive_knobs_and_hands_take_them_over(qtbot: QtBot, window: MainWindow) -> None:
    page = window.page
    player, knob = page.automation.player, page.bank.knobs["jazz"]
    QTest.keyClick(window, Qt.Key.Key_A)
    assert page.automation.isVisible()
    assert page.automation.desk.kind.name == "classical"
    page.automation.lanes.edit("jazz", ((0.0, 0.2), (1000.0, 0.2)))
    QTest.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    window.performer.toggle_play()
    qtbot.waitUntil(lambda: knob.current == 0.2, timeout=TIMEOUT_MS)
    assert asked(window, "jazz") == 0.2
    assert window.controls.knob("jazz") == 0.0, "the player has asked for nothing"
    assert "moved by its lane" in knob.accessibleDescription()
    qtbot.waitUntil(lambda: (page.automation.desk.editor._place_s or 0.0) > 0.0, timeout=30_000)
    status = window.bridge.status
    assert status.automation_s is not None
    assert (page.automation.desk.editor._place_s or 0.0) < status.automation_s, "what is heard lies behind what is made"

    page.automation.lanes.edit("jazz", ((0.0, -0.6),))
    qtbot.waitUntil(lambda: asked(window, "jazz") == -0.6, timeout=30_000)
    qtbot.waitUntil(lambda: knob.current == -0.6, timeout=30_000)
    QTest.mousePress(knob, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(knob, Qt.MouseButton.LeftButton)
    assert player.let_go == {"jazz"}
    assert window.controls.knob("jazz") == -0.6
    assert "has let go" in knob.accessibleDescription()
    QTest.keyClick(knob, Qt.Key.Key_Up)
    assert window.controls.knob("jazz") == pytest.approx(-0.56)
    qtbot.waitUntil(lambda: asked(window, "jazz") == pytest.approx(-0.56), timeout=30_000)
    page.automation.take_back.click()
    qtbot.waitUntil(lambda: asked(window, "jazz") == -0.6, timeout=30_000)

    QTest.keyClick(window, Qt.Key.Key_P)
    assert not player.on
    qtbot.waitUntil(lambda: window.bridge.status.automation_s is None, timeout=30_000)
    assert window.controls.knob("jazz") == 0.0
    assert knob.current == 0.0


def test_a_take_rendered_with_one_lane_changed(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.performer.toggle_play()
    qtbot.waitUntil(lambda: window.bridge.status.frame > 5, timeout=TIMEOUT_MS)
    window.performer.toggle_record()
    qtbot.waitUntil(lambda: window.bridge.status.recorded_s > 0.2, timeout=30_000)
    window.controls.turn_knob("jazz", 0.5)
    qtbot.waitUntil(lambda: window.bridge.status.recorded_s > 0.6, timeout=30_000)
    window.performer.toggle_record()
    qtbot.waitUntil(lambda: window.takes.model.rowCount() == 1, timeout=30_000)
    window.performer.toggle_play()
    take: Take = Library(tmp_path / "takes").load().takes[0]

    moves = window.page.moves
    window.takes.moves_asked.emit(take)
    qtbot.waitUntil(moves.isVisible, timeout=30_000)
    assert moves.desk.kind.name == "jazz"
    assert not moves.render_button.isEnabled(), "nothing has been changed yet"
    lane = moves.lanes.lane("jazz")
    assert [value for _, value in lane] == [0.0, 0.0, 0.5]
    moves.lanes.edit("jazz", (*lane[:-1], (lane[-1][0], -0.5)))
    moves.render_button.click()
    assert not moves.bar.isHidden()
    with qtbot.waitSignal(moves.rendered, timeout=TIMEOUT_MS):
        pass
    assert window.takes.model.rowCount() == 2
    new = next(each for each in Library(tmp_path / "takes").load().takes if each.title != take.title)
    assert new.title == "take-1 edit 1"
    assert verify_take(new) == []
    change = next(change.frame for change in take.score.changes if dict(change.difference.get("blend", ())).get("jazz"))
    assert first_difference(take.score, new.score) == change
    assert dict(new.score.state_at(change)["blend"])["jazz"] == -0.5

    moves.live_button.click()
    assert window.page.automation.isVisible()
    assert window.page.automation.lanes.lane("jazz")[-1][1] == -0.5
