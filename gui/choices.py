"""What follows from the player's choices, at once."""

from __future__ import annotations

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


def takes_folder(settings: Settings) -> tuple[Path, str]:
    """Where takes go, and what to say if that is not where they should: a disk was taken out, or is not ours to write."""
    if not settings.takes_folder:
        return default_folder(), ""
    wanted, instead = Path(settings.takes_folder), default_folder()
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return instead, f"the folder for takes, {wanted}, cannot be had ({why}): until it can, takes go to {instead}"
    return wanted, ""


def configure(window: MainWindow) -> None:
    """Tell engine and panels how takes are made and kept."""
    settings = window.settings
    folder, trouble = takes_folder(settings)
    window.bridge.configure(folder, settings.take_format, settings.buffer_ms, settings.retro_s)
    window.header.transport.show_retro(settings.retro_s)
    if folder != window.takes.model.library.folder:
        window.takes.show_folder(folder)
    if trouble:
        window.notifier.fail(trouble)


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
