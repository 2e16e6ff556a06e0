"""What follows from the player's choices, at once."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from engine.takes.naming import default_folder
from gui import theme
from gui.settings import Settings

if TYPE_CHECKING:
    from gui.main_window import MainWindow

TAKES = frozenset({"takes_folder", "take_format", "buffer_ms", "retro_s"})
REMOTE = frozenset({"midi", "osc", "osc_host", "osc_port"})


def takes_folder(settings: Settings) -> Path:
    """Where takes should go. Touches no disk: one that sleeps, or is at the other end of a network, takes its time."""
    return Path(settings.takes_folder) if settings.takes_folder else default_folder()


def obstacle(folder: Path) -> str:
    """What keeps takes from a folder, which is made if need be: its disk was taken out, or is not ours to write; "" for
    nothing.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__


def configure(window: MainWindow) -> None:
    """Tell engine and panels how takes are made and kept; then see, beside the window, whether the folder can be had."""
    wanted, instead = takes_folder(window.settings), default_folder()
    _use(window, wanted)
    if wanted == instead:
        return

    def seen(why: str) -> None:
        if why and takes_folder(window.settings) == wanted:
            _use(window, instead)
            window.notifier.fail(
                f"the folder for takes, {wanted}, cannot be had ({why}): until it can, takes go to {instead}"
            )

    def fail(error: Exception) -> None:
        raise error  # for the log

    window.background.start(lambda: obstacle(wanted), seen, fail)


def _use(window: MainWindow, folder: Path) -> None:
    settings = window.settings
    window.bridge.configure(folder, settings.take_format, settings.buffer_ms, settings.retro_s)
    window.header.transport.show_retro(settings.retro_s)
    if folder != window.takes.model.library.folder:
        window.takes.show_folder(folder)


def apply(window: MainWindow, names: Collection[str]) -> None:
    """Put those of the window's settings in force that have just been chosen."""
    settings = window.settings
    if "output" in names:
        window.bridge.select_output(settings.output)
    if "take_name" in names:
        window.performer.take_name = settings.take_name or Settings.take_name
    if TAKES & set(names):
        configure(window)
    if REMOTE & set(names):
        window.remote.follow(settings)
    if "theme" in names:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, settings.theme, theme.zoom_for(window.width(), window.height()))
