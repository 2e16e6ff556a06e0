"""How far a child has come: its stage, a bar, the time left."""

from __future__ import annotations

import time

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.child import Child
from gui.lab.pace import Pace, in_words

STAGES = {
    "composing": "Composing music",
    "recording": "Recording its layers",
    "fitting": "Fitting probes",
    "teaching the ear": "Teaching the ear",
    "auditioning": "Auditioning",
    "listening": "Listening",
}
SWEEP_S = 1.6


class ProgressStrip(QWidget):
    """Follows a child; there only while it runs."""

    def __init__(self, child: Child) -> None:
        super().__init__()
        self._pace = Pace()
        self._stage, self._done, self._total, self._left = "", 0.0, 0.0, ""
        self._sweep = QTimer(self)
        self._sweep.setInterval(40)
        self._sweep.timeout.connect(self.update)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("progress")
        child.progressed.connect(self._on_progress)
        for ended in (child.finished, child.failed, child.stopped):
            ended.connect(self.hide)
        self.hide()

    def begin(self) -> None:
        """A child has been started."""
        self._pace = Pace()
        self._show("Starting", 0.0, 0.0, "")
        self.show()

    def _on_progress(self, stage: str, done: float, total: float) -> None:
        seconds = self._pace.seconds_left(stage, done, total, time.monotonic())
        left = "" if seconds is None else in_words(seconds)
        count = f"{min(done / total, 1.0):.0%}" if total else f"{done:.0f} done" if done else ""
        self._show(STAGES.get(stage, stage.capitalize()), done, total, " · ".join(filter(None, (count, left))))

    def _show(self, stage: str, done: float, total: float, left: str) -> None:
        self._stage, self._done, self._total, self._left = stage, done, total, left
        self.setAccessibleDescription(f"{stage} {left}")
        self.update()

    def showEvent(self, event: object) -> None:
        self._sweep.start()

    def hideEvent(self, event: object) -> None:
        self._sweep.stop()

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(200)), round(theme.px(36)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(120)), round(theme.px(36)))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(12))
        text = QRectF(0, 0, self.width(), theme.px(20))
        left_px = painter.fontMetrics().horizontalAdvance(self._left)
        room = int(self.width() - left_px - theme.px(10))
        painter.setPen(QColor(palette.text))
        words = painter.fontMetrics().elidedText(f"{self._stage} …", Qt.TextElideMode.ElideRight, room)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(QColor(palette.muted))
        painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._left)
        bar = QRectF(0, theme.px(25), self.width(), theme.px(6))
        radius = bar.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.track))
        painter.drawRoundedRect(bar, radius, radius)
        painter.setBrush(QColor(palette.accent))
        if self._total:
            bar.setWidth(max(bar.width() * min(self._done / self._total, 1.0), 2 * radius))
        else:
            place = time.monotonic() % SWEEP_S / SWEEP_S
            bar = QRectF(place * 0.75 * bar.width(), bar.top(), bar.width() / 4, bar.height())
        painter.drawRoundedRect(bar, radius, radius)
