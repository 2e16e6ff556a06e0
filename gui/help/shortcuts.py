"""The keys, as they really are: read off the window's actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.panel import caption_label

#: what controls do with keys and pointer by themselves
ON_CONTROLS = (
    ("Tab", "the next control"),
    ("Drag, wheel, arrows", "turn; with Shift: finely"),
    ("Page up, page down", "turn a lot"),
    ("Enter or a figure", "type a value"),
    ("Double-click or Del", "back to its default"),
    ("Enter", "press the button that has the focus"),
    ("Right-click", "what else a control can do"),
)

Rows = Sequence[tuple[str, str]]


def keys_of(actions: Iterable[QAction]) -> list[tuple[str, str]]:
    """Keys and what they do, of all actions that have any."""
    return [
        (
            " or ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()),
            action.text().removesuffix(" …"),
        )
        for action in actions
        if action.shortcuts()
    ]


class ShortcutSheet(QDialog):
    """Shows groups of keys; Escape, Enter or a click on Close ends it."""

    def __init__(self, parent: QWidget, playing: Iterable[QAction], anywhere: Iterable[QAction]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.groups: dict[str, Rows] = {
            "On the Play page": keys_of(playing),
            "Anywhere": keys_of(anywhere),
            "On a control": ON_CONTROLS,
        }
        columns = QHBoxLayout()
        columns.setSpacing(round(theme.px(36)))
        left, right = QVBoxLayout(), QVBoxLayout()
        for column, names in ((left, ("On the Play page", "On a control")), (right, ("Anywhere",))):
            column.setSpacing(round(theme.px(18)))
            for name in names:
                column.addLayout(_group(name, self.groups[name]))
            column.addStretch(1)
            columns.addLayout(column)
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        side = round(theme.px(24))
        layout.setContentsMargins(side, side, side, side)
        layout.setSpacing(round(theme.px(16)))
        layout.addLayout(columns)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)


def _group(name: str, rows: Rows) -> QVBoxLayout:
    column = QVBoxLayout()
    column.addWidget(caption_label(name))
    grid = QGridLayout()
    grid.setHorizontalSpacing(round(theme.px(16)))
    grid.setVerticalSpacing(round(theme.px(7)))
    for row, (keys, what) in enumerate(rows):
        cap = QLabel(keys)
        cap.setProperty("role", "key")
        grid.addWidget(cap, row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(QLabel(what), row, 1)
    grid.setColumnStretch(1, 1)
    column.addLayout(grid)
    return column
