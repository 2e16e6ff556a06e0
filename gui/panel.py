"""A surface on which controls that belong together lie, with its caption."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import theme


class Panel(QWidget):
    """A rounded surface. ``body`` takes the content, ``head`` what stands beside the caption, on the right."""

    def __init__(self, caption: str = "") -> None:
        super().__init__()
        self._column = layout = QVBoxLayout(self)
        layout.setSpacing(8)
        self._space()
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        if caption:
            self.head.addWidget(caption_label(caption))
            self.head.addStretch(1)
            layout.addLayout(self.head)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        layout.addLayout(self.body, 1)

    def _space(self) -> None:
        side = round(theme.px(16))
        self._column.setContentsMargins(side, round(theme.px(12)), side, round(theme.px(14)))

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self._space()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(palette.panel))
        painter.setPen(QPen(theme.faded(palette.line, 0.8), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)


def caption_label(text: str) -> QLabel:
    """A caption in small capitals' manner."""
    label = QLabel(text.upper())
    label.setProperty("role", "caption")
    label.setAccessibleName(text)
    return label


def muted_label(text: str = "") -> QLabel:
    """Words of second rank."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    return label
