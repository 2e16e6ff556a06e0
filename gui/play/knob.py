"""A knob, drawn by us: the ask as an arc, what the model hears as a second one, the redline beyond which quality falls.

Drag up and down (Shift: fine), wheel, arrow and page keys; double-click, Delete or Backspace reset; Enter or a figure types a
value. It is a QDial underneath, so that assistive tools see a dial with a value.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QDial, QMenu, QSizePolicy, QWidget

from gui import theme
from gui.play.knob_face import KnobFace
from gui.play.scale import Scale
from gui.play.value_entry import ValueEntry

DRAG_PX = 240.0  # for the whole range
FINE = 0.1
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
        self._asked = scale.default
        self._driven = self._let_go = False
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
        self._ground: QPixmap | None = None  # the knob without what is heard of it, which changes all the time
        self._ground_of: tuple[object, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._show(scale.default)

    # What it shows

    @property
    def current(self) -> float:
        """The value shown."""
        return self.scale.from_step(self.value())

    def show_value(self, value: float) -> None:
        """Follow the model, silently; while a lane drives it, once that has let go."""
        self._asked = value
        if not self._driven and self.scale.to_step(value) != self.value():
            self._show(value)

    def _show(self, value: float) -> None:
        with QSignalBlocker(self):
            self.setValue(self.scale.to_step(value))
        self._describe()
        self.update()

    def show_lane(self, value: float | None, let_go: bool = False) -> None:
        """Follow the lane that drives it, silently; None: none does. ``let_go``: because the hand has taken it over."""
        driven = value is not None
        if (driven, let_go) == (self._driven, self._let_go) and (
            value is None or self.scale.to_step(value) == self.value()
        ):
            return
        self._driven, self._let_go = driven, let_go
        self._show(self._asked if value is None else value)

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

    def set_default(self, value: float) -> None:
        """Where a reset leads."""
        self.scale = replace(self.scale, default=self.scale.nearest(value))

    def set_colour(self, colour: QColor | None) -> None:
        """The genre's colour; None: the theme's accent."""
        self._colour = colour
        self.update()

    def _describe(self) -> None:
        heard = "" if self._heard is None else f", heard {self._heard:.0%}"
        lane = ", moved by its lane" if self._driven else ", its lane has let go" if self._let_go else ""
        self.setAccessibleDescription(self.scale.text(self.current) + heard + lane)

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

    def make_menu(self) -> QMenu:
        """What can be done with the value itself."""
        menu = QMenu(self)
        menu.addAction("Type a value…", lambda: self._entry.open(self.scale.text(self.current)))
        menu.addAction(f"Reset to {self.scale.text(self.scale.default)}", self.reset)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

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

    def _colour_now(self) -> QColor:
        palette = theme.current()
        return (self._colour or QColor(palette.accent)) if self.isEnabled() else QColor(palette.muted)

    def sizeHint(self) -> QSize:
        return _size(76, 92) if self._compact else _size(128, 176)

    def minimumSizeHint(self) -> QSize:
        return _size(66, 84) if self._compact else _size(92, 140)

    def paintEvent(self, event: QPaintEvent) -> None:
        face = KnobFace(
            self.name,
            self.scale,
            self.current,
            self._colour_now(),
            self._heard,
            self._redline,
            self._compact,
            self._hovered,
            self.hasFocus(),
            self._driven,
            self._let_go,
        )
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground_for(face))
        face.paint_heard(painter, self.size())

    def _ground_for(self, face: KnobFace) -> QPixmap:
        palette, ratio = theme.current(), self.devicePixelRatioF()
        of = (face.ground, self.size(), ratio, palette.name, theme.px(1.0))
        if self._ground is None or of != self._ground_of:
            self._ground, self._ground_of = QPixmap(self.size() * ratio), of
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(QColor(palette.panel))  # what it stands on
            face.ground.paint(QPainter(self._ground), self.size())
        return self._ground


def _size(width: float, height: float) -> QSize:
    return QSize(round(theme.px(width)), round(theme.px(height)))
