"""Buttons of the instrument. Space belongs to the transport wherever the focus is, so Enter presses the focused button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy, QWidget

from gui import theme
from gui.icons import Icon, draw


class IconButton(QAbstractButton):
    """A sign on a rounded key, lit in its colour while it is checked.

    Args:
        icon: the sign.
        name: for screen readers; also the tooltip, with ``keys`` behind it.
        keys: the shortcut, in words.
        lit: names the palette's colour of its sign while it is checked; "" keeps the accent.
        always_lit: the sign is coloured although nothing is on.
    """

    def __init__(
        self, icon: Icon, name: str, keys: str = "", lit: str = "", side: int = 40, always_lit: bool = False
    ) -> None:
        super().__init__()
        self._icon, self._lit, self._side, self._always_lit = icon, lit or "accent", side, always_lit
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._keys = keys
        self.set_name(name)

    def set_name(self, name: str) -> None:
        """What it does now."""
        if name == self.accessibleName():
            return
        self.setAccessibleName(name)
        self.setToolTip(f"{name}  ({self._keys})" if self._keys else name)

    def set_sign(self, icon: Icon) -> None:
        """Another sign."""
        if icon is not self._icon:
            self._icon = icon
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(self._side)), round(theme.px(self._side)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        press_on_enter(self, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        lit = QColor(getattr(palette, self._lit))
        fill = QColor(palette.raised)
        if self.isChecked():
            fill = theme.mix(fill, lit, 0.24)
        elif self.isDown():
            fill = QColor(palette.line)
        elif self.underMouse() and self.isEnabled():
            fill = fill.lighter(112)
        edge = palette.accent if self.hasFocus() else (lit.name() if self.isChecked() else palette.line)
        painter.setBrush(fill)
        painter.setPen(QPen(QColor(edge), 2.0 if self.hasFocus() else 1.0))
        painter.drawRoundedRect(box, 8, 8)
        colour = lit if self.isChecked() or self._always_lit else QColor(palette.text)
        if not self.isEnabled():
            colour = theme.faded(palette.muted, 0.45)
        side = self.width() * 0.5
        draw(painter, self._icon, QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side), colour)


class Segmented(QWidget):
    """One of several words, side by side. ``chosen`` tells of gestures alone; left and right arrows move."""

    chosen = Signal(int)

    def __init__(self, name: str, words: Sequence[str], hints: Sequence[str]) -> None:
        super().__init__()
        self._words, self._hints, self._current = tuple(words), tuple(hints), -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_choice(0)

    @property
    def choice(self) -> int:
        """Index of the word that is on."""
        return self._current

    def show_choice(self, index: int) -> None:
        """Follow the model, silently."""
        if index == self._current:
            return
        self._current = index
        self.setAccessibleDescription(self._words[index])
        self.setToolTip(self._hints[index])
        self.update()

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._words) and index != self._current:
            self.show_choice(index)
            self.chosen.emit(index)

    def _boxes(self) -> list[QRectF]:
        metrics = QFontMetrics(theme.font(12))
        wanted = [metrics.horizontalAdvance(word) + 10.0 for word in self._words]
        spare = (self.width() - 6 - sum(wanted)) / len(wanted)
        boxes, left = [], 3.0
        for width in wanted:
            boxes.append(QRectF(left, 3, width + spare, self.height() - 6))
            left += width + spare
        return boxes

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            for index, box in enumerate(self._boxes()):
                if box.contains(event.position()):
                    self._choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            event.ignore()
        else:
            self._choose(self._current + step)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font(12))
        return QSize(sum(metrics.horizontalAdvance(word) + 14 for word in self._words) + 6, round(theme.px(32)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(palette.sunken))
        focused = self.hasFocus()
        painter.setPen(QPen(QColor(palette.accent if focused else palette.line), 1.6 if focused else 1.0))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.8, 0.8, -0.8, -0.8), 8, 8)
        for index, (word, box) in enumerate(zip(self._words, self._boxes(), strict=True)):
            on = index == self._current
            if on:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(
                    QColor(palette.raised).lighter(118) if palette is theme.DARK else QColor(palette.raised)
                )
                painter.drawRoundedRect(box, 6, 6)
            painter.setFont(theme.font(12, QFont.Weight.DemiBold if on else QFont.Weight.Medium))
            painter.setPen(QColor(palette.text if on else palette.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)


def press_on_enter(button: QAbstractButton, event: QKeyEvent) -> None:
    """Enter clicks a button; every other key goes on."""
    if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        button.click()
    else:
        event.ignore()


class TextButton(QPushButton):
    """A button with words, which Enter presses; ``primary`` is the one thing to do next."""

    def __init__(self, text: str, primary: bool = False) -> None:
        super().__init__(text)
        self.setProperty("primary", primary)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
