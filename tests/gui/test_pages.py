"""Pages are made once, when they are first opened, and let the window close them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.pages import PLAY, Pages, page_factories


class Page(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.closed = 0
        self.pressed: list[int] = []

    def keyPressEvent(self, event: object) -> None:
        self.pressed.append(event.key())  # type: ignore[attr-defined]

    def close(self) -> bool:
        self.closed += 1
        return super().close()


@pytest.fixture
def pages(qtbot: QtBot) -> Pages:
    made: list[str] = []

    def make(name: str) -> Page:
        made.append(name)
        return Page()

    pages = Pages(SimpleNamespace(made=made), {name: lambda _, name=name: make(name) for name in "ABC"})  # type: ignore[arg-type, misc]
    qtbot.addWidget(pages)
    return pages


def test_a_page_is_made_when_it_is_first_opened(pages: Pages) -> None:
    told: list[str] = []
    pages.opened.connect(told.append)
    for name in ("A", "B", "A"):
        pages.open(name)
    assert pages.names == ("A", "B", "C")
    assert pages._window.made == ["A", "B"]  # type: ignore[attr-defined]
    assert pages.currentWidget() is pages._made["A"]
    assert told == ["A", "B", "A"]


def test_the_page_that_is_opened_has_the_keyboard(qtbot: QtBot, pages: Pages) -> None:
    pages.open("A")
    with qtbot.waitActive(pages):
        pages.show()
        pages.activateWindow()
    pages.open("B")
    QTest.keyClick(pages.window().focusWidget(), Qt.Key.Key_3)
    assert pages._made["B"].pressed == [Qt.Key.Key_3]  # type: ignore[attr-defined]


def test_only_what_was_made_is_closed(pages: Pages) -> None:
    pages.open("B")
    pages.close_all()
    assert [(name, page.closed) for name, page in pages._made.items()] == [("B", 1)]  # type: ignore[attr-defined]


def test_play_comes_first() -> None:
    assert next(iter(page_factories)) == PLAY
