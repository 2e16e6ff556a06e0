"""The live view: the sound that is leaving the output, its spectrum, and a lane per genre in time with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.audio.peaks import Waveform
from engine.audio.spectrogram import Spectrogram
from gui import theme
from gui.play.heard import HeardHistory
from gui.play.strip import LANE_GAP, Columns, Strip

CAPACITY_FRAMES = 1024  # more than are shown at any width
SPAN_FRAMES = 600  # 12 s: about that much is shown, so that a frame is a whole number of pixels
LABELS_PX = 78.0
AXIS_PX = 16.0


class LiveView(QWidget):
    """Scrolls with the ear: its right edge is the frame being heard, whatever has been made ahead.

    The waveform takes the colours of the genres that the model heard in it. In a lane the line is the knob (zero in the
    middle), the area what was heard (0 to 100 %).
    """

    def __init__(self, history: HeardHistory) -> None:
        super().__init__()
        self._history = history
        self._genres: tuple[str, ...] = ()
        self._end = 0  # the frame after the newest column
        self._frame_rate_hz, self._hop_samples = 50.0, 640
        self._columns, self._strip = Columns(CAPACITY_FRAMES, 0), Strip()
        self._stale = True  # the strip is drawn anew at the next painting
        self.setAccessibleName("live view of the sound and the knobs")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_instrument(self, genres: Sequence[str], sample_rate_hz: int, hop_samples: int) -> None:
        """Other lanes, another clock."""
        self._genres = tuple(genres)
        self._frame_rate_hz, self._hop_samples = sample_rate_hz / hop_samples, hop_samples
        self._clear()

    def _clear(self) -> None:
        self._end = 0
        self._columns = Columns(CAPACITY_FRAMES, len(self._genres))
        self._redraw()

    def follow(self, heard_frame: int, waveform: Waveform | None, spectrogram: Spectrogram | None = None) -> None:
        """Scroll to a frame; a lower one begins a new performance."""
        if heard_frame < self._end:
            self._clear()
        new = min(heard_frame - self._end, CAPACITY_FRAMES)
        if new <= 0 or waveform is None:
            return
        start, hop, columns = heard_frame - new, self._hop_samples, self._columns
        columns.make_room(new)
        columns.outline[-new:] = np.nan_to_num(waveform.outline(start * hop, heard_frame * hop, new))
        if spectrogram is not None:
            columns.spectrum[-new:] = spectrogram.columns(start * hop, new)
        for n in range(new):
            moment = self._history.at(start + n)
            known = moment is not None and len(moment.asked) == len(self._genres)
            columns.asked[n - new] = moment.asked if moment is not None and known else 0.0
            has_heard = moment is not None and len(moment.heard) == len(self._genres)
            columns.heard[n - new] = moment.heard if moment is not None and has_heard else 0.0
        self._end = heard_frame
        if not self.isVisible() or self.window().isMinimized():
            self._stale = True  # drawn when it is seen again
            return
        if not self._stale:
            self._strip.advance(columns, self._colours(), new)
        self.update()

    # Geometry

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(640)), round(theme.px(220)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(320)), round(theme.px(130)))

    def _area(self) -> QRectF:
        """Where the strip is shown, between the names and the time."""
        left = round(theme.px(LABELS_PX))
        return QRectF(left, 0, max(self.width() - left - 2, 1), max(self.height() - round(theme.px(AXIS_PX)), 1))

    def _lane_height(self) -> float:
        return float(round(min(max(self._area().height() * 0.13, theme.px(20)), theme.px(48)))) if self._genres else 0.0

    def _spectrum_height(self) -> float:
        """None of it where there is too little room for both."""
        room = self._area().height() - self._lane_height() * len(self._genres)
        return float(round(room * 0.42)) if room >= theme.px(70) else 0.0

    def _frame_px(self) -> int:
        """Device pixels per frame."""
        return max(1, round(self._area().width() * self.devicePixelRatioF() / SPAN_FRAMES))

    def _colours(self) -> list[QColor]:
        return [theme.current().genre(genre, self._genres) for genre in self._genres]

    def _redraw(self) -> None:
        """Not at once: a change of theme or size comes in several steps."""
        self._stale = True
        self.update()

    def _draw_strip(self) -> None:
        self._stale = False
        area, lane = self._area(), self._lane_height()
        spectrum = self._spectrum_height()
        wave = area.height() - lane * len(self._genres) - spectrum
        self._strip.lay_out(area.size().toSize(), self.devicePixelRatioF(), self._frame_px(), wave, spectrum, lane)
        self._strip.draw_all(self._columns, self._colours())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self._redraw()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self._redraw()
        return super().event(event)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._stale:
            self._draw_strip()
        palette = theme.current()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(palette.panel))
        area, lane_height, spectrum = self._area(), self._lane_height(), self._spectrum_height()
        lanes_top = area.height() - lane_height * len(self._genres)
        wave_height = lanes_top - spectrum
        if spectrum:
            painter.fillRect(
                QRectF(area.left(), wave_height, area.width(), spectrum - LANE_GAP), QColor(palette.sunken)
            )
        for n in range(len(self._genres)):
            lane = QRectF(area.left(), lanes_top + n * lane_height, area.width(), lane_height - LANE_GAP)
            painter.fillRect(lane, theme.faded(palette.sunken, 0.75))
        self._paint_axis(painter, area)
        painter.setPen(QPen(QColor(palette.line), 1))
        middle = round(wave_height / 2 - 2)
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))
        painter.drawPixmap(area.topLeft(), self._strip.picture)
        self._paint_names(painter, area, wave_height, spectrum, lane_height)
        if not self._end:
            painter.setFont(theme.font(13))
            painter.setPen(QColor(palette.muted))
            words = QRectF(area.left(), 0, area.width(), wave_height)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, "Press Space to play")
        painter.setPen(QPen(QColor(palette.text), 1.2))
        painter.drawLine(area.topRight(), area.bottomRight())

    def _paint_names(
        self, painter: QPainter, area: QRectF, wave_height: float, spectrum: float, lane_height: float
    ) -> None:
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        room = area.left() - theme.px(8)
        painter.setFont(theme.font(11, QFont.Weight.DemiBold))
        painter.setPen(QColor(theme.current().muted))
        painter.drawText(QRectF(0, 0, room, wave_height - 4), side, "sound")
        if spectrum:
            painter.drawText(QRectF(0, wave_height, room, spectrum - LANE_GAP), side, "spectrum")
        for n, (genre, colour) in enumerate(zip(self._genres, self._colours(), strict=True)):
            painter.setPen(colour)
            line = QRectF(0, wave_height + spectrum + n * lane_height, room, lane_height - LANE_GAP)
            painter.drawText(
                line, side, painter.fontMetrics().elidedText(genre, Qt.TextElideMode.ElideRight, int(room))
            )

    def _paint_axis(self, painter: QPainter, area: QRectF) -> None:
        palette = theme.current()
        painter.setFont(theme.font(10.5, tabular=True))
        per_frame = self._frame_px() / self.devicePixelRatioF()
        first_s = max(0, int((self._end - area.width() / per_frame) / self._frame_rate_hz))
        strong, faint = QPen(theme.faded(palette.line, 0.9), 1), QPen(theme.faded(palette.line, 0.45), 1)
        for second in range(first_s, int(self._end / self._frame_rate_hz) + 1):
            x = area.right() - (self._end - second * self._frame_rate_hz) * per_frame
            if x < area.left():
                continue
            painter.setPen(strong if second % 2 == 0 else faint)
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if second % 2 == 0 and x < area.right() - theme.px(90):
                painter.setPen(QColor(palette.muted))
                at = QPointF(x + 3, area.bottom() + theme.px(AXIS_PX - 4))
                painter.drawText(at, f"{second // 60}:{second % 60:02}")
        painter.setPen(QColor(palette.muted))
        corner = QRectF(area.left(), area.bottom(), area.width(), theme.px(AXIS_PX))
        painter.drawText(corner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "heard now")
