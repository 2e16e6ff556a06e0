"""Every control can be reached by the keyboard, has a name, and shows that it has the keyboard: on all pages and dialogs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.status import State
from gui.lab.page import LabPage
from gui.main_window import MainWindow
from gui.pages import LAB, PLAY, STUDY

TIMEOUT_MS = 60_000
CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
)

Open = Callable[..., MainWindow]


@pytest.fixture
def window(qtbot: QtBot, open_one: Open, checkpoint: Path) -> MainWindow:
    """With two takes."""
    window = open_one(str(checkpoint))
    window.activateWindow()
    qtbot.waitUntil(lambda: window.bridge.status.state is State.IDLE, timeout=TIMEOUT_MS)
    window.performer.toggle_play()
    qtbot.waitUntil(lambda: window.bridge.status.heard_frame > 10, timeout=TIMEOUT_MS)
    for rows in (1, 2):
        window.performer.keep_last()
        qtbot.waitUntil(lambda rows=rows: window.takes.model.rowCount() == rows, timeout=TIMEOUT_MS)
    window.performer.toggle_play()
    qtbot.waitUntil(lambda: not window.bridge.playing, timeout=TIMEOUT_MS)
    return window


def controls_of(root: QWidget) -> Iterator[QWidget]:
    """What is there to be used: Qt's own kinds, and whatever of ours takes the keyboard."""
    for widget in root.findChildren(QWidget):
        own = widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        own = own and not isinstance(widget, QAbstractScrollArea | QLabel)  # words may be selected with the mouse
        if (own or isinstance(widget, CONTROLS)) and widget.isVisible() and widget.isEnabled() and not is_part(widget):
            yield widget


def is_part(widget: QWidget) -> bool:
    """Of a control of Qt's own, which is named and reached as a whole."""
    whole = widget.parentWidget()
    if isinstance(whole, QAbstractScrollArea) and widget is whole.viewport():
        return True
    return isinstance(widget, QScrollBar) or isinstance(whole, QAbstractSpinBox | QComboBox | QLineEdit)


def called(widget: QWidget) -> str:
    """Its name for assistive tools."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def looks(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def shows_focus(widget: QWidget) -> bool:
    """Whether it looks otherwise with the keyboard than without; the text cursor does not count, it blinks."""
    QApplication.setCursorFlashTime(0)
    widget.clearFocus()
    QApplication.processEvents()
    without = looks(widget)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    return looks(widget) != without


def faults(root: QWidget) -> list[str]:
    found = []
    for widget in controls_of(root):
        who = f"{type(widget).__name__} “{called(widget)}” in {type(widget.parentWidget()).__name__}"
        if not called(widget).strip():
            found.append(f"{who}: no name")
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            found.append(f"{who}: not reached by Tab")
        elif not shows_focus(widget):
            found.append(f"{who}: does not show that it has the keyboard")
    return found


def test_pages(qtbot: QtBot, window: MainWindow) -> None:
    found = {PLAY: faults(window)}
    window.page.toggle_automation()
    found["automation"] = faults(window.page.automation)
    window.takes.list.selectAll()
    index = window.takes.list.model().index(0, 0)
    window.page.edit_take(window.takes._take(index))
    qtbot.waitUntil(window.page.moves.isVisible, timeout=30_000)
    found["moves"] = faults(window.page.moves)
    for side in ("A", "B"):
        window.takes.list.marked.emit(side, index)
    found["pair"] = faults(window.takes.pair)
    for name in (LAB, STUDY):
        window.pages.open(name)
        page = window.pages.currentWidget()
        if isinstance(page, LabPage):
            with qtbot.waitSignal(page.opened, timeout=TIMEOUT_MS):
                pass
        qtbot.wait(100)
        found[name] = faults(page)
    assert {where: what for where, what in found.items() if what} == {}


def test_dialogs(qtbot: QtBot, window: MainWindow) -> None:
    found = {}
    ask_export = lambda: window.takes.jobs.ask_export(window.takes._take(window.takes.list.model().index(0, 0)))  # noqa: E731
    menus = window.menus
    for show in (
        menus.open_settings,
        menus.show_keys,
        menus.show_log,
        menus.show_about,
        window.models.open,
        ask_export,
    ):
        show()
        qtbot.wait(300)
        (dialog,) = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
        dialog.activateWindow()
        found[dialog.windowTitle()] = faults(dialog)
        dialog.close()
        qtbot.wait(50)
    assert {where: what for where, what in found.items() if what} == {}


def test_knobs_tell_assistive_tools_their_values(qtbot: QtBot, window: MainWindow) -> None:
    knob = window.page.bank.knobs["jazz"]
    value = QAccessible.queryAccessibleInterface(knob).valueInterface()
    before = value.currentValue()
    value.setCurrentValue(value.maximumValue())
    assert value.currentValue() > before
    assert window.controls.knob("jazz") == knob.scale.high
    assert f"{knob.scale.high:.2f}" in knob.accessibleDescription()
    window.page.pad.aim((0.0, 0.0))
    qtbot.waitUntil(lambda: "jazz +0." in window.page.pad.accessibleDescription(), timeout=30_000)
