"""The blend pad: a surface whose corners are the genres. The handle glides after the pointer, and the knobs with it."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.play.pad_face import PadFace, Placement
from gui.play.polygon import Point, corners, inside, position, weights

GLIDE_MS = 16
GLIDE_TIME_CONSTANT_S = 0.07
ARRIVED = 0.004
KEY_STEP = 0.06
TRAIL_LENGTH = 32
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
        self._face: PadFace | None = None  # None until there is a polygon, and after a change of theme
        self._glided_at = 0.0
        self._glide = QTimer(self)
        self._glide.setInterval(GLIDE_MS)
        self._glide.setTimerType(Qt.TimerType.PreciseTimer)
        self._glide.timeout.connect(self._glide_on)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("blend pad")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # What it shows

    def set_genres(self, genres: Sequence[str]) -> None:
        """Other corners."""
        self._genres = tuple(genres)
        self._polygon = corners(len(genres)) if len(genres) >= 3 else ()
        self._shown = self._target = self._face = None
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
        amount = sum(max(alpha, 0.0) for alpha in alphas)
        self._describe(alphas)
        if (where, amount) != (self._shown, self._amount):
            self._shown, self._amount = where, amount
            self.update()

    def show_heard(self, shares: Sequence[float]) -> None:
        """Where the music is, as the model hears it."""
        where = position(shares, self._polygon) if len(shares) == len(self._polygon) else None
        if where is not None and (not self._heard or math.dist(where, self._heard[-1]) > 0.006):
            self._heard.append(where)
            self.update()

    def forget_heard(self) -> None:
        """Another performance begins."""
        if self._heard:
            self._heard.clear()
            self.update()

    def _describe(self, alphas: Sequence[float]) -> None:
        asked = [f"{name} {alpha:+.2f}" for name, alpha in zip(self._genres, alphas, strict=True) if alpha]
        words = ", ".join(asked) or "nothing asked"
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)

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
        if not self._holding:  # the glide that would have said so at its end is over
            self.let_go.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._polygon:
            self._holding = True
            self.grabbed.emit()
            self.aim(self._placement.to_polygon(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._holding:
            self.aim(self._placement.to_polygon(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._holding and event.button() is Qt.MouseButton.LeftButton:
            self._holding = False
            if self._target is None:
                self.let_go.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._polygon:
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

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(260)), round(theme.px(260)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(180)), round(theme.px(180)))

    @property
    def _placement(self) -> Placement:
        return Placement.of(self._polygon, self.size())

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self._face = None
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._polygon:
            painter.fillRect(self.rect(), QColor(theme.current().panel))
            painter.setPen(QColor(theme.current().muted))
            painter.setFont(theme.font(12))
            words = "The pad comes with a pack\nof three genres or more"
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)
            return
        if self._face is None:
            self._face = PadFace(self._genres, self._polygon)
        painter.drawPixmap(0, 0, self._face.ground(self.size(), self.devicePixelRatioF(), self.hasFocus()))
        self._face.paint(painter, self.size(), self._shown, self._amount, self._heard)
