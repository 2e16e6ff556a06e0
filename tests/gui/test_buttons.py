"""The left button acts; the right one asks what can be done, and changes nothing."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.buttons import Segmented
from gui.volume import VolumeFader

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def test_the_fader(qtbot: QtBot) -> None:
    fader = VolumeFader(-6.0)
    qtbot.addWidget(fader)
    fader.resize(fader.sizeHint())
    moved: list[float] = []
    fader.moved.connect(moved.append)
    place = QPoint(20, fader.height() // 2)
    QTest.mouseClick(fader, RIGHT, pos=place)
    QTest.mouseDClick(fader, RIGHT, pos=place)
    assert moved == []
    QTest.mouseClick(fader, LEFT, pos=place)
    QTest.mouseDClick(fader, LEFT, pos=place)
    assert moved[0] < -20.0
    assert moved[-1] == 0.0


def test_one_of_several_words(qtbot: QtBot) -> None:
    words = Segmented("law", ("one", "two"), ("", ""))
    qtbot.addWidget(words)
    words.resize(words.sizeHint())
    chosen: list[int] = []
    words.chosen.connect(chosen.append)
    place = words._boxes()[1].center().toPoint()
    QTest.mouseClick(words, RIGHT, pos=place)
    assert (chosen, words.choice) == ([], 0)
    QTest.mouseClick(words, LEFT, pos=place)
    assert (chosen, words.choice) == ([1], 1)
