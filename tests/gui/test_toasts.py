"""Messages are readable however many there are, and go when they are dismissed."""

from __future__ import annotations

import itertools

from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui import theme
from gui.buttons import IconButton
from gui.notify import Kind, Message
from gui.toasts import MOST, Toast, Toasts


def test_every_message_has_the_room_it_needs(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 700)
    window.show()
    toasts = Toasts(window, 50)
    for n in range(MOST + 2):
        toasts.show_message(Message(f"message {n}: " + "many words that wrap around " * n, Kind.FAILURE))
    qtbot.waitUntil(lambda: len(window.findChildren(Toast)) == MOST, timeout=30_000)
    qtbot.wait(50)
    shown = sorted(window.findChildren(Toast), key=lambda toast: toast.y())
    assert all(above.geometry().bottom() < below.y() for above, below in itertools.pairwise(shown))
    assert toasts.rect().contains(shown[-1].geometry())
    for toast in shown:
        label = toast.findChild(QLabel)
        assert label.height() >= label.heightForWidth(label.width())
    for toast in window.findChildren(Toast):
        toast.findChild(IconButton).click()
    qtbot.waitUntil(lambda: not toasts.isVisible(), timeout=30_000)


def test_a_message_grows_with_the_window(qtbot: QtBot, qapp: QApplication) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 700)
    window.show()
    toasts = Toasts(window, 50)
    toasts.show_message(Message("many words that wrap around " * 4, Kind.NOTICE))
    (toast,) = window.findChildren(Toast)
    label, width = toast.findChild(QLabel), toast.width()
    theme.apply(qapp, "dark", 1.75)
    qtbot.waitUntil(lambda: toast.width() == round(1.75 * width), timeout=30_000)
    qtbot.wait(50)
    assert label.height() >= label.heightForWidth(label.width())
    assert toasts.rect().contains(toast.geometry())
