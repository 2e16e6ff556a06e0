"""The monitor's volume: how loud it is here, whatever is recorded."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider

from gui import theme

QUIETEST_DB = -40
LABEL_PX = 52.0


class VolumeFader(QSlider):
    """Whole decibels from −40 to 0; at the lower end silence. ``moved`` tells of gestures alone."""

    moved = Signal(float)

    def __init__(self, volume_db: float) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(QUIETEST_DB, 0)
        self.setPageStep(6)
        self.setAccessibleName("volume")
        self.setToolTip("Volume of the monitor; takes are not touched by it")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_volume(volume_db)
        self.valueChanged.connect(lambda value: self.moved.emit(gain_db(value)))

    def show_volume(self, volume_db: float) -> None:
        """Follow the settings, silently."""
        with QSignalBlocker(self):
            self.setValue(round(max(volume_db, float(QUIETEST_DB))))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setValue(0)

    def _groove(self) -> QRectF:
        knob = theme.px(8)
        return QRectF(knob, self.height() / 2 - 2, self.width() - theme.px(LABEL_PX) - 2 * knob, 4)

    def _follow(self, event: QMouseEvent) -> None:
        groove = self._groove()
        share = min(max((event.position().x() - groove.left()) / groove.width(), 0.0), 1.0)
        self.setValue(round(QUIETEST_DB * (1.0 - share)))

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(144)), round(theme.px(32)))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        groove = self._groove()
        x = groove.left() + groove.width() * (1.0 - self.value() / QUIETEST_DB)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.track))
        painter.drawRoundedRect(groove, 2, 2)
        painter.setBrush(QColor(palette.muted))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), x - groove.left(), groove.height()), 2, 2)
        focused = self.hasFocus()
        painter.setPen(QPen(QColor(palette.accent if focused else palette.sunken), 2))
        painter.setBrush(QColor(palette.text))
        painter.drawEllipse(QPointF(x, groove.center().y()), theme.px(7), theme.px(7))
        painter.setFont(theme.font(12, QFont.Weight.DemiBold, tabular=True))
        painter.setPen(QColor(palette.muted))
        label = QRectF(self.width() - theme.px(LABEL_PX), 0, theme.px(LABEL_PX), self.height())
        words = "muted" if self.value() == QUIETEST_DB else f"{self.value()} dB".replace("-", "−")
        painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)


def gain_db(value: int) -> float:
    """The gain at a place of the fader."""
    return float("-inf") if value <= QUIETEST_DB else float(value)
