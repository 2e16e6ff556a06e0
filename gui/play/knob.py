"""A knob, drawn by us: the ask as an arc, what the model hears as a second one, the redline beyond which quality falls.

Drag up and down (Shift: fine), wheel, arrow and page keys; double-click, Delete or Backspace reset; Enter or a figure types a
value. It is a QDial underneath, so that assistive tools see a dial with a value.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRadialGradient,
    QWheelEvent,
)
from PySide6.QtWidgets import QDial, QMenu, QSizePolicy, QWidget

from gui import theme
from gui.play.scale import Scale
from gui.play.value_entry import ValueEntry

START_DEG, SWEEP_DEG = 225.0, 270.0  # from lower left over the top to lower right
DRAG_PX = 240.0  # for the whole range
FINE = 0.1
NOTICEABLE = 0.005
KEYS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Left: -1}
PAGES = {Qt.Key.Key_PageUp: 1, Qt.Key.Key_PageDown: -1}


class Knob(QDial):
    """One value of a :class:`Scale`. ``edited`` tells of gestures only; :meth:`show_value` never echoes.

    Args:
        name: written above, and said by screen readers.
        scale: range and steps.
        compact: a small one, for settings beside the music.
    """

    edited = Signal(float)
    grabbed = Signal()
    let_go = Signal()

    def __init__(self, name: str, scale: Scale, compact: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.scale, self._compact = name, scale, compact
        self._heard: float | None = None
        self._redline: float | None = None
        self._colour: QColor | None = None
        self._dragged_from: QPointF | None = None
        self._drag_value = 0.0
        self._hovered = False
        self.setRange(0, scale.steps)
        self.setSingleStep(max(1, scale.steps // 100))
        self.setPageStep(max(1, scale.steps // 10))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._entry = ValueEntry(self)
        self._entry.entered.connect(self._on_typed)
        self.valueChanged.connect(self._on_value_changed)
        self.show_value(scale.default)

    # What it shows

    @property
    def current(self) -> float:
        """The value shown."""
        return self.scale.from_step(self.value())

    def show_value(self, value: float) -> None:
        """Follow the model, silently."""
        with QSignalBlocker(self):
            self.setValue(self.scale.to_step(value))
        self._describe()
        self.update()

    def show_heard(self, share: float | None) -> None:
        """What the model hears of it, 0 to 1; None where nothing is known."""
        rounded = None if share is None else round(share, 2)  # as precisely as it can be seen
        if rounded != self._heard:
            self._heard = rounded
            self._describe()
            self.update()

    def set_redline(self, value: float | None) -> None:
        """Beyond which the pack says that quality falls."""
        self._redline = value
        self.update()

    def set_colour(self, colour: QColor | None) -> None:
        """The genre's colour; None: the theme's accent."""
        self._colour = colour
        self.update()

    def _describe(self) -> None:
        heard = "" if self._heard is None else f", heard {self._heard:.0%}"
        self.setAccessibleDescription(self.scale.text(self.current) + heard)

    def _on_value_changed(self) -> None:
        # Reached by every change that is not ours to follow: gestures, and assistive tools.
        self._describe()
        self.update()
        self.edited.emit(self.current)

    # Gestures

    def _nudge(self, steps: float) -> None:
        self.setValue(self.value() + (round(steps) or (1 if steps > 0 else -1)))

    def reset(self) -> None:
        """Back to the default."""
        self.setValue(self.scale.to_step(self.scale.default))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragged_from, self._drag_value = event.position(), float(self.value())
            self.grabbed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is None:
            return
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        moved = self._dragged_from.y() - event.position().y()
        self._dragged_from = event.position()
        steps = float(self.scale.steps)
        self._drag_value = min(max(self._drag_value + fine * moved * steps / DRAG_PX, 0.0), steps)
        self.setValue(round(self._drag_value))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is not None and event.button() is Qt.MouseButton.LeftButton:
            self._dragged_from = None
            self.let_go.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Shift turns a vertical wheel into a horizontal one on some systems.
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        if notches:
            self._nudge(notches * self.singleStep() * fine)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif key in KEYS:
            self._nudge(KEYS[key] * self.singleStep() * fine)
        elif key in PAGES:
            self._nudge(PAGES[key] * self.pageStep())
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.setValue(0 if key is Qt.Key.Key_Home else self.scale.steps)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._entry.open(self.scale.text(self.current))
        elif event.text() and event.text() in "0123456789-+.,":
            self._entry.open(event.text(), select=False)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Type a value…", lambda: self._entry.open(self.scale.text(self.current)))
        menu.addAction(f"Reset to {self.scale.text(self.scale.default)}", self.reset)
        menu.exec(event.globalPos())

    def _on_typed(self, text: str) -> None:
        try:
            value = self.scale.parse(text)
        except ValueError:
            self._entry.refuse()
            return
        self._entry.dismiss()
        self.setValue(self.scale.to_step(value))

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self._hovered = event.type() is QEvent.Type.HoverEnter
            self.update()
        return super().event(event)

    # Drawing

    def sizeHint(self) -> QSize:
        return _size(76, 92) if self._compact else _size(128, 176)

    def minimumSizeHint(self) -> QSize:
        return _size(66, 84) if self._compact else _size(92, 140)

    def _dial_rect(self) -> QRectF:
        """The dial's square, between the name and the value."""
        width, height = float(self.width()), float(self.height())
        title, foot = map(theme.px, (18, 16) if self._compact else (26, 44))
        side = min(width - theme.px(14), height - title - foot, theme.px(64 if self._compact else 170))
        top = title + max(0.0, (height - title - foot - side) / 2)
        return QRectF((width - side) / 2, top, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dial = self._dial_rect()
        colour = self._colour or QColor(palette.accent)
        if not self.isEnabled():
            colour = QColor(palette.muted)
        self._paint_arcs(painter, dial, colour)
        self._paint_cap(painter, dial, colour)
        self._paint_text(painter, dial, colour)

    def _paint_arcs(self, painter: QPainter, dial: QRectF, colour: QColor) -> None:
        palette = theme.current()
        thick = max(3.0, dial.width() * 0.055)
        ring = dial.adjusted(thick, thick, -thick, -thick)
        self._arc(painter, ring, 0.0, 1.0, QColor(palette.track), thick)
        if self._redline is not None and self._redline < self.scale.high:
            outside = ring.adjusted(-thick * 0.95, -thick * 0.95, thick * 0.95, thick * 0.95)
            limits = [(self.scale.share(self._redline), 1.0)]
            if self.scale.bipolar and -self._redline > self.scale.low:
                limits.append((0.0, self.scale.share(-self._redline)))
            for first, last in limits:
                self._arc(painter, outside, first, last, QColor(palette.record), max(1.5, thick * 0.3))
        zero = self.scale.share(0.0) if self.scale.bipolar else 0.0
        share = self.scale.share(self.current)
        if share != zero:
            self._arc(painter, ring, zero, share, theme.faded(colour, 0.22), thick * 2.1)
            self._arc(painter, ring, zero, share, colour, thick)
        if self.scale.bipolar:
            self._tick(painter, ring, zero, thick)
        if self._heard is not None:
            inner = ring.adjusted(thick * 1.55, thick * 1.55, -thick * 1.55, -thick * 1.55)
            self._arc(painter, inner, 0.0, 1.0, theme.faded(palette.track, 0.55), thick * 0.5)
            if self._heard >= NOTICEABLE:
                self._arc(painter, inner, 0.0, self._heard, theme.mix(colour, QColor(palette.text), 0.45), thick * 0.5)

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

    def _paint_cap(self, painter: QPainter, dial: QRectF, colour: QColor) -> None:
        palette = theme.current()
        inset = dial.width() * (0.2 if self._heard is None else 0.235)
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
        body.setColorAt(0.0, raised.lighter(128 if self._hovered else 116))
        body.setColorAt(1.0, raised.darker(116))
        painter.setBrush(body)
        focused = self.hasFocus()
        painter.setPen(QPen(QColor(palette.accent if focused else palette.line), 2.0 if focused else 1.0))
        painter.drawEllipse(cap)
        radius = cap.width() / 2
        share = self.scale.share(self.current)
        pen = QPen(colour, max(2.0, dial.width() * 0.032))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(_on_circle(cap, share, radius * 0.45), _on_circle(cap, share, radius * 0.84))

    def _paint_text(self, painter: QPainter, dial: QRectF, colour: QColor) -> None:
        palette = theme.current()
        if self._compact:
            self._write(painter, dial.top() - theme.px(17), 11, palette.muted, self.name)
            self._write(painter, dial.bottom() - theme.px(2), 12.5, palette.text, self.scale.text(self.current))
            return
        beyond = self._redline is not None and abs(self.current) > self._redline
        value = self.scale.text(self.current) + (" !" if beyond else "")
        self._write(painter, dial.top() - theme.px(25), 14, palette.text, self.name)
        self._write(painter, dial.bottom() - theme.px(3), 17, palette.record if beyond else colour, value)
        if self._heard is not None:
            weight = QFont.Weight.Medium
            self._write(painter, dial.bottom() + theme.px(20), 11.5, palette.muted, f"hears {self._heard:.0%}", weight)

    def _write(
        self,
        painter: QPainter,
        top: float,
        pixels: float,
        colour: QColor | str,
        text: str,
        weight: QFont.Weight = QFont.Weight.DemiBold,
    ) -> None:
        painter.setFont(theme.font(pixels, weight, tabular=True))
        painter.setPen(QColor(colour))
        line = QRectF(0, top, self.width(), theme.px(pixels) * 1.45)
        painter.drawText(line, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, text)


def _size(width: float, height: float) -> QSize:
    return QSize(round(theme.px(width)), round(theme.px(height)))


def _on_circle(rect: QRectF, share: float, radius: float) -> QPointF:
    """The point at a share of the sweep, ``radius`` from the middle."""
    angle = math.radians(START_DEG - share * SWEEP_DEG)
    return rect.center() + QPointF(math.cos(angle) * radius, -math.sin(angle) * radius)
