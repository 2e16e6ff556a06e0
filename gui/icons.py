"""The signs on the buttons, drawn as paths on a grid of 24 × 24."""

from __future__ import annotations

import math
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF, QTransform

GRID = 24.0


class Icon(Enum):
    """What a button does."""

    PLAY = "play"
    STOP = "stop"
    PAUSE = "pause"
    RECORD = "record"
    KEEP = "keep"
    RESTART = "restart"
    DICE = "dice"
    PANIC = "panic"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    UNDO = "undo"
    REDO = "redo"
    STAR = "star"
    FOLDER = "folder"
    CLOSE = "close"
    MENU = "menu"
    WAVE = "wave"
    PREVIOUS = "previous"
    NEXT = "next"
    LANE = "lane"
    LOOP = "loop"
    PENCIL = "pencil"
    MAGNET = "magnet"
    BIN = "bin"
    OPEN = "open"
    SAVE = "save"
    RIGHT_ANGLE = "right angle"


def draw(painter: QPainter, icon: Icon, rect: QRectF, colour: QColor) -> None:
    """Draw a sign into a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / GRID, rect.height() / GRID)
    pen = QPen(colour, 2.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    solid, lines = _path(icon)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(lines)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPath(solid)
    painter.restore()


def star(rect: QRectF) -> QPainterPath:
    """A five-pointed star that fills a square."""
    path = QPainterPath()
    path.addPolygon(QPolygonF([rect.topLeft() + point * (rect.width() / GRID) for point in _star_points()]))
    path.closeSubpath()
    return path


def _star_points() -> list[QPointF]:
    points = []
    for n in range(10):
        radius = 10.5 if n % 2 == 0 else 4.6
        angle = -math.pi / 2 + n * math.pi / 5
        points.append(QPointF(12 + radius * math.cos(angle), 12.6 + radius * math.sin(angle)))
    return points


def _polygon(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    path.closeSubpath()
    return path


def _lines(*strokes: tuple[tuple[float, float], ...]) -> QPainterPath:
    path = QPainterPath()
    for stroke in strokes:
        path.moveTo(*stroke[0])
        for point in stroke[1:]:
            path.lineTo(*point)
    return path


def _path(icon: Icon) -> tuple[QPainterPath, QPainterPath]:
    """What is filled, and what is stroked."""
    solid, lines = QPainterPath(), QPainterPath()
    match icon:
        case Icon.PLAY:
            solid = _polygon((7, 4), (20, 12), (7, 20))
        case Icon.STOP:
            solid.addRoundedRect(QRectF(5.5, 5.5, 13, 13), 2, 2)
        case Icon.PAUSE:
            for left in (6.0, 14.0):
                solid.addRoundedRect(QRectF(left, 4.5, 4.2, 15), 1.2, 1.2)
        case Icon.RECORD:
            solid.addEllipse(QPointF(12, 12), 7.5, 7.5)
        case Icon.KEEP:
            lines = _lines(
                ((12, 4), (12, 14)), ((7.5, 9.8), (12, 14.3), (16.5, 9.8)), ((4, 16), (4, 20), (20, 20), (20, 16))
            )
        case Icon.RESTART:
            lines = _lines(((5, 5), (5, 19)))
            solid = _polygon((20, 4.5), (8.5, 12), (20, 19.5))
        case Icon.DICE:
            lines.addRoundedRect(QRectF(4, 4, 16, 16), 3.5, 3.5)
            for x, y in ((8.3, 8.3), (15.7, 8.3), (12, 12), (8.3, 15.7), (15.7, 15.7)):
                solid.addEllipse(QPointF(x, y), 1.5, 1.5)
        case Icon.PANIC:
            lines = _polygon((8.3, 3), (15.7, 3), (21, 8.3), (21, 15.7), (15.7, 21), (8.3, 21), (3, 15.7), (3, 8.3))
            lines.addPath(_lines(((12, 7.5), (12, 12.8))))
            solid.addEllipse(QPointF(12, 16.4), 1.4, 1.4)
        case Icon.LOCKED | Icon.UNLOCKED:
            solid.addRoundedRect(QRectF(5, 11, 14, 9.5), 2, 2)
            box = QRectF(8, 3.8, 8, 9)
            lines.moveTo(8, 11)
            lines.lineTo(8, 8)
            lines.arcTo(box, 180, -180 if icon is Icon.LOCKED else -130)
            if icon is Icon.LOCKED:
                lines.lineTo(16, 11)
        case Icon.UNDO | Icon.REDO:
            lines = _lines(((9, 5), (4.5, 9.5), (9, 14)), ((4.5, 9.5), (14, 9.5)))
            lines.arcTo(QRectF(9, 9.5, 10, 9.5), 90, -180)
            lines.lineTo(9, 19)
            if icon is Icon.REDO:
                lines = QTransform(-1, 0, 0, 1, 24, 0).map(lines)
        case Icon.STAR:
            solid = star(QRectF(0, 0, GRID, GRID))
        case Icon.FOLDER:
            lines = _lines(((3.5, 18.5), (3.5, 5.5), (9.5, 5.5), (11.5, 8), (20.5, 8), (20.5, 18.5), (3.5, 18.5)))
        case Icon.CLOSE:
            lines = _lines(((6, 6), (18, 18)), ((18, 6), (6, 18)))
        case Icon.MENU:
            lines = _lines(((4, 7), (20, 7)), ((4, 12), (20, 12)), ((4, 17), (20, 17)))
        case Icon.PREVIOUS:
            lines = _lines(((14.5, 6), (8.5, 12), (14.5, 18)))
        case Icon.NEXT:
            lines = _lines(((9.5, 6), (15.5, 12), (9.5, 18)))
        case Icon.LANE:
            corners = ((3.5, 17), (9, 8), (14.5, 14), (20.5, 6))
            lines = _lines(corners)
            for x, y in corners[1:3]:
                solid.addEllipse(QPointF(x, y), 2.6, 2.6)
        case Icon.LOOP:
            lines = _lines(((17, 3.5), (20, 6.5), (17, 9.5)), ((7, 14.5), (4, 17.5), (7, 20.5)))
            lines.addPath(_lines(((4, 11), (4, 6.5), (20, 6.5)), ((20, 13), (20, 17.5), (4, 17.5))))
        case Icon.PENCIL:
            lines = _polygon((4, 20), (5.2, 15.2), (15.8, 4.6), (19.4, 8.2), (8.8, 18.8))
            lines.addPath(_lines(((13.4, 7), (17, 10.6))))
        case Icon.MAGNET:
            lines.moveTo(5, 4)
            lines.lineTo(5, 12.5)
            lines.arcTo(QRectF(5, 5.5, 14, 14), 180, 180)
            lines.lineTo(19, 4)
            lines.addPath(_lines(((3, 8.5), (7, 8.5)), ((17, 8.5), (21, 8.5))))
        case Icon.BIN:
            lines = _lines(((4, 6.5), (20, 6.5)), ((9.5, 6.5), (9.5, 4), (14.5, 4), (14.5, 6.5)))
            lines.addPath(_lines(((6, 6.5), (7, 20), (17, 20), (18, 6.5)), ((12, 10.5), (12, 16))))
        case Icon.OPEN:
            lines = _lines(
                ((12, 14.5), (12, 4)), ((7.5, 8.5), (12, 4), (16.5, 8.5)), ((4, 16), (4, 20), (20, 20), (20, 16))
            )
        case Icon.SAVE:
            lines = _lines(((4, 4), (4, 20), (20, 20), (20, 8), (16, 4), (4, 4)), ((8, 4), (8, 9), (14, 9), (14, 4)))
            lines.addPath(_lines(((7.5, 20), (7.5, 14), (16.5, 14), (16.5, 20))))
        case Icon.RIGHT_ANGLE:
            lines = _lines(((5, 4), (5, 19), (20, 19)), ((5, 13.5), (10.5, 13.5), (10.5, 19)))
        case Icon.WAVE:
            lines = _lines(*(((x, 12 - h), (x, 12 + h)) for x, h in ((4, 2), (8, 6), (12, 9), (16, 5), (20, 2.5))))
    return solid, lines
