"""A small matrix of genres: shades and figures, so that neither is needed to read the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.lab.findings import Matrix

GAP_PX = 2.0
SHORT_NAME = 4
WIDEST = 2.4  # a cell, in multiples of its height


class MatrixView(QWidget):
    """Rows are named in full; columns, in the same order, by their first letters where there is no more room.

    Args:
        name: for screen readers.
        counts: shades are shares of each row; figures are counts. Otherwise values from −1 to 1.
    """

    def __init__(self, name: str, counts: bool = False) -> None:
        super().__init__()
        self._counts = counts
        self._values: Matrix | None = None
        self._names: tuple[str, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_matrix(self, values: Matrix | None, names: Sequence[str], words: str) -> None:
        """Show one; None shows nothing. ``words`` say the same for those who cannot see it."""
        self._values, self._names = values, tuple(names)
        self.setAccessibleDescription(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(210)), round(theme.px(150)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(150)), round(theme.px(96)))

    def _cells(self, labels_px: float, head_px: float) -> QRectF:
        return QRectF(labels_px, head_px, self.width() - labels_px, self.height() - head_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._values is None or not self._names:
            return
        palette, values = theme.current(), self._values
        painter = QPainter(self)
        face = theme.font(11, tabular=True)
        painter.setFont(face)
        metrics = QFontMetrics(face)
        widest = max(metrics.horizontalAdvance(name) for name in self._names)
        labels_px = min(widest + theme.px(8), self.width() * 0.42)
        cells = self._cells(labels_px, theme.px(18))
        step_y = cells.height() / len(values)
        step_x = min(cells.width() / values.shape[1], WIDEST * step_y)
        painter.setPen(QColor(palette.muted))
        for n, name in enumerate(self._names):
            row = QRectF(0, cells.top() + n * step_y, labels_px - theme.px(6), step_y)
            words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(row.width()))
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
            column = QRectF(cells.left() + n * step_x, 0, step_x, theme.px(18))
            fits = widest < step_x - theme.px(4)
            painter.drawText(column, Qt.AlignmentFlag.AlignCenter, name if fits else name[:SHORT_NAME])
        shades = values / np.maximum(values.sum(1, keepdims=True), 1) if self._counts else values
        for (row_n, column_n), value in np.ndenumerate(values):
            box = QRectF(cells.left() + column_n * step_x, cells.top() + row_n * step_y, step_x, step_y)
            box = box.adjusted(0, 0, -GAP_PX, -GAP_PX)
            fill = self._shade(float(shades[row_n, column_n]))
            painter.fillRect(box, fill)
            painter.setPen(ink_on(fill))
            painter.setFont(theme.font(11, QFont.Weight.DemiBold, tabular=True))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._figure(float(value), step_x))

    def _figure(self, value: float, room_px: float) -> str:
        if self._counts:
            return f"{value:.0f}"
        words = f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")
        return words if room_px > theme.px(34) else words.replace("0.", ".").replace("1.00", "1")

    @staticmethod
    def _shade(value: float) -> QColor:
        palette = theme.current()
        ink = QColor(palette.accent if value >= 0 else palette.warning)
        return theme.mix(QColor(palette.sunken), ink, min(abs(value), 1.0) * 0.9)


def ink_on(fill: QColor) -> QColor:
    """Black or white: one of them can always be read."""
    return max((QColor("black"), QColor("white")), key=lambda ink: theme.contrast(ink, fill))
