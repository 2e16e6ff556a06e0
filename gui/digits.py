"""Whole numbers that are typed."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QObject
from PySide6.QtGui import QIntValidator


class DigitsValidator(QIntValidator):
    """Takes what :func:`int` reads: in the player's own locale, 1,234 would be a number as well."""

    def __init__(self, lowest: int, highest: int, parent: QObject) -> None:
        super().__init__(lowest, highest, parent)
        plain = QLocale.c()
        plain.setNumberOptions(QLocale.NumberOption.RejectGroupSeparator | QLocale.NumberOption.OmitGroupSeparator)
        self.setLocale(plain)
