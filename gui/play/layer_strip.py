"""The layers of the model as a strip: how well each is read, and which are steered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui import theme

Layers = tuple[tuple[int, float], ...]
NUMBERS_FROM_PX = 25


class LayerStrip(QWidget):
    """A cell per layer, the more coloured the better the probe reads it, with that share in per cent written in it.

    A click steers that layer alone; Ctrl or Shift adds or takes away. Left and right move, Enter chooses, + adds, − takes
    away.
    """

    edited = Signal(object)  #: the layers to steer, in order

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._accuracies: tuple[float, ...] = ()
        self._chosen: frozenset[int] = frozenset()
        self._cursor = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("layers")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_layers(self, count: int, accuracies: Sequence[float]) -> None:
        """Another model: its number of layers, and what the pack says of each (empty: nothing)."""
        self._count, self._accuracies = count, tuple(accuracies)
        self._cursor = min(self._cursor, max(count - 1, 0))
        self._describe()
        self.update()

    def show_chosen(self, layers: Layers) -> None:
        """Follow the model, silently."""
        chosen = frozenset(layer for layer, weight in layers if weight)
        if chosen == self._chosen:
            return
        if chosen and self._cursor not in chosen:
            self._cursor = min(chosen)
        self._chosen = chosen
        self._describe()
        self.update()

    def _describe(self) -> None:
        steered = ", ".join(map(str, sorted(self._chosen))) or "none"
        self.setAccessibleDescription(f"steered: {steered}; {self._words(self._cursor)}")

    def _words(self, layer: int) -> str:
        accuracy = f", read with {self._accuracies[layer]:.0%}" if layer < len(self._accuracies) else ""
        return f"layer {layer} of {self._count}{accuracy}"

    # Gestures

    def _choose(self, layer: int, more: bool) -> None:
        chosen = self._chosen ^ {layer} if more else {layer}
        if chosen:
            self.edited.emit(tuple(sorted(chosen)))

    def _layer_at(self, x: float) -> int | None:
        layer = int(x / self.width() * self._count) if self._count else -1
        return layer if 0 <= layer < self._count else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        layer = self._layer_at(event.position().x())
        if layer is not None and event.button() is Qt.MouseButton.LeftButton:
            self._cursor = layer
            adding = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
            self._choose(layer, bool(event.modifiers() & adding))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._count or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if key is Qt.Key.Key_Right else -1
            self._cursor = min(max(self._cursor + step, 0), self._count - 1)
            self._describe()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._cursor, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            if (key is Qt.Key.Key_Plus) != (self._cursor in self._chosen):
                self._choose(self._cursor, True)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            layer = self._layer_at(event.pos().x())
            QToolTip.showText(event.globalPos(), "" if layer is None else self._words(layer), self)
            return True
        return super().event(event)

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(260)), round(theme.px(46)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(160)), round(theme.px(46)))

    def _cell(self, layer: int) -> QRectF:
        gap = 3.0 if self.width() / max(self._count, 1) > 12 else 1.0
        left, right = (round(self.width() * n / self._count) for n in (layer, layer + 1))
        return QRectF(left + gap / 2, 2, right - left - gap, self.height() - 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11, QFont.Weight.DemiBold, tabular=True))
        for layer in range(self._count):
            cell, steered = self._cell(layer), layer in self._chosen
            radius = min(5.0, cell.width() / 3)
            known = self._accuracies[layer] if layer < len(self._accuracies) else 0.0
            depth = min(max(known, 0.0), 1.0) ** 2 * (0.5 if steered else 0.28)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.mix(QColor(palette.sunken), QColor(palette.accent), depth))
            painter.drawRoundedRect(cell, radius, radius)
            if steered or (self.hasFocus() and layer == self._cursor):
                at_cursor = self.hasFocus() and layer == self._cursor
                style = Qt.PenStyle.DashLine if at_cursor and not steered else Qt.PenStyle.SolidLine
                painter.setPen(QPen(QColor(palette.text if at_cursor else palette.accent), 1.8, style))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(cell.adjusted(0.9, 0.9, -0.9, -0.9), radius, radius)
            self._paint_numbers(painter, cell, layer, steered)

    def _paint_numbers(self, painter: QPainter, cell: QRectF, layer: int, steered: bool) -> None:
        palette = theme.current()
        if cell.width() < theme.px(NUMBERS_FROM_PX):
            if steered:  # too narrow for words: a mark, so that colour does not stand alone
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(palette.text))
                painter.drawEllipse(QPointF(cell.center().x(), cell.top() + 6), 2, 2)
            return
        painter.setPen(QColor(palette.text))
        if layer < len(self._accuracies):
            top, bottom = cell.adjusted(0, 3, 0, -cell.height() / 2), cell.adjusted(0, cell.height() / 2, 0, -3)
            painter.drawText(top, Qt.AlignmentFlag.AlignCenter, str(layer))
            painter.drawText(bottom, Qt.AlignmentFlag.AlignCenter, f"{100 * self._accuracies[layer]:.0f}")
        else:
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(layer))
