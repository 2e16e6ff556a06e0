"""The window's actions with their keys, and the menu that shows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QMenu

from engine.status import Status
from gui.help.about import About
from gui.help.log_view import LogView, log_file
from gui.help.shortcuts import ShortcutSheet
from gui.pages import PLAY
from gui.preferences import Preferences

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class Menus(QObject):
    """Owns every key that holds in the whole window. Keys of one letter hold on the Play page alone."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        performer, controls = window.performer, window.controls
        self.playing = [
            self._action("Play or stop", performer.toggle_play, "Space"),
            self._action("Record", performer.toggle_record, "R"),
            self._action("Keep what was just played", performer.keep_last, "K"),
            self._action("Restart with the same seed", performer.restart_same, "S"),
            self._action("Restart with a new seed", performer.restart_new, "N"),
            self._action("Panic: silence, knobs to zero", performer.panic, "P"),
            self._action("Automation", window.page.toggle_automation, "A"),
            self._action("Play or stop the lanes", window.page.automation.play.click, "Shift+A"),
            self._action("Previous preset", partial(window.page.presets.step, -1), "Ctrl+PgUp"),
            self._action("Next preset", partial(window.page.presets.step, 1), "Ctrl+PgDown"),
            self._action("Save preset", window.page.presets.save, "Ctrl+S"),
            self._action("Save preset as …", window.page.presets.save_as, "Ctrl+Shift+S"),
        ]
        for action in (
            self._action("Undo", controls.undo, "Ctrl+Z"),
            self._action("Redo", controls.redo, "Ctrl+Shift+Z", "Ctrl+Y"),
        ):
            action.setAutoRepeat(True)
        for number, name in enumerate(window.pages.names, 1):
            self._action(f"{name} page", partial(window.pages.open, name), f"Ctrl+{number}")
        self._action("Menu", self.open_main, "F10")
        self.models = self._action("Models …", window.models.open, "Ctrl+M")
        self.settings = self._action("Settings …", self.open_settings, "Ctrl+,")
        self.keys = self._action("Keys", self.show_keys, "F1")
        self.log = self._action("Log", self.show_log)
        self.about = self._action("About Segue", self.show_about)
        self.quit = self._action("Quit", window.close, "Ctrl+Q")
        window.pages.opened.connect(self._on_page)

    def _action(self, name: str, act: Callable[[], object], *keys: str) -> QAction:
        action = QAction(name, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setAutoRepeat(False)
        action.triggered.connect(lambda: act())
        self._window.addAction(action)
        return action

    def _on_page(self, name: str) -> None:
        for action in self.playing:
            action.setEnabled(name == PLAY)

    def open_main(self) -> None:
        """The menu."""
        menu = QMenu(self._window)
        menu.addActions([self.models, self.settings])
        menu.addSeparator()
        menu.addActions([self.keys, self.log, self.about])
        menu.addSeparator()
        menu.addAction(self.quit)
        button = self._window.header.menu
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    # Dialogs

    @staticmethod
    def _open(dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def open_settings(self) -> None:
        """Everything that is remembered."""
        window = self._window
        sections = window.remote.sections()
        dialog = Preferences(window, window.settings, window.bridge.status.outputs, sections)
        for source in (dialog, *sections):
            source.changed.connect(lambda choices: window.choose(**choices))
        dialog.outputs_wanted.connect(window.bridge.refresh_outputs)

        def show_outputs(status: Status) -> None:
            dialog.show_outputs(status.outputs, window.settings.output)

        window.bridge.status_changed.connect(show_outputs)
        dialog.finished.connect(lambda _: window.bridge.status_changed.disconnect(show_outputs))
        self._open(dialog)

    def show_keys(self) -> None:
        """All keys that there are."""
        playing = self.playing
        self._open(ShortcutSheet(self._window, playing, (a for a in self._window.actions() if a not in playing)))

    def show_log(self) -> None:
        """What has been noted for us."""
        dialog = LogView(self._window, log_file())
        dialog.told.connect(self._window.notifier.tell)
        self._open(dialog)

    def show_about(self) -> None:
        """Licences."""
        self._open(About(self._window, self._window.controls.instrument))
