"""How a knob looks: the ask as an arc, what the model hears as a second one, the redline outside both."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QLinearGradient, QPainter, QPen, QRadialGradient

from gui import theme
from gui.icons import Icon, draw
from gui.play.scale import Scale

START_DEG, SWEEP_DEG = 225.0, 270.0  # from lower left over the top to lower right
NOTICEABLE = 0.005


@dataclass(frozen=True)
class KnobFace:
    """All that is to be seen of a knob at one moment.

    Attributes:
        heard: what the model hears of it, 0 to 1; None where nothing is known.
        redline: beyond which the pack says that quality falls; None for none.
        compact: a small one, for settings beside the music.
        driven, let_go: a lane moves it, or has let go of it.
    """

    name: str
    scale: Scale
    value: float
    colour: QColor
    heard: float | None = None
    redline: float | None = None
    compact: bool = False
    hovered: bool = False
    focused: bool = False
    driven: bool = False
    let_go: bool = False

    def _dial_rect(self, size: QSize) -> QRectF:
        """The dial's square, between the name and the value."""
        width, height = float(size.width()), float(size.height())
        title, foot = map(theme.px, (18, 16) if self.compact else (26, 44))
        side = min(width - theme.px(14), height - title - foot, theme.px(64 if self.compact else 170))
        side = 2.0 * (side // 2)  # so that knobs beside each other, a pixel wider or narrower, stand on one line
        top = title + max(0.0, (height - title - foot - side) / 2)
        return QRectF((width - side) / 2, top, side, side)

    @property
    def ground(self) -> KnobFace:
        """The same with nothing heard."""
        return self if self.heard is None else replace(self, heard=0.0)

    def paint_heard(self, painter: QPainter, size: QSize) -> None:
        """Draw what is heard over a :attr:`ground`."""
        if self.heard is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dial = self._dial_rect(size)
        if self.heard >= NOTICEABLE:
            thick = _thickness(dial)
            ink = theme.mix(self.colour, QColor(theme.current().text), 0.45)
            self._arc(painter, _heard_ring(dial), 0.0, self.heard, ink, thick * 0.5)
        if not self.compact:
            words, weight = f"hears {self.heard:.0%}", QFont.Weight.Medium
            self._write(painter, dial, dial.bottom() + theme.px(20), 11.5, theme.current().muted, words, weight)

    def paint(self, painter: QPainter, size: QSize) -> None:
        """Draw all but what is heard into a widget of a size."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dial = self._dial_rect(size)
        self._paint_arcs(painter, dial)
        self._paint_cap(painter, dial)
        self._paint_text(painter, dial)
        if self.driven or self.let_go:
            self._paint_lane_sign(painter, dial)

    def _paint_arcs(self, painter: QPainter, dial: QRectF) -> None:
        palette = theme.current()
        thick = _thickness(dial)
        ring = dial.adjusted(thick, thick, -thick, -thick)
        self._arc(painter, ring, 0.0, 1.0, QColor(palette.track), thick)
        if self.redline is not None and self.redline < self.scale.high:
            outside = ring.adjusted(-thick * 0.95, -thick * 0.95, thick * 0.95, thick * 0.95)
            limits = [(self.scale.share(self.redline), 1.0)]
            if self.scale.bipolar and -self.redline > self.scale.low:
                limits.append((0.0, self.scale.share(-self.redline)))
            for first, last in limits:
                self._arc(painter, outside, first, last, QColor(palette.record), max(1.5, thick * 0.3))
        zero = self.scale.share(0.0) if self.scale.bipolar else 0.0
        share = self.scale.share(self.value)
        if share != zero:
            self._arc(painter, ring, zero, share, theme.faded(self.colour, 0.22), thick * 2.1)
            self._arc(painter, ring, zero, share, self.colour, thick)
        if self.scale.bipolar:
            self._tick(painter, ring, zero, thick)
        if self.heard is not None:
            self._arc(painter, _heard_ring(dial), 0.0, 1.0, theme.faded(palette.track, 0.55), thick * 0.5)

    @staticmethod
    def _arc(painter: QPainter, rect: QRectF, first: float, last: float, colour: QColor, width: float) -> None:
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(rect, round(16 * (START_DEG - first * SWEEP_DEG)), round(-16 * (last - first) * SWEEP_DEG))

    @staticmethod
    def _tick(painter: QPainter, ring: QRectF, share: float, thick: float) -> None:
        painter.setPen(QPen(QColor(theme.current().muted), max(1.2, thick * 0.28)))
        painter.drawLine(
            _on_circle(ring, share, ring.width() / 2 + thick * 0.75),
            _on_circle(ring, share, ring.width() / 2 + thick * 1.35),
        )

    def _paint_cap(self, painter: QPainter, dial: QRectF) -> None:
        palette = theme.current()
        inset = dial.width() * (0.2 if self.heard is None else 0.235)
        cap = dial.adjusted(inset, inset, -inset, -inset)
        shadow = QRadialGradient(cap.center() + QPointF(0, cap.height() * 0.08), cap.width() * 0.62)
        shadow.setColorAt(0.75, theme.faded("#000000", 0.35 if palette is theme.DARK else 0.2))
        shadow.setColorAt(1.0, theme.faded("#000000", 0.0))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shadow)
        painter.drawEllipse(
            cap.adjusted(-cap.width() * 0.15, -cap.height() * 0.1, cap.width() * 0.15, cap.height() * 0.22)
        )
        body = QLinearGradient(cap.topLeft(), cap.bottomLeft())
        raised = QColor(palette.raised)
        body.setColorAt(0.0, raised.lighter(128 if self.hovered else 116))
        body.setColorAt(1.0, raised.darker(116))
        painter.setBrush(body)
        painter.setPen(QPen(QColor(palette.accent if self.focused else palette.line), 2.0 if self.focused else 1.0))
        painter.drawEllipse(cap)
        radius = cap.width() / 2
        share = self.scale.share(self.value)
        pen = QPen(self.colour, max(2.0, dial.width() * 0.032))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(_on_circle(cap, share, radius * 0.45), _on_circle(cap, share, radius * 0.84))

    def _paint_text(self, painter: QPainter, dial: QRectF) -> None:
        palette = theme.current()
        if self.compact:
            self._write(painter, dial, dial.top() - theme.px(17), 11, palette.muted, self.name)
            self._write(painter, dial, dial.bottom() - theme.px(2), 12.5, palette.text, self.scale.text(self.value))
            return
        beyond = self.redline is not None and abs(self.value) > self.redline
        value = self.scale.text(self.value) + (" !" if beyond else "")
        self._write(painter, dial, dial.top() - theme.px(25), 14, palette.text, self.name)
        self._write(painter, dial, dial.bottom() - theme.px(3), 17, palette.record if beyond else self.colour, value)

    def _paint_lane_sign(self, painter: QPainter, dial: QRectF) -> None:
        """At the foot of the dial, between the ends of the arc; struck through where the lane has let go."""
        palette, side = theme.current(), theme.px(11 if self.compact else 15)
        middle = QPointF(dial.center().x(), dial.bottom() - side * (0.75 if self.compact else 0.8))
        sign = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
        ink = QColor(palette.good if self.driven else palette.muted)
        draw(painter, Icon.LANE, sign, ink)
        if self.let_go:
            painter.setPen(QPen(ink, 1.6))
            painter.drawLine(sign.bottomLeft(), sign.topRight())

    def _write(
        self,
        painter: QPainter,
        dial: QRectF,
        top: float,
        pixels: float,
        colour: QColor | str,
        text: str,
        weight: QFont.Weight = QFont.Weight.DemiBold,
    ) -> None:
        painter.setFont(theme.font(pixels, weight, tabular=True))
        painter.setPen(QColor(colour))
        line = QRectF(0, top, 2 * dial.center().x(), theme.px(pixels) * 1.45)
        painter.drawText(line, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, text)


def _thickness(dial: QRectF) -> float:
    return max(3.0, dial.width() * 0.055)


def _heard_ring(dial: QRectF) -> QRectF:
    inset = 2.55 * _thickness(dial)
    return dial.adjusted(inset, inset, -inset, -inset)


def _on_circle(rect: QRectF, share: float, radius: float) -> QPointF:
    """The point at a share of the sweep, ``radius`` from the middle."""
    angle = math.radians(START_DEG - share * SWEEP_DEG)
    return rect.center() + QPointF(math.cos(angle) * radius, -math.sin(angle) * radius)
