"""The live view: the sound that is leaving the output, and under it a lane per genre, in time with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QLinearGradient, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.audio.peaks import Waveform
from gui import theme
from gui.play.heard import HeardHistory

SPAN_FRAMES = 600  # 12 s
LABELS_PX = 78.0
AXIS_PX = 16.0
COLOUR_STOPS = 40
ASK_RANGE = 2.0


class LiveView(QWidget):
    """Scrolls with the ear: its right edge is the frame being heard, whatever has been made ahead.

    The waveform takes the colours of the genres that the model heard in it. In a lane the line is the knob (zero in the
    middle), the area what was heard (0 to 100 %). One column per frame, each read once: nothing shimmers as it scrolls.
    """

    def __init__(self, history: HeardHistory) -> None:
        super().__init__()
        self._history = history
        self._genres: tuple[str, ...] = ()
        self._end = 0  # the frame after the newest column
        self._frame_rate_hz, self._hop_samples = 50.0, 640
        self._outline: NDArray[np.float32] = np.zeros((SPAN_FRAMES, 2), np.float32)
        self._asked: NDArray[np.float32] = np.zeros((SPAN_FRAMES, 0), np.float32)
        self._heard: NDArray[np.float32] = np.zeros((SPAN_FRAMES, 0), np.float32)
        self.setAccessibleName("live view of the sound and the knobs")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)

    def set_instrument(self, genres: Sequence[str], sample_rate_hz: int, hop_samples: int) -> None:
        """Other lanes, another clock."""
        self._genres = tuple(genres)
        self._frame_rate_hz, self._hop_samples = sample_rate_hz / hop_samples, hop_samples
        self._asked = np.zeros((SPAN_FRAMES, len(genres)), np.float32)
        self._heard = np.zeros((SPAN_FRAMES, len(genres)), np.float32)
        self._clear()

    def _clear(self) -> None:
        self._end = 0
        for columns in (self._outline, self._asked, self._heard):
            columns[:] = 0.0
        self.update()

    def follow(self, heard_frame: int, waveform: Waveform | None) -> None:
        """Scroll to a frame; a lower one begins a new performance."""
        if heard_frame < self._end:
            self._clear()
        new = min(heard_frame - self._end, SPAN_FRAMES)
        if new <= 0 or waveform is None:
            return
        start, hop = heard_frame - new, self._hop_samples
        for columns in (self._outline, self._asked, self._heard):
            columns[:-new] = columns[new:]
        self._outline[-new:] = np.nan_to_num(waveform.outline(start * hop, heard_frame * hop, new))
        for n in range(new):
            moment = self._history.at(start + n)
            if moment is not None and len(moment.asked) == len(self._genres):
                self._asked[n - new] = moment.asked
                self._heard[n - new] = moment.heard if len(moment.heard) == len(self._genres) else 0.0
        self._end = heard_frame
        self.update()

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(640)), round(theme.px(220)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(320)), round(theme.px(130)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lanes = len(self._genres)
        labels, axis = theme.px(LABELS_PX), theme.px(AXIS_PX)
        area = QRectF(labels, 0, self.width() - labels - 1, self.height() - axis)
        lane_height = min(max(area.height() * 0.13, theme.px(20)), theme.px(48)) if lanes else 0.0
        wave = QRectF(area.left(), area.top(), area.width(), area.height() - lane_height * lanes)
        self._paint_axis(painter, area)
        self._paint_wave(painter, wave.adjusted(0, 2, 0, -6))
        for n, genre in enumerate(self._genres):
            top = wave.bottom() + n * lane_height
            self._paint_lane(painter, QRectF(area.left(), top, area.width(), lane_height - 3), n, genre)
        painter.setPen(QPen(QColor(theme.current().text), 1.2))
        painter.drawLine(area.topRight(), area.bottomRight())

    def _paint_axis(self, painter: QPainter, area: QRectF) -> None:
        palette = theme.current()
        painter.setFont(theme.font(10.5, tabular=True))
        per_frame = area.width() / SPAN_FRAMES
        first_s = max(0, int((self._end - SPAN_FRAMES) / self._frame_rate_hz))
        for second in range(first_s, int(self._end / self._frame_rate_hz) + 1):
            x = area.right() - (self._end - second * self._frame_rate_hz) * per_frame
            if x < area.left():
                continue
            painter.setPen(QPen(theme.faded(palette.line, 0.9 if second % 2 == 0 else 0.45), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if second % 2 == 0 and x < area.right() - theme.px(90):
                painter.setPen(QColor(palette.muted))
                painter.drawText(
                    QPointF(x + 3, area.bottom() + theme.px(AXIS_PX - 4)), f"{second // 60}:{second % 60:02}"
                )
        painter.setPen(QColor(palette.muted))
        corner = QRectF(area.left(), area.bottom(), area.width(), theme.px(AXIS_PX))
        painter.drawText(corner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "heard now")

    def _paint_wave(self, painter: QPainter, box: QRectF) -> None:
        palette = theme.current()
        painter.setFont(theme.font(11, QFont.Weight.DemiBold))
        painter.setPen(QColor(palette.muted))
        middle = box.center().y()
        labels = QRectF(0, middle - 20, theme.px(LABELS_PX - 8), 40)
        painter.drawText(labels, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "sound")
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
        if not self._end:
            painter.setFont(theme.font(13))
            painter.setPen(QColor(palette.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "Press Space to play")
            return
        known = min(self._end, SPAN_FRAMES)
        xs = box.right() - np.arange(known - 1, -1, -1) * (box.width() / SPAN_FRAMES)
        half = box.height() / 2
        low, high = np.clip(self._outline[-known:], -1.0, 1.0).T
        tops = np.minimum(middle - high * half, middle - 0.6)
        bottoms = np.maximum(middle - low * half, middle + 0.6)
        polygon = QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), tops.tolist(), strict=True)])
        polygon.append([QPointF(x, y) for x, y in zip(xs[::-1].tolist(), bottoms[::-1].tolist(), strict=True)])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._wave_colours(box))
        painter.drawPolygon(polygon)

    def _wave_colours(self, box: QRectF) -> QLinearGradient | QColor:
        palette = theme.current()
        if not self._genres:
            return QColor(palette.accent)
        gradient = QLinearGradient(box.topLeft(), box.topRight())
        colours = np.array([_rgb(palette.genre(genre, self._genres)) for genre in self._genres])
        text = np.array(_rgb(QColor(palette.muted)))
        for n in range(COLOUR_STOPS):
            shares = self._heard[round(n * (SPAN_FRAMES - 1) / (COLOUR_STOPS - 1))].astype(float) ** 2
            mixed = shares @ colours / shares.sum() if shares.any() else text
            gradient.setColorAt(n / (COLOUR_STOPS - 1), QColor.fromRgbF(*np.clip(mixed, 0.0, 1.0).tolist()))
        return gradient

    def _paint_lane(self, painter: QPainter, box: QRectF, lane: int, genre: str) -> None:
        palette = theme.current()
        colour = palette.genre(genre, self._genres)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.faded(palette.sunken, 0.75))
        painter.drawRoundedRect(box, 3, 3)
        painter.setFont(theme.font(11, QFont.Weight.DemiBold))
        painter.setPen(colour)
        labels = QRectF(0, box.top(), theme.px(LABELS_PX - 8), box.height())
        painter.drawText(labels, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, genre)
        known = min(self._end, SPAN_FRAMES)
        if not known:
            return
        heard, asked = self._heard[-known:, lane], self._asked[-known:, lane]
        area = _polyline(box, heard, 0.0, 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.faded(colour, 0.28))
        closed = [QPointF(area[0].x(), box.bottom()), *area, QPointF(area[-1].x(), box.bottom())]
        painter.drawPolygon(QPolygonF(closed))
        painter.setPen(QPen(theme.faded(palette.muted, 0.35), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
        painter.setPen(QPen(colour, 1.8))
        painter.drawPolyline(QPolygonF(_polyline(box, asked, -ASK_RANGE, ASK_RANGE)))


def _rgb(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()


def _polyline(box: QRectF, values: NDArray[np.float32], low: float, high: float) -> list[QPointF]:
    """Points of the newest values, right-aligned; runs of one value need only their ends."""
    count = len(values)
    turns = np.ones(count, bool)
    turns[1:-1] = (values[1:-1] != values[:-2]) | (values[1:-1] != values[2:])
    index = np.flatnonzero(turns)
    xs = box.right() - (count - 1 - index) * (box.width() / SPAN_FRAMES)
    shares = np.clip((values[index] - low) / (high - low), 0.0, 1.0)
    ys = box.bottom() - 1 - shares * (box.height() - 2)
    return [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
