"""Words that are read from across the room."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel

from gui import theme


class Headline(QLabel):
    """A line of text of a size of the design."""

    def __init__(self, pixels: int, text: str = "") -> None:
        super().__init__(text)
        self._pixels = pixels
        self._dress()

    def _dress(self) -> None:
        self.setFont(theme.font(self._pixels, QFont.Weight.DemiBold))

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self._dress()
        super().changeEvent(event)
