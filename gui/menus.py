"""The window's actions with their keys, and the menus that show them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from gui import theme
from gui.pages import PLAY

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class Menus(QObject):
    """Owns every key that holds in the whole window. Keys of one letter hold on the Play page alone."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        performer, controls = window.performer, window.controls
        self.playing = [
            self._action("Play or stop", "Space", performer.toggle_play),
            self._action("Record", "R", performer.toggle_record),
            self._action("Keep what was just played", "K", performer.keep_last),
            self._action("Restart with the same seed", "S", performer.restart_same),
            self._action("Restart with a new seed", "N", performer.restart_new),
            self._action("Panic: silence, knobs to zero", "P", performer.panic),
        ]
        self._action("Undo", "Ctrl+Z", controls.undo, repeats=True)
        self._action("Redo", "Ctrl+Shift+Z", controls.redo, repeats=True)
        self._action("Redo", "Ctrl+Y", controls.redo, repeats=True)
        for number, name in enumerate(window.pages.names, 1):
            self._action(name, f"Ctrl+{number}", partial(window.pages.open, name))
        self._action("Menu", "F10", self.open_main)
        self.quit = self._action("Quit", "Ctrl+Q", window.close)
        window.pages.opened.connect(self._on_page)

    def _action(self, name: str, keys: str, act: Callable[[], object], repeats: bool = False) -> QAction:
        action = QAction(name, self._window)
        action.setShortcut(QKeySequence(keys))
        action.setAutoRepeat(repeats)
        action.triggered.connect(lambda: act())
        self._window.addAction(action)
        return action

    def _on_page(self, name: str) -> None:
        for action in self.playing:
            action.setEnabled(name == PLAY)

    # Menus

    @staticmethod
    def _show_under(menu: QMenu, button: QWidget) -> None:
        menu.exec(button.mapToGlobal(button.rect().bottomLeft()))

    def open_models(self) -> None:
        """Choose what plays."""
        menu = QMenu(self._window)
        instrument = self._window.controls.instrument
        if instrument is not None:
            menu.addAction(f"{instrument.name}: licence {instrument.licence}").setEnabled(False)
            menu.addSeparator()
        menu.addAction("Pocket (built in, free for any use)", lambda: self._window.load("pocket"))
        menu.addAction("Open a model's folder …", self._browse_model)
        self._show_under(menu, self._window.header.model)

    def _browse_model(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, "A MusicGen in Hugging Face's layout")
        if folder:
            self._window.load(folder)

    def open_main(self) -> None:
        """Everything else."""
        window = self._window
        menu = QMenu(window)
        outputs = menu.addMenu("Output")
        for name in ("", *window.bridge.status.outputs):
            action = outputs.addAction(name or "The system's default", partial(window.choose_output, name))
            action.setCheckable(True)
            action.setChecked(name == window.settings.output)
        themes = menu.addMenu("Theme")
        for name in theme.PALETTES:
            action = themes.addAction(name.capitalize(), partial(window.choose_theme, name))
            action.setCheckable(True)
            action.setChecked(name == window.settings.theme)
        menu.addAction("Folder for takes …", self._browse_takes)
        menu.addSeparator()
        menu.addAction("Keys", self._show_keys)
        menu.addAction("About Segue", self._show_about)
        menu.addSeparator()
        menu.addAction(self.quit)
        self._show_under(menu, window.header.menu)

    def _browse_takes(self) -> None:
        window = self._window
        folder = QFileDialog.getExistingDirectory(window, "Folder for takes", str(window.takes.model.library.folder))
        if folder:
            window.remember(takes_folder=folder)
            window.notifier.tell(f"from the next start on, takes go to {folder}")

    def _show_keys(self) -> None:
        QMessageBox.information(
            self._window,
            "Keys",
            "Space\tplay or stop\nR\trecord\nK\tkeep what was just played\nS, N\trestart with the same or a new seed\n"
            "P\tpanic: silence, knobs to zero\nCtrl+Z, Ctrl+Shift+Z\tundo, redo\n\n"
            "On a knob: drag, wheel, arrows (Shift: fine), Enter types a value, double-click resets.\n"
            "Enter presses the button that has the focus.",
        )

    def _show_about(self) -> None:
        instrument = self._window.controls.instrument
        model = f"\n\nModel: {instrument.name}, licence {instrument.licence}" if instrument is not None else ""
        QMessageBox.about(
            self._window,
            "Segue",
            "Segue bends a MusicGen towards genres while it plays.\n\nLicence: Apache 2.0. Qt by the LGPL, the typeface "
            f"Inter by the SIL Open Font License.{model}",
        )
