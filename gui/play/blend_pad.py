"""The blend pad: a surface whose corners are the genres. The handle glides after the pointer, and the knobs with it."""

from __future__ import annotations

import itertools
import math
import time
from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QRadialGradient,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.play.polygon import Point, corners, inside, position, weights, weights_at

GLIDE_MS = 16
GLIDE_TIME_CONSTANT_S = 0.07
ARRIVED = 0.004
KEY_STEP = 0.06
TRAIL_LENGTH = 32
GRAIN = 40  # side of the colour field in pixels, before it is stretched
MOVES = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class BlendPad(QWidget):
    """Three genres or more as corners. ``moved`` gives their shares, of gestures and their glide alone.

    Arrow keys move the handle (Shift: finely); double-click, Delete and Backspace let go: all knobs at zero.
    """

    moved = Signal(object)  #: tuple of shares that sum to 1, or of zeros
    grabbed = Signal()
    let_go = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._genres: tuple[str, ...] = ()
        self._polygon: tuple[Point, ...] = ()
        self._shown: Point | None = None  # None: nothing is asked
        self._amount = 0.0
        self._target: Point | None = None
        self._holding = False
        self._heard: deque[Point] = deque(maxlen=TRAIL_LENGTH)
        self._field: QImage | None = None
        self._glided_at = 0.0
        self._glide = QTimer(self)
        self._glide.setInterval(GLIDE_MS)
        self._glide.setTimerType(Qt.TimerType.PreciseTimer)
        self._glide.timeout.connect(self._glide_on)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("blend pad")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # What it shows

    def set_genres(self, genres: Sequence[str]) -> None:
        """Other corners."""
        self._genres = tuple(genres)
        self._polygon = corners(len(genres)) if len(genres) >= 3 else ()
        self._shown = self._target = self._field = None
        self._heard.clear()
        self._glide.stop()
        self.update()

    def show_blend(self, alphas: Sequence[float]) -> None:
        """Follow the knobs, silently; negative ones have no say in where the handle stands."""
        if not self._polygon:
            return
        where = position(alphas, self._polygon)
        if self._target is not None and self._shown is not None:
            if where is not None and math.dist(where, self._shown) < 0.02:
                return  # the echo of our own glide
            self._settle()
        self._shown, self._amount = where, sum(max(alpha, 0.0) for alpha in alphas)
        self._describe(alphas)
        self.update()

    def show_heard(self, shares: Sequence[float]) -> None:
        """Where the music is, as the model hears it."""
        where = position(shares, self._polygon) if len(shares) == len(self._polygon) else None
        if where is not None and (not self._heard or math.dist(where, self._heard[-1]) > 0.006):
            self._heard.append(where)
            self.update()

    def forget_heard(self) -> None:
        """Another performance begins."""
        self._heard.clear()
        self.update()

    def _describe(self, alphas: Sequence[float]) -> None:
        asked = [f"{name} {alpha:+.2f}" for name, alpha in zip(self._genres, alphas, strict=True) if alpha]
        self.setAccessibleDescription(", ".join(asked) or "nothing asked")

    # Gestures

    def aim(self, point: Point) -> None:
        """Let the handle glide to a point of the polygon."""
        self._target = inside(point, self._polygon)
        if self._shown is None:
            self._shown = (0.0, 0.0)
        self._glided_at = time.monotonic()
        if not self._glide.isActive():
            self._glide.start()

    def _glide_on(self) -> None:
        if self._target is None or self._shown is None:
            self._settle()
            return
        now = time.monotonic()
        share = 1.0 - math.exp(-(now - self._glided_at) / GLIDE_TIME_CONSTANT_S)
        self._glided_at = now
        (x, y), (to_x, to_y) = self._shown, self._target
        self._shown = (x + (to_x - x) * share, y + (to_y - y) * share)
        arrived = math.dist(self._shown, self._target) < ARRIVED
        if arrived:
            self._shown = self._target
        self._amount = 1.0
        shares = weights(self._shown, self._polygon)
        self._describe(shares)
        self.moved.emit(shares)
        self.update()
        if arrived:
            self._settle()

    def _settle(self) -> None:
        self._glide.stop()
        self._target = None
        if not self._holding:
            self.let_go.emit()

    def release_all(self) -> None:
        """Ask for nothing."""
        self._glide.stop()
        self._target = None
        self.moved.emit((0.0,) * len(self._genres))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._polygon:
            self._holding = True
            self.grabbed.emit()
            self.aim(self._to_polygon(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._holding:
            self.aim(self._to_polygon(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._holding and event.button() is Qt.MouseButton.LeftButton:
            self._holding = False
            if self._target is None:
                self.let_go.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._polygon:
            self.release_all()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._polygon or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif key in MOVES:
            step = KEY_STEP * (0.2 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0)
            x, y = self._target or self._shown or (0.0, 0.0)
            self.aim((x + MOVES[key][0] * step, y + MOVES[key][1] * step))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.release_all()
        else:
            event.ignore()

    # Geometry

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(260)), round(theme.px(260)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(180)), round(theme.px(180)))

    def _frame(self) -> tuple[QPointF, float]:
        """The middle, and pixels per unit of the polygon."""
        # A square has room for the names inside its corners.
        side = min(self.width(), self.height()) - theme.px(28 if len(self._polygon) == 4 else 58)
        reach = max((abs(value) for corner in self._polygon for value in corner), default=1.0)
        return QPointF(self.width() / 2, self.height() / 2), max(side, 40) / 2 / reach

    def _to_widget(self, point: Point) -> QPointF:
        return self._all_to_widget([point])[0]

    def _all_to_widget(self, points: Iterable[Point]) -> list[QPointF]:
        middle, unit = self._frame()
        return [middle + QPointF(x * unit, y * unit) for x, y in points]

    def _to_polygon(self, at: QPointF) -> Point:
        middle, unit = self._frame()
        return (at.x() - middle.x()) / unit, (at.y() - middle.y()) / unit

    # Drawing

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self._field = None
        super().changeEvent(event)

    def _colours(self) -> list[QColor]:
        return [theme.current().genre(name, self._genres) for name in self._genres]

    def _colour_at(self, shares: Sequence[float]) -> QColor:
        parts = list(zip(shares, self._colours(), strict=True))
        return QColor.fromRgbF(
            min(sum(share * colour.redF() for share, colour in parts), 1.0),
            min(sum(share * colour.greenF() for share, colour in parts), 1.0),
            min(sum(share * colour.blueF() for share, colour in parts), 1.0),
        )

    def _make_field(self) -> QImage:
        """The genres' colours run into each other, as their weights do."""
        reach = max(abs(value) for corner in self._polygon for value in corner)
        steps = reach * (2 * (np.arange(GRAIN) + 0.5) / GRAIN - 1)
        xs, ys = np.meshgrid(steps, steps)
        shares = weights_at(np.stack([xs.ravel(), ys.ravel()], axis=1), self._polygon)
        inks = np.array([_rgb(colour) for colour in self._colours()])
        depth = 0.10 + 0.36 * shares.max(axis=1, keepdims=True) ** 1.6
        ground = np.array(_rgb(QColor(theme.current().sunken)))
        pixels = np.clip(ground + (shares @ inks - ground) * depth, 0.0, 1.0)
        data = np.ascontiguousarray(np.round(pixels * 255).astype(np.uint8))
        return QImage(data.data, GRAIN, GRAIN, 3 * GRAIN, QImage.Format.Format_RGB888).copy()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if not self._polygon:
            painter.setPen(QColor(palette.muted))
            painter.setFont(theme.font(12))
            words = "The pad comes with a pack\nof three genres or more"
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)
            return
        outline = QPainterPath()
        outline.addPolygon(QPolygonF(self._all_to_widget(self._polygon)))
        outline.closeSubpath()
        if self._field is None:
            self._field = self._make_field()
        painter.save()
        painter.setClipPath(outline)
        painter.drawImage(outline.boundingRect(), self._field)
        self._paint_grid(painter, outline.boundingRect())
        self._paint_trail(painter)
        painter.restore()
        border = palette.accent if self.hasFocus() else palette.line
        pen = QPen(QColor(border), 2.0 if self.hasFocus() else 1.2)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)
        self._paint_corners(painter)
        self._paint_handle(painter)

    def _paint_grid(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(QPen(theme.faded(theme.current().text, 0.07), 1.0))
        for n in (1, 2, 3):
            x, y = box.left() + box.width() * n / 4, box.top() + box.height() * n / 4
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    def _paint_trail(self, painter: QPainter) -> None:
        """Where the music has been, as the model hears it, and where it is."""
        if not self._heard:
            return
        text = QColor(theme.current().text)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = self._all_to_widget(self._heard)
        for n, (before, after) in enumerate(itertools.pairwise(points)):
            painter.setPen(QPen(theme.faded(text, 0.35 * (n + 1) / len(points)), 1.6))
            painter.drawLine(before, after)
        glow = QRadialGradient(points[-1], 16)
        glow.setColorAt(0.0, theme.faded(text, 0.55))
        glow.setColorAt(1.0, theme.faded(text, 0.0))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(glow)
        painter.drawEllipse(points[-1], 16, 16)
        painter.setBrush(text)
        painter.drawEllipse(points[-1], 3.5, 3.5)

    def _paint_corners(self, painter: QPainter) -> None:
        painter.setFont(theme.font(12.5, QFont.Weight.DemiBold))
        middle, _ = self._frame()
        for name, colour, corner in zip(self._genres, self._colours(), self._polygon, strict=True):
            at = self._to_widget(corner)
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
            elif at.x() < middle.x():
                box.moveLeft(at.x() + theme.px(10))
                align = Qt.AlignmentFlag.AlignLeft
            else:
                box.moveRight(at.x() - theme.px(10))
                align = Qt.AlignmentFlag.AlignRight
            painter.setPen(colour)
            painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_handle(self, painter: QPainter) -> None:
        palette = theme.current()
        radius = theme.px(11)
        if self._shown is None:  # nothing asked: a hollow ring in the middle
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.muted), 1.5, Qt.PenStyle.DashLine))
            painter.drawEllipse(self._to_widget((0.0, 0.0)), radius, radius)
            return
        at = self._to_widget(inside(self._shown, self._polygon))
        colour = self._colour_at(weights(inside(self._shown, self._polygon), self._polygon))
        painter.setPen(QPen(theme.faded("#000000", 0.35), 5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, radius, radius)
        painter.setPen(QPen(QColor("#ffffff"), 2.4))
        painter.setBrush(theme.faded(colour, 0.25 + 0.6 * min(self._amount, 1.0)))
        painter.drawEllipse(at, radius, radius)


def _rgb(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()
