"""The canvas on which a lane is edited, with pointer or keyboard.

A click adds a breakpoint, a drag moves one (Shift: finely, Ctrl: with or without the grid for once), a double-click takes it
away. With the pencil a drag draws freehand. Tab goes from point to point and then on; arrows move the point (Shift: finely), +
adds one, Delete takes it away, Enter types its value. The wheel zooms, with Shift it scrolls; Ctrl+0 shows everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QMenu

from gui.automation.lane_canvas import LaneCanvas
from gui.automation.lane_kind import LaneKind
from gui.automation.lane_model import LaneModel
from gui.play.value_entry import ValueEntry

FINE = 0.1
ZOOM_PER_NOTCH = 0.85
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Down: (0, -1),
    Qt.Key.Key_Up: (0, 1),
}
DELETES = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
ADDS = (Qt.Key.Key_Plus, Qt.Key.Key_Insert)
RETURNS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LaneEditor(LaneCanvas):
    """Edits one lane. All that a gesture changes, the model says."""

    def __init__(self, model: LaneModel, kinds: Sequence[LaneKind]) -> None:
        super().__init__(model, kinds)
        self._dragged: int | None = None
        self._dragged_to, self._pointer = QPointF(), QPointF()
        self._new: int | None = None  # the point that this click has added: a double-click does not take it away again
        self._entry = ValueEntry(self)
        self._entry.entered.connect(self._on_typed)

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._model.begin()
        self._pointer, self._new = QPointF(event.position()), None
        index = None if self.pencil else self._index_at(event.position())
        if self.pencil:
            self._stroke = [self._point_at(event.position(), event.modifiers())]
            self.update()
            return
        if index is None:
            self._add(self._point_at(event.position(), event.modifiers()))
            index = self._new = self._selected
        assert index is not None
        self._select(index)
        self._dragged, self._dragged_to = index, self.view.at(self._lane[index])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._stroke:
            self._stroke.append(self._point_at(at, event.modifiers()))
            self.update()
        elif self._dragged is not None:
            fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
            self._dragged_to = self._dragged_to + (at - self._pointer) * fine
            self._pointer = QPointF(at)
            self._move(self._dragged, *self._point_at(self._dragged_to, event.modifiers()))
        elif (hovered := None if self.pencil else self._index_at(at)) != self._hovered:
            self._hovered = hovered
            self.setCursor(Qt.CursorShape.SizeAllCursor if hovered is not None else Qt.CursorShape.CrossCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self._stroke:
            self._draw()
        self._dragged = None
        self._model.end()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and not self.pencil and index not in (None, self._new):
            assert index is not None
            self._remove(index)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        view = self.view
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or not event.angleDelta().y():
            self._scroll(-notches * view.span_s / 8)
        else:
            self._zoom(ZOOM_PER_NOTCH**notches, view.second(event.position().x()))
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self._selected if keyboard else self._index_at(QPointF(event.pos()))
        self._select(index)
        menu = QMenu(self)
        if index is not None:
            menu.addAction("Type its value …\tEnter", self._open_entry)
            menu.addAction("Take the point away\tDel", lambda: self._remove(index))
        else:
            point = self._point_at(QPointF(event.pos()), Qt.KeyboardModifier.NoModifier)
            menu.addAction("Add a point here", lambda: self._add(point))
        menu.addSeparator()
        menu.addAction("Show everything\tCtrl+0", self.show_everything)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    # Keyboard

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_ours(event):
            event.accept()
            return True
        return super().event(event)

    @staticmethod
    def _is_ours(event: QKeyEvent) -> bool:
        """Undo and redo of lanes, while the canvas has the keyboard; Ctrl+0."""
        undoes = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return undoes or (control and event.key() in (Qt.Key.Key_0, Qt.Key.Key_Y))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, lane = Qt.Key(event.key()), self._lane
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.matches(QKeySequence.StandardKey.Undo):
            self._model.undo()
        elif event.matches(QKeySequence.StandardKey.Redo) or (control and key == Qt.Key.Key_Y):
            self._model.redo()
        elif control and key == Qt.Key.Key_0:
            self.show_everything()
        elif control:
            event.ignore()
        elif key in ARROWS and self._selected is not None:
            self._nudge(*ARROWS[key], fine)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and lane:
            self._select(0 if key == Qt.Key.Key_Home else len(lane) - 1)
        elif key in DELETES and self._selected is not None:
            self._remove(self._selected)
        elif key in ADDS:
            self._add_beside()
        elif key in RETURNS and self._selected is not None:
            self._open_entry()
        elif key == Qt.Key.Key_Escape and self._selected is not None:
            self._select(None)
        else:
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab: from point to point; past the last or before the first, on to the next control."""
        index = (
            self._selected if self.hasFocus() else None
        )  # Qt asks for the value's field as well, when that is hidden
        if index is not None and 0 <= index + (1 if forward else -1) < len(self._lane):
            self._select(index + (1 if forward else -1))
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if self._lane and event.reason() == Qt.FocusReason.TabFocusReason:
            self._select(0)
        elif self._lane and event.reason() == Qt.FocusReason.BacktabFocusReason:
            self._select(len(self._lane) - 1)
        super().focusInEvent(event)

    def _open_entry(self) -> None:
        assert self._selected is not None
        self._entry.open(self._kind.scale.text(self._lane[self._selected][1]))

    def _on_typed(self, text: str) -> None:
        try:
            value = self._kind.scale.parse(text)
        except ValueError:
            self._entry.refuse()
            return
        self._entry.dismiss()
        if self._selected is not None:
            self._move(self._selected, self._lane[self._selected][0], value)
