"""What the player thinks of a take."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from engine.takes.take import Heading

PAUSE_MS = 600
STAYS = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)  # the player comes back to it


class NotesField(QPlainTextEdit):
    """The notes on one take. While the field has the focus it stays with that take, whatever becomes of the list."""

    written = Signal(object, str)  #: the path of the take, and what is to be kept
    left = Signal()  #: it may show another take now

    def __init__(self) -> None:
        super().__init__()
        self.path: Path | None = None
        self._kept = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.save)
        self.textChanged.connect(lambda: self._pause.start() if self.is_typed_in else None)
        self.setPlaceholderText("Notes on this take")
        self.setAccessibleName("notes")
        self.setMaximumHeight(84)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setTabChangesFocus(True)

    @property
    def is_typed_in(self) -> bool:
        """Whether keys go here, also while another window is in front."""
        return self.window().focusWidget() is self

    def show_take(self, take: Heading | None) -> None:
        """Another take's notes, unless those of the last one are being typed."""
        if self.is_typed_in and self.path is not None:
            return
        path, notes = (None, "") if take is None else (take.path, take.notes)
        self.setEnabled(take is not None)
        if (path, notes) != (self.path, self.toPlainText()):
            self.path, self._kept = path, notes
            self.setPlainText(notes)
            self._pause.stop()

    def follow(self, old: Path, take: Heading) -> None:
        """A take has been renamed, or noted otherwise."""
        if self.path == old:
            self.path, self._kept = take.path, take.notes

    def forget(self, path: Path) -> None:
        """A take has gone."""
        if self.path == path:
            self.path, self._kept = None, ""
            self.clear()

    def save(self) -> None:
        """Have what was typed kept, if it differs."""
        self._pause.stop()
        text = self.toPlainText()
        if self.path is not None and text != self._kept:
            self._kept = text
            self.written.emit(self.path, text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.save()
        if event.reason() not in STAYS:
            self.left.emit()
