"""The keys of the takes list where they have to hold: in the window, whose own keys come first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from invented_takes import make_take
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.takes.library import Library
from gui.main_window import MainWindow


def test_a_marks_a_take_and_opens_the_lanes_elsewhere(
    qtbot: QtBot, open_one: Callable[..., MainWindow], tmp_path: Path
) -> None:
    folder = tmp_path / "takes"
    folder.mkdir()
    older, newer = make_take(folder, 1), make_take(folder, 2)
    window = open_one("no-such-model")
    takes, audition, lanes = window.takes.list, window.takes.audition, window.page.lanes_button
    qtbot.waitUntil(lambda: window.takes.model.rowCount() == 2, timeout=30_000)
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    takes.setFocus()
    switched: list[None] = []
    takes.switch_asked.connect(lambda: switched.append(None))

    for row, key in ((0, Qt.Key.Key_A), (1, Qt.Key.Key_B), (1, Qt.Key.Key_X)):
        takes.setCurrentIndex(takes.model().index(row, 0))
        QTest.keyClick(takes, key)
    assert (audition.side_of(newer), audition.side_of(older)) == ("A", "B")
    assert switched
    assert not lanes.isChecked()

    window.page.setFocus()
    QTest.keyClick(window.page, Qt.Key.Key_A)
    assert lanes.isChecked(), "it is the window's own key everywhere else"


def test_the_window_goes_before_its_work_is_waited_for_and_keeps_what_was_typed(
    qtbot: QtBot, open_one: Callable[..., MainWindow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "takes"
    folder.mkdir()
    make_take(folder, 1)
    window = open_one("no-such-model")
    qtbot.waitUntil(lambda: window.takes.model.rowCount() == 1, timeout=30_000)
    window.takes.list.setCurrentIndex(window.takes.list.model().index(0, 0))
    window.takes.notes.setPlainText("last words")
    seen: list[bool] = []
    monkeypatch.setattr(window.takes.jobs, "close", lambda: seen.append(window.isVisible()))
    window.close()
    assert seen == [False]
    assert Library(folder).find("jam-1").notes == "last words"
