"""A plot on its panel, with the same in words beneath it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QWidget

from gui.lab.findings import Matrix
from gui.lab.matrix import MatrixView
from gui.panel import Panel, muted_label


class Card(Panel):
    """A caption, a picture, and words that say what it shows."""

    def __init__(self, caption: str) -> None:
        super().__init__(caption)
        self.words = prose_label()
        self.body.addWidget(self.words)
        self.body.addStretch(0)

    def add_picture(self, picture: QWidget, row: int = 0) -> None:
        """Put it above the words."""
        self.body.insertWidget(row, picture, 1)


class MatrixCard(Card):
    """A matrix of genres.

    Args:
        caption: in few words; name: for screen readers.
        counts: see :class:`MatrixView`.
    """

    def __init__(self, caption: str, name: str, counts: bool = False) -> None:
        super().__init__(caption)
        self.matrix = MatrixView(name, counts)
        self.add_picture(self.matrix)

    def show_matrix(self, values: Matrix | None, genres: Sequence[str], words: str) -> None:
        """Show one, or say why there is none."""
        self.matrix.show_matrix(values, genres, words)
        self.words.setText(words)
        # A place that is kept empty would look like a picture that is missing.
        self.matrix.setVisible(values is not None or not words)


def prose_label() -> QLabel:
    """Words of second rank that wrap, and may be copied."""
    label = muted_label()
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    return label


def scrolled(label: QLabel) -> QScrollArea:
    """Words that may be more than there is room for."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(label)
    area.viewport().setAutoFillBackground(False)
    label.setAutoFillBackground(False)
    return area
