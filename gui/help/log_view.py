"""The end of the log, to read and to copy into a report."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.panel import muted_label

TAIL_BYTES = 64_000
LOOK_EVERY_MS = 1000
WIDTH_PX, HEIGHT_PX = 900, 560
NONE = "Nothing has been logged yet."


def log_file() -> Path | None:
    """Where this process's log goes; None where it keeps none."""
    files = (
        handler.baseFilename for handler in logging.getLogger().handlers if isinstance(handler, logging.FileHandler)
    )
    return next(map(Path, files), None)


def read_tail(path: Path, most_bytes: int = TAIL_BYTES) -> str:
    """The last lines of a file, whole ones; "" where it is not there."""
    try:
        with path.open("rb") as file:
            begin = max(file.seek(0, 2) - most_bytes, 0)
            file.seek(begin)
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return text.partition("\n")[2] if begin else text


class LogView(QDialog):
    """Follows the log while it is open. ``told`` says where the folder is, where that cannot be shown."""

    told = Signal(str)

    def __init__(self, parent: QWidget, path: Path | None) -> None:
        super().__init__(parent)
        self._path = path
        self.setWindowTitle("Log")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        face.setPixelSize(round(theme.px(12)))
        self.text.setFont(face)
        self.text.setPlaceholderText(NONE)
        self.text.setAccessibleName("log")
        copy, show, close = QPushButton("Copy it all"), QPushButton("Show in folder"), QPushButton("Close")
        for button in (copy, show):
            button.setAutoDefault(False)
            button.setEnabled(path is not None)
        place = muted_label("" if path is None else str(path))
        foot = QHBoxLayout()
        foot.addWidget(place, 1)
        for button in (copy, show, close):
            foot.addWidget(button)
        layout = QVBoxLayout(self)
        side = round(theme.px(18))
        layout.setContentsMargins(side, side, side, side)
        layout.addWidget(QLabel("What Segue has noted; the newest stands last. Nothing of it leaves this machine."))
        layout.addWidget(self.text, 1)
        layout.addLayout(foot)
        self.resize(theme.fitting(WIDTH_PX, HEIGHT_PX, self))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        show.clicked.connect(self._show_folder)
        close.clicked.connect(self.accept)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(LOOK_EVERY_MS)
        self.look()

    def look(self) -> None:
        """Read it anew, if it has changed."""
        text = "" if self._path is None else read_tail(self._path)
        if text != self.text.toPlainText():
            self.text.setPlainText(text)
            self.text.moveCursor(QTextCursor.MoveOperation.End)

    def _show_folder(self) -> None:
        assert self._path is not None
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent))):
            self.told.emit(f"the log is {self._path}")
