"""How far something has come that is done for a take beside the music, with a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui import theme
from gui.buttons import IconButton
from gui.icons import Icon


class JobBar(QWidget):
    """One line of words over a bar; there only while something is done."""

    stop_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._words, self._share = "", 0.0
        self._stop = IconButton(Icon.CLOSE, "Stop", side=24)
        self._stop.clicked.connect(self.stop_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addStretch(1)
        layout.addWidget(self._stop)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def begin(self, words: str) -> None:
        """Something has been begun."""
        self._words = words
        self._stop.set_name(f"Stop: {words}")
        self.setAccessibleName(words)
        self.show_share(0.0)
        self.show()

    def show_share(self, share: float) -> None:
        """So much of it is done, 0 to 1."""
        self._share = share
        self.setAccessibleDescription(f"{share:.0%}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(200)), round(theme.px(34)))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, px = theme.current(), theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self._stop.x() - px(10)
        line = QRectF(0, px(2), width, px(18))
        painter.setFont(theme.font(12, tabular=True))
        painter.setPen(QColor(palette.muted))
        per_cent = f"{self._share:.0%}"
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, per_cent)
        room = int(width - painter.fontMetrics().horizontalAdvance(per_cent) - px(8))
        painter.setPen(QColor(palette.text))
        words = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        bar = QRectF(0, px(24), width, px(4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.track))
        painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)
        bar.setWidth(max(bar.width() * min(self._share, 1.0), bar.height()))
        painter.setBrush(QColor(palette.accent))
        painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)
