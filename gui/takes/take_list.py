"""The list of takes: what a click on a card means, and its keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from gui.takes.audition import SIDES, STEP_S
from gui.takes.card import Card

Index = QModelIndex | QPersistentModelIndex
ONCE = (Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_X)


class TakeList(QListView):
    """Cards that can be played, sought in, starred, renamed and dragged out.

    The wave is the seek bar: a drag on it seeks, a drag on anything else takes the file along. Enter plays, the arrows left
    and right step, A and B mark the pair, X changes between them, F2 renames, Delete throws away.
    """

    play_asked = Signal(QModelIndex)
    star_asked = Signal(QModelIndex)
    bin_asked = Signal(QModelIndex)
    export_asked = Signal(QModelIndex)
    edit_begun = Signal(QModelIndex)
    sought = Signal(QModelIndex, float, bool)  #: how far along, 0 to 1; whether the mouse has been let go
    stepped = Signal(QModelIndex, float)  #: seconds
    marked = Signal(str, QModelIndex)
    switch_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sought = QPersistentModelIndex()
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName("takes")
        self.setLayoutMode(QListView.LayoutMode.Batched)  # thousands of cards are laid out beside what the player does

    def card(self, index: Index) -> Card:
        """Where everything on a row's card is, in the viewport."""
        return Card.of(QRectF(self.visualRect(index)))

    def rename(self, index: QModelIndex) -> None:
        """Let the name be typed."""
        self.edit_begun.emit(index)
        self.edit(index)

    # Mouse

    def _part_at(self, at: QPointF) -> tuple[QModelIndex, str]:
        index = self.indexAt(at.toPoint())
        return index, self.card(index).part_at(at) if index.isValid() else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index, part = self._part_at(event.position())
        if event.button() is not Qt.MouseButton.LeftButton or part not in ("play", "star", "wave"):
            super().mousePressEvent(event)
            return
        self.setCurrentIndex(index)
        if part == "play":
            self.play_asked.emit(index)
        elif part == "star":
            self.star_asked.emit(index)
        else:
            self._sought = QPersistentModelIndex(index)
            self._seek(event.position(), False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index, part = self._part_at(event.position())
        if part == "name" and event.button() is Qt.MouseButton.LeftButton:
            self.rename(index)
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._sought.isValid():
            self._seek(event.position(), False)
            return
        if not event.buttons():
            _, part = self._part_at(event.position())
            hand = part in ("play", "star", "wave")
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._sought.isValid() and event.button() is Qt.MouseButton.LeftButton:
            self._seek(event.position(), True)
            self._sought = QPersistentModelIndex()
            return
        super().mouseReleaseEvent(event)

    def _seek(self, at: QPointF, found: bool) -> None:
        index = self.model().index(self._sought.row(), 0)
        self.sought.emit(index, self.card(index).share_at(at), found)

    # Keys

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if event.key() == Qt.Key.Key_A and plain and self.currentIndex().isValid():
                event.accept()  # A is an action of the window too, which else would come first
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, key, plain = (
            self.currentIndex(),
            Qt.Key(event.key()),
            not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier,
        )
        if event.isAutoRepeat() and (key in ONCE or event.text().upper() in SIDES):
            return  # held down, Delete would throw away one take after the other
        if plain and key is Qt.Key.Key_X:
            self.switch_asked.emit()
        elif not index.isValid():
            super().keyPressEvent(event)
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.play_asked.emit(index)
        elif plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stepped.emit(index, STEP_S if key is Qt.Key.Key_Right else -STEP_S)
        elif plain and event.text().upper() in SIDES:
            self.marked.emit(event.text().upper(), index)
        elif plain and key is Qt.Key.Key_F2:
            self.rename(index)
        elif plain and key is Qt.Key.Key_Delete:
            self.bin_asked.emit(index)
        elif key is Qt.Key.Key_E and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.export_asked.emit(index)
        else:
            super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 60)
