"""The little field over a knob into which a value is typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from gui import theme

REFUSED = "That is no number. Esc leaves the value as it was."


class ValueEntry(QLineEdit):
    """Hidden until :meth:`open`; Enter gives ``entered``, Escape and a click elsewhere leave the value alone."""

    entered = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._owner = parent
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName("value")
        self.setMaxLength(12)
        self.hide()

    def open(self, text: str, select: bool = True) -> None:
        """Show it with ``text`` at the lower edge of the knob."""
        width, height = min(round(theme.px(84)), self._owner.width()), round(theme.px(32))
        self.setGeometry((self._owner.width() - width) // 2, self._owner.height() - height - 6, width, height)
        self._mark(False)
        self.setAccessibleDescription("")
        self.setText(text)
        self.show()
        self.setFocus()
        if select:
            self.selectAll()

    def refuse(self) -> None:
        """Say that this is no number."""
        self._mark(True)
        self.setAccessibleDescription(REFUSED)
        QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), REFUSED, self)
        self.selectAll()

    def dismiss(self) -> None:
        """Away, the keyboard back to the knob."""
        self.hide()
        self._owner.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit(self.text())
        elif event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.hide()

    def _mark(self, invalid: bool) -> None:
        self.setProperty("invalid", invalid)
        self.style().unpolish(self)
        self.style().polish(self)
