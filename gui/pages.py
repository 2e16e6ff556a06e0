"""The window's pages: Play, and what stands beside it. Each is made when it is first opened."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

if TYPE_CHECKING:
    from gui.main_window import MainWindow

PLAY, LAB, STUDY = "Play", "Lab", "Study"

Factory = Callable[["MainWindow"], QWidget]


def play(window: MainWindow) -> QWidget:
    """The instrument."""
    return window.page


def lab(window: MainWindow) -> QWidget:
    """Knobs from music, and what the probes hear."""
    from gui.lab.page import LabPage

    return LabPage(window.bridge, window.controls, window.background, window.notifier)


def study(window: MainWindow) -> QWidget:
    """The blind listening study."""
    from gui.study.page import StudyPage

    return StudyPage(window.bridge, window.controls, window.background, window.notifier)


#: In the order of the header's switcher and of Ctrl+1, 2, 3. A factory imports its page itself: what a page needs is not
#: loaded before it is opened.
page_factories: Mapping[str, Factory] = {PLAY: play, LAB: lab, STUDY: study}


def read_ahead() -> None:
    """Import what the factories import, on whichever thread: then no page lets the window wait when it is first opened."""
    for name in ("gui.lab.page", "gui.study.page"):
        importlib.import_module(name)


class Pages(QStackedWidget):
    """One page at a time. The music goes on whichever is shown."""

    opened = Signal(str)  #: the name of the page that is shown from now on

    def __init__(self, window: MainWindow, factories: Mapping[str, Factory] = page_factories) -> None:
        super().__init__()
        self._window, self._factories = window, factories
        self._made: dict[str, QWidget] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All pages that can be opened."""
        return tuple(self._factories)

    def open(self, name: str) -> None:
        """Show a page, and let it have the keyboard."""
        page = self._made.get(name)
        if page is None:
            page = self._made[name] = self._factories[name](self._window)
            self.addWidget(page)
        self.setCurrentWidget(page)
        page.setFocus()
        self.opened.emit(name)

    def close_all(self) -> None:
        """Let every page end what it has begun: the window is closing."""
        for page in self._made.values():
            page.close()
