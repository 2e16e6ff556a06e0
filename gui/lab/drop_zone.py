"""A field that takes a file or a folder: dropped, or chosen in a dialog by a click or Enter."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from gui import theme
from gui.icons import Icon, draw
from gui.play.audio_prompt import SOUND_FILES


class DropZone(QWidget):
    """``chosen`` gives a path that exists; ``refused`` says why something was not taken.

    Args:
        name: for screen readers, and the dialog's title.
        words: what to drop.
        folders: takes folders; otherwise files.
    """

    chosen = Signal(object)
    refused = Signal(str)

    def __init__(self, name: str, words: str, folders: bool) -> None:
        super().__init__()
        self._name, self._words, self._folders = name, words, folders
        self.path: Path | None = None
        self._hovering = False
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setAccessibleDescription("none chosen")
        self.setToolTip(f"{words}, or press Enter to choose")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def offer(self, path: Path) -> None:
        """Take a path if it is of the right kind."""
        if self._folders and not path.is_dir():
            self.refused.emit(f"{path.name} is no folder: drop the folder that holds the music")
        elif not self._folders and path.is_dir():
            self.refused.emit(f"{path.name} is a folder: drop one sound file")
        elif not path.exists():
            self.refused.emit(f"{path} is not there any more: choose another")
        else:
            self.path = path
            self.setAccessibleDescription(str(path))
            self.setToolTip(str(path))
            self.update()
            self.chosen.emit(path)

    def _browse(self) -> None:
        if self._folders:
            name = QFileDialog.getExistingDirectory(self, self._name.capitalize())
        else:
            name, _ = QFileDialog.getOpenFileName(self, self._name.capitalize(), "", SOUND_FILES)
        if name:
            self.offer(Path(name))

    # Gestures

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            self._hover(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hover(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._hover(False)
        path = dropped_path(event.mimeData())
        if path is None:
            self.refused.emit("that is nothing on this machine: save it first, then drop it")
        else:
            event.acceptProposedAction()
            self.offer(path)

    def _hover(self, on: bool) -> None:
        self._hovering = on
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._browse()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._browse()
        else:
            event.ignore()

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(200)), round(theme.px(64)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(140)), round(theme.px(64)))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active = self._hovering or self.hasFocus()
        style = Qt.PenStyle.DashLine if self.path is None else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(palette.accent if active else palette.track), 1.6 if active else 1.2, style))
        painter.setBrush(theme.faded(palette.accent, 0.12) if self._hovering else QColor(palette.sunken))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        chosen = self.path is not None
        painter.setFont(theme.font(12, QFont.Weight.DemiBold if chosen else QFont.Weight.Medium))
        side, gap = theme.px(20), theme.px(30)
        room = self.width() - gap - theme.px(20)
        words = self.path.name or str(self.path) if self.path is not None else self._words
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, int(room))
        left = max((self.width() - painter.fontMetrics().horizontalAdvance(words) - gap) / 2, theme.px(10))
        colour = QColor(palette.text if chosen else palette.muted)
        icon = Icon.FOLDER if self._folders else Icon.WAVE
        draw(painter, icon, QRectF(left, (self.height() - side) / 2, side, side), colour)
        painter.setPen(colour)
        box = QRectF(left + gap, 0, self.width() - left - gap, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)


def dropped_path(data: QMimeData) -> Path | None:
    """The first thing on this machine among what was dropped."""
    return next((Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()), None)
