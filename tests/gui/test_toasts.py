"""Messages are readable however many there are, and go when they are dismissed."""

from __future__ import annotations

import itertools

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

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
    qtbot.waitUntil(lambda: len(window.findChildren(Toast)) == MOST, timeout=2000)
    qtbot.wait(50)
    shown = sorted(window.findChildren(Toast), key=lambda toast: toast.y())
    assert all(above.geometry().bottom() < below.y() for above, below in itertools.pairwise(shown))
    assert toasts.rect().contains(shown[-1].geometry())
    for toast in shown:
        label = toast.findChild(QLabel)
        assert label.height() >= label.heightForWidth(label.width())
    for toast in window.findChildren(Toast):
        toast.findChild(IconButton).click()
    qtbot.waitUntil(lambda: not toasts.isVisible(), timeout=2000)
