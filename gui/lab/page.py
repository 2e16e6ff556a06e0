"""The Lab page. It is there at once, and fills itself step by step, so that the window never stands still for it.

What it is made of, pyqtgraph above all, takes half a second to load: a pool thread does that.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.background import Background
from gui.bridge import EngineBridge
from gui.control_model import ControlModel
from gui.lab.packs import packs_folder
from gui.notify import Notifier
from gui.panel import muted_label

if TYPE_CHECKING:
    from gui.lab.laboratory import Laboratory

OPENING = "Opening the lab …"
FAILED = "The lab cannot be opened: install Segue again. The log has the details."
STEP_MS = 15  # so that what a step has changed is painted before the next
MODULES = ("gui.lab.laboratory", "gui.lab.curves", "gui.lab.heard_areas")


class LabPage(QWidget):
    """Made when it is first opened; :meth:`close` ends what has been begun here."""

    opened = Signal()  #: everything is there

    def __init__(
        self,
        bridge: EngineBridge,
        controls: ControlModel,
        background: Background,
        notifier: Notifier,
        folder: Path | None = None,
    ) -> None:
        super().__init__()
        self._parts = bridge, controls, background, notifier, folder or packs_folder()
        self.lab: Laboratory | None = None
        self._word: QLabel = muted_label(OPENING)
        self._word.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._word)
        self.setAccessibleName("Lab")
        background.start(load, self._on_loaded, self._on_failed)

    def _on_loaded(self, modules: tuple[ModuleType, ModuleType, ModuleType]) -> None:
        laboratory, curves, areas = modules
        lab: Laboratory = laboratory.Laboratory(*self._parts)
        self.lab = lab

        def show() -> None:
            self._word.hide()
            self._column.addWidget(lab)

        steps: list[Callable[[], object]] = [
            show,
            lambda: lab.add_view(lab.findings),
            lambda: lab.add_view(lab.heard),
            lambda: lab.findings.add_curves(curves),
            lambda: lab.heard.add_areas(areas),
            self.opened.emit,
        ]

        def step() -> None:
            steps.pop(0)()
            if steps:
                QTimer.singleShot(STEP_MS, self, step)

        QTimer.singleShot(STEP_MS, self, step)

    def _on_failed(self, error: Exception) -> None:
        self._word.setText(FAILED)
        raise error  # for the log

    def close(self) -> bool:
        """End the children; they close their files whole."""
        if self.lab is not None:
            self.lab.end()
        return super().close()


def load() -> tuple[ModuleType, ...]:
    """The modules that the page is made of."""
    return tuple(importlib.import_module(name) for name in MODULES)
