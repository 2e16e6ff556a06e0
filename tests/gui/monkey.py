"""Somebody who touches everything: seeded, so that what goes wrong goes wrong again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu, QPlainTextEdit, QWidget

from gui.lab.drop_zone import DropZone
from gui.main_window import MainWindow
from gui.play.audio_prompt import AudioPromptZone

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PLAIN = Qt.KeyboardModifier.NoModifier
KEYS = (
    *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
    *(Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Escape),
    *(Qt.Key.Key_Tab, Qt.Key.Key_Plus, Qt.Key.Key_5, Qt.Key.Key_A, Qt.Key.Key_B, Qt.Key.Key_X, Qt.Key.Key_F2),
)
SHIFTS = (PLAIN, PLAIN, PLAIN, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier)
PROMPTS = ("", "warm keys, brushed drums", "ж 🎷 \\ \" '", "x" * 500)
AT_ONCE_S = 0.03


class Monkey:
    """Uses a window at random. It never quits, and asks for no other model.

    Args:
        files: things to drop: sound, and what is none.
    """

    def __init__(self, window: MainWindow, seed: int, files: tuple[Path, ...]) -> None:
        self._window, self._files, self._random = window, files, Random(seed)
        self.done: list[str] = []  #: what it did, for whoever looks for the fault
        acts: tuple[tuple[int, Callable[[], object]], ...] = (
            (30, self.use_a_widget),
            (6, self.press_a_key_of_the_window),
            (4, self.use_a_take),
            (2, self.drop),
            (1, self.resize),
            (1, self.change_theme),
            (1, self.write_a_prompt),
        )
        self._acts = [act for weight, act in acts for _ in range(weight)]

    def act(self) -> None:
        """Do one thing."""
        self._leave_what_is_open()
        act = self._random.choice(self._acts)
        self.done.append(act.__name__)
        act()

    def _leave_what_is_open(self) -> None:
        """Choose something in a menu, or close it; close a dialog sooner or later."""
        popup = QApplication.activePopupWidget()
        if isinstance(popup, QMenu):
            actions = [action for action in popup.actions() if self._is_harmless(action)]
            if actions and self._random.random() < 0.7:
                chosen = self._random.choice(actions)
                self.done.append(f"menu: {chosen.text()}")
                popup.close()
                chosen.trigger()
            popup.close()
        elif popup is not None:
            popup.close()
        for dialog in self._window.findChildren(QDialog):
            if dialog.isVisible() and self._random.random() < 0.2:
                dialog.close()

    @staticmethod
    def _is_harmless(action: QAction) -> bool:
        return action.isEnabled() and not action.isSeparator() and action.text() != "Quit"

    def _within(self, widget: QWidget) -> QPoint:
        return QPoint(self._random.randrange(max(widget.width(), 1)), self._random.randrange(max(widget.height(), 1)))

    def use_a_widget(self) -> None:
        """Click, drag, turn the wheel over, or type into anything that takes the mouse or the keyboard."""
        dialogs = [dialog for dialog in self._window.findChildren(QDialog) if dialog.isVisible()]
        root = dialogs[-1] if dialogs else self._window
        widgets = [
            widget
            for widget in root.findChildren(QWidget)
            if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        ]
        if not widgets:
            return
        widget = self._random.choice(widgets)
        self.done.append(f"{type(widget).__name__} {widget.accessibleName()}")
        gesture = self._random.randrange(6)
        if isinstance(widget, QLineEdit | QPlainTextEdit) and gesture < 3:
            QTest.keyClicks(widget, self._random.choice(("blue", "12", "-0.5", " ", "~/n?:*")))
        elif gesture == 0:
            QTest.mouseClick(widget, LEFT, self._random.choice(SHIFTS), self._within(widget))
        elif gesture == 1:
            self._drag(widget)
        elif gesture == 2:
            QTest.mouseDClick(widget, LEFT, PLAIN, self._within(widget))
        elif gesture == 3:
            self._turn_wheel(widget)
        else:
            widget.setFocus()
            QTest.keyClick(widget, self._random.choice(KEYS), self._random.choice(SHIFTS))

    def _drag(self, widget: QWidget) -> None:
        QTest.mousePress(widget, LEFT, PLAIN, self._within(widget))
        for _ in range(4):
            QTest.mouseMove(widget, self._within(widget))
        QTest.mouseRelease(widget, LEFT, PLAIN, self._within(widget))

    def _turn_wheel(self, widget: QWidget) -> None:
        at = QPointF(self._within(widget))
        notches = QPoint(0, self._random.choice((-240, -120, 120, 240)))
        phase, buttons = Qt.ScrollPhase.NoScrollPhase, Qt.MouseButton.NoButton
        event = QWheelEvent(
            at, QPointF(widget.mapToGlobal(at.toPoint())), QPoint(), notches, buttons, PLAIN, phase, False
        )
        QApplication.sendEvent(widget, event)

    def press_a_key_of_the_window(self) -> None:
        """Any of its actions: transport, pages, presets, automation, undo, dialogs."""
        action = self._random.choice([action for action in self._window.actions() if self._is_harmless(action)])
        self.done.append(action.text())
        action.trigger()

    def use_a_take(self) -> None:
        """Choose one, and whatever its menu offers; or a place in it."""
        takes = self._window.takes
        rows = takes.list.model().rowCount()
        if not rows:
            self._window.performer.keep_last()
            return
        index = takes.list.model().index(self._random.randrange(rows), 0)
        takes.list.setCurrentIndex(index)
        what = self._random.randrange(5)
        if what == 0:
            takes.list.sought.emit(index, self._random.random(), True)
        elif what == 1:
            takes.list.stepped.emit(index, self._random.uniform(-5.0, 5.0))
        elif what == 2:
            takes.model.rename(
                self._random.randrange(takes.model.rowCount()), self._random.choice(("a", "b", "c/d", ".."))
            )
        else:
            menu = takes.menu(index)
            chosen = self._random.choice([action for action in menu.actions() if self._is_harmless(action)])
            self.done.append(chosen.text())
            chosen.trigger()
            menu.close()

    def drop(self) -> None:
        """A file onto every place that takes one."""
        zones = [zone for kind in (AudioPromptZone, DropZone) for zone in self._window.findChildren(kind)]
        zone, data = self._random.choice(zones), QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self._random.choice(self._files)))])
        zone.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, PLAIN))

    def resize(self) -> None:
        """Between the smallest and a large one."""
        self._window.resize(self._random.randrange(1200, 2600), self._random.randrange(700, 1500))

    def change_theme(self) -> None:
        """Dark or light."""
        self._window.choose(theme=self._random.choice(("dark", "light")))

    def write_a_prompt(self) -> None:
        """Empty, strange, long."""
        self._window.controls.edit("prompt", prompt=self._random.choice(PROMPTS))
