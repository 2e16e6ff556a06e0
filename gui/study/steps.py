"""How far a participant has come."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme


class Steps(QWidget):
    """How many trials are done, in words and as a bar of as many parts."""

    def __init__(self) -> None:
        super().__init__()
        self._done, self._total = 0, 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("progress")

    def show_steps(self, done: int, total: int) -> None:
        """Follow the sheet."""
        self._done, self._total = done, total
        self.setAccessibleDescription(self.words)
        self.update()

    @property
    def words(self) -> str:
        """The trial that is shown, counted from one."""
        return f"{min(self._done + 1, self._total)} of {self._total}"

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(300)), round(theme.px(30)))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, px = theme.current(), theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(14, QFont.Weight.DemiBold, tabular=True))
        painter.setPen(QColor(palette.text))
        left = px(78)
        painter.drawText(QRectF(0, 0, left, self.height()), Qt.AlignmentFlag.AlignVCenter, self.words)
        painter.setPen(Qt.PenStyle.NoPen)
        width = (self.width() - left) / self._total
        for number in range(self._total):
            colour = palette.accent if number < self._done else palette.text if number == self._done else palette.track
            painter.setBrush(QColor(colour))
            bar = QRectF(left + number * width, self.height() / 2 - px(3), width - px(3), px(6))
            painter.drawRoundedRect(bar, px(2), px(2))
