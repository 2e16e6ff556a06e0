"""Levels of what is heard: peak with hold, clip light, loudness; and how the engine is getting on."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from engine.pace import concern
from engine.status import State, Status
from gui import theme
from gui.panel import muted_label

FLOOR_DB = -60.0
TICKS_DB = (0, -6, -12, -24, -36, -48)
BAR_PX = 25.0


class LevelMeter(QWidget):
    """A peak bar in dBFS with hold and a clip light that stays lit until it is clicked, and the loudness in LUFS."""

    clip_cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._peak = self._held = -math.inf
        self._clipped = False
        self._loudness: tuple[float, ...] = (-math.inf,) * 3
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("level")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setToolTip("Peak in dBFS; M, S, I: momentary, short-term and integrated loudness in LUFS")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_status(self, status: Status) -> None:
        """Follow the engine."""
        playing = status.state is State.PLAYING
        peak = round(status.peak_dbfs, 1) if playing or status.peak_dbfs > FLOOR_DB else -math.inf
        held = round(status.held_dbfs, 1) if playing or status.held_dbfs > FLOOR_DB else -math.inf
        loudness = tuple(
            round(value, 1) for value in (status.momentary_lufs, status.short_term_lufs, status.integrated_lufs)
        )
        if (peak, held, status.clipped, loudness) != (self._peak, self._held, self._clipped, self._loudness):
            # Words cost more than bars, and change less often.
            words_too = (loudness, held, status.clipped) != (self._loudness, self._held, self._clipped)
            self._peak, self._held, self._clipped, self._loudness = peak, held, status.clipped, loudness
            clip = ", clipped" if self._clipped else ""
            self.setAccessibleDescription(f"peak {_level(peak)} dBFS{clip}, integrated {_level(loudness[2])} LUFS")
            self.update(0, 0, self.width() if words_too else int(theme.px(BAR_PX)), self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.clip_cleared.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clip_cleared.emit()
        else:
            event.ignore()

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(116)), round(theme.px(200)))

    def _y(self, box: QRectF, level_db: float) -> float:
        share = min(max(1.0 - level_db / FLOOR_DB, 0.0), 1.0)
        return box.bottom() - share * box.height()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, px = theme.current(), theme.px
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(palette.panel))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QPen(QColor(palette.accent if self.hasFocus() else palette.line), 1))
        painter.setBrush(QColor(palette.record if self._clipped else palette.sunken))
        painter.drawRoundedRect(QRectF(1, 1, px(22), px(14)), 3, 3)
        painter.setFont(theme.font(10, QFont.Weight.DemiBold, tabular=True))
        painter.setPen(QColor(palette.record if self._clipped else palette.muted))
        painter.drawText(QRectF(px(28), 0, px(50), px(16)), left, "CLIP" if self._clipped else "clip")
        bar = QRectF(1, px(22), px(22), self.height() - px(24))
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.setBrush(QColor(palette.sunken))
        painter.drawRoundedRect(bar, 4, 4)
        self._paint_level(painter, bar.adjusted(3, 3, -3, -3))
        if event.rect().right() <= px(BAR_PX):
            return
        painter.setFont(theme.font(10, tabular=True))
        painter.setPen(QColor(palette.muted))
        for tick in TICKS_DB:
            y = self._y(bar.adjusted(0, 3, 0, -3), tick)
            painter.drawText(QRectF(px(28), y - px(7), px(24), px(14)), left, str(abs(tick)))
        self._paint_loudness(painter, QRectF(px(58), bar.top() - px(4), self.width() - px(58), bar.height()))

    def _paint_level(self, painter: QPainter, box: QRectF) -> None:
        palette = theme.current()
        if self._peak > FLOOR_DB:
            colours = QLinearGradient(box.bottomLeft(), box.topLeft())
            colours.setColorAt(0.0, theme.faded(palette.good, 0.75))
            colours.setColorAt(0.75, QColor(palette.good))
            colours.setColorAt(0.9, QColor(palette.warning))
            colours.setColorAt(1.0, QColor(palette.record))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours)
            top = self._y(box, self._peak)
            painter.drawRoundedRect(QRectF(box.left(), top, box.width(), box.bottom() - top), 2, 2)
        if self._held > FLOOR_DB:
            y = self._y(box, self._held)
            painter.setPen(QPen(QColor(palette.text), 2))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    def _paint_loudness(self, painter: QPainter, box: QRectF) -> None:
        palette, px = theme.current(), theme.px
        step = min(box.height() / 4, px(52))
        top = box.top()
        left = Qt.AlignmentFlag.AlignLeft
        for name, value in (("peak", self._held), *zip(("M", "S", "I"), self._loudness, strict=True)):
            painter.setFont(theme.font(10, QFont.Weight.DemiBold))
            painter.setPen(QColor(palette.muted))
            painter.drawText(QRectF(box.left(), top, box.width(), px(14)), left, name)
            painter.setFont(theme.font(15, QFont.Weight.DemiBold, tabular=True))
            painter.setPen(QColor(palette.text))
            painter.drawText(QRectF(box.left(), top + px(12), box.width(), px(20)), left, _level(value))
            top += step


class Readout(QWidget):
    """How the engine is getting on: state, output, buffer, speed, dropouts."""

    def __init__(self) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 6, 18, 8)
        layout.setSpacing(22)
        self._state, self._output = muted_label(), muted_label()
        self._buffer, self._speed, self._dropouts = muted_label(), muted_label(), muted_label()
        for label in (self._state, self._output):
            layout.addWidget(label)
        layout.addStretch(1)
        for label in (self._buffer, self._speed, self._dropouts):
            layout.addWidget(label)

    def show_status(self, status: Status, awaiting_model: bool) -> None:
        """Follow the engine; before it has come to itself, its state is not known to be loading."""
        state = State.LOADING if status.state is State.EMPTY and awaiting_model else status.state
        words = {
            State.EMPTY: "No model",
            State.LOADING: "Loading the model …",
            State.IDLE: "Ready",
            State.PLAYING: "Playing",
        }
        _set(self._state, words[state])
        loaded = status.state in (State.IDLE, State.PLAYING)
        _set(self._output, f"Output: {status.output or 'none found, playing in silence'}" if loaded else "")
        started = status.realtime_factor > 0
        _set(self._buffer, f"Buffer {status.buffered_ms:.0f} ms" if started else "")
        trouble = concern(status.realtime_factor)
        speed = f"Speed {status.realtime_factor:.1f} × real time" + (f" – {trouble}" if trouble else "")
        _set(self._speed, speed if started else "")
        _set(self._dropouts, f"Dropouts {status.underruns}" if started else "")


def _set(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
        label.setAccessibleName(text)


def _level(value: float) -> str:
    return f"{value:.1f}".replace("-", "−") if value > -120 else "–"
