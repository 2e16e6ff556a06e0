"""How the blend pad looks: the field of colours, its corners, the trail of what is heard, the handle."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QRadialGradient

from gui import theme
from gui.play.polygon import Point, inside, weights, weights_at

GRAIN = 40  # side of the colour field in pixels, before it is stretched


@dataclass(frozen=True)
class Placement:
    """Where the polygon lies in the widget: its middle, and pixels per unit."""

    middle: QPointF
    unit: float

    @classmethod
    def of(cls, polygon: Sequence[Point], size: QSize) -> Placement:
        """As large as there is room for."""
        # A square has room for the names inside its corners.
        side = min(size.width(), size.height()) - theme.px(28 if len(polygon) == 4 else 58)
        reach = max((abs(value) for corner in polygon for value in corner), default=1.0)
        return cls(QPointF(size.width() / 2, size.height() / 2), max(side, 40) / 2 / reach)

    def to_widget(self, point: Point) -> QPointF:
        """Pixels of a point of the polygon."""
        return self.middle + QPointF(point[0] * self.unit, point[1] * self.unit)

    def to_polygon(self, at: QPointF) -> Point:
        """The point under a pixel."""
        return (at.x() - self.middle.x()) / self.unit, (at.y() - self.middle.y()) / self.unit


class PadFace:
    """Draws one polygon of genres in the theme's present colours; made anew when either changes."""

    def __init__(self, genres: Sequence[str], polygon: Sequence[Point]) -> None:
        self._genres, self._polygon = tuple(genres), tuple(polygon)
        self._colours = [theme.current().genre(name, self._genres) for name in self._genres]
        self._ground: QPixmap | None = None
        self._ground_of: tuple[object, ...] = ()

    def paint(self, painter: QPainter, size: QSize, shown: Point | None, amount: float, heard: Iterable[Point]) -> None:
        """Draw what moves over the ground.

        Args:
            shown, amount: where the handle stands, if anything is asked, and how much.
            heard: where the music has been, as the model hears it; the newest last.
        """
        place = Placement.of(self._polygon, size)
        self._paint_trail(painter, [place.to_widget(point) for point in heard])
        self._paint_handle(painter, place, shown, amount)

    def ground(self, size: QSize, ratio: float, focused: bool) -> QPixmap:
        """What stands still, on the panel's colour; kept until another one is asked for."""
        of = (size, ratio, focused)
        if self._ground is None or of != self._ground_of:
            self._ground, self._ground_of = QPixmap(size * ratio), of
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(QColor(theme.current().panel))
            self._paint_ground(QPainter(self._ground), size, focused)
        return self._ground

    def _paint_ground(self, painter: QPainter, size: QSize, focused: bool) -> None:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        palette, place = theme.current(), Placement.of(self._polygon, size)
        outline = QPainterPath()
        outline.addPolygon(QPolygonF([place.to_widget(corner) for corner in self._polygon]))
        outline.closeSubpath()
        painter.save()
        painter.setClipPath(outline)
        painter.drawImage(outline.boundingRect(), self._field)
        self._paint_grid(painter, outline.boundingRect())
        painter.restore()
        pen = QPen(QColor(palette.accent if focused else palette.line), 2.0 if focused else 1.2)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)
        self._paint_corners(painter, place)

    def _colour_at(self, shares: Sequence[float]) -> QColor:
        parts = list(zip(shares, self._colours, strict=True))
        return QColor.fromRgbF(
            min(sum(share * colour.redF() for share, colour in parts), 1.0),
            min(sum(share * colour.greenF() for share, colour in parts), 1.0),
            min(sum(share * colour.blueF() for share, colour in parts), 1.0),
        )

    @cached_property
    def _field(self) -> QImage:
        """The genres' colours run into each other, as their weights do."""
        reach = max(abs(value) for corner in self._polygon for value in corner)
        steps = reach * (2 * (np.arange(GRAIN) + 0.5) / GRAIN - 1)
        xs, ys = np.meshgrid(steps, steps)
        shares = weights_at(np.stack([xs.ravel(), ys.ravel()], axis=1), self._polygon)
        inks = np.array([_rgb(colour) for colour in self._colours])
        depth = 0.10 + 0.36 * shares.max(axis=1, keepdims=True) ** 1.6
        ground = np.array(_rgb(QColor(theme.current().sunken)))
        pixels = np.clip(ground + (shares @ inks - ground) * depth, 0.0, 1.0)
        data = np.ascontiguousarray(np.round(pixels * 255).astype(np.uint8))
        return QImage(data.data, GRAIN, GRAIN, 3 * GRAIN, QImage.Format.Format_RGB888).copy()

    @staticmethod
    def _paint_grid(painter: QPainter, box: QRectF) -> None:
        painter.setPen(QPen(theme.faded(theme.current().text, 0.07), 1.0))
        for n in (1, 2, 3):
            x, y = box.left() + box.width() * n / 4, box.top() + box.height() * n / 4
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    @staticmethod
    def _paint_trail(painter: QPainter, points: Sequence[QPointF]) -> None:
        """Where the music has been, and where it is."""
        if not points:
            return
        text = QColor(theme.current().text)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for n, (before, after) in enumerate(itertools.pairwise(points)):
            painter.setPen(QPen(theme.faded(text, 0.35 * (n + 1) / len(points)), theme.px(1.6)))
            painter.drawLine(before, after)
        reach = theme.px(16)
        glow = QRadialGradient(points[-1], reach)
        glow.setColorAt(0.0, theme.faded(text, 0.55))
        glow.setColorAt(1.0, theme.faded(text, 0.0))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(glow)
        painter.drawEllipse(points[-1], reach, reach)
        painter.setBrush(text)
        painter.drawEllipse(points[-1], theme.px(3.5), theme.px(3.5))

    def _paint_corners(self, painter: QPainter, place: Placement) -> None:
        painter.setFont(theme.font(12.5, QFont.Weight.DemiBold))
        for name, colour, corner in zip(self._genres, self._colours, self._polygon, strict=True):
            at = place.to_widget(corner)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(at, theme.px(5), theme.px(5))
            inward = len(self._polygon) == 4
            above = (corner[1] < 0) != inward
            box = QRectF(0, 0, theme.px(120), theme.px(20))
            box.moveTop(at.y() - theme.px(28) if above else at.y() + theme.px(8))
            align = Qt.AlignmentFlag.AlignHCenter
            if not inward:
                box.moveLeft(at.x() - box.width() / 2)
            elif at.x() < place.middle.x():
                box.moveLeft(at.x() + theme.px(10))
                align = Qt.AlignmentFlag.AlignLeft
            else:
                box.moveRight(at.x() - theme.px(10))
                align = Qt.AlignmentFlag.AlignRight
            painter.setPen(colour)
            painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_handle(self, painter: QPainter, place: Placement, shown: Point | None, amount: float) -> None:
        palette = theme.current()
        radius = theme.px(11)
        if shown is None:  # nothing asked: a hollow ring in the middle
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.muted), 1.5, Qt.PenStyle.DashLine))
            painter.drawEllipse(place.to_widget((0.0, 0.0)), radius, radius)
            return
        at = place.to_widget(inside(shown, self._polygon))
        colour = self._colour_at(weights(inside(shown, self._polygon), self._polygon))
        painter.setPen(QPen(theme.faded("#000000", 0.35), 5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, radius, radius)
        painter.setPen(QPen(QColor("#ffffff"), 2.4))
        painter.setBrush(theme.faded(colour, 0.25 + 0.6 * min(amount, 1.0)))
        painter.drawEllipse(at, radius, radius)


def _rgb(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()
