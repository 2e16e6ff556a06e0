"""The keys, as they really are: read off the window's actions, and what the places that have the keyboard add."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.panel import caption_label

Rows = Sequence[tuple[str, str]]

#: what controls do with keys and pointer by themselves
ON_CONTROLS: Rows = (
    ("Tab", "the next control"),
    ("Drag, wheel, arrows", "turn; with Shift: finely"),
    ("PgUp, PgDown", "turn a lot"),
    ("Home, End", "the lowest, the highest"),
    ("Enter or a figure", "type a value"),
    ("Double-click or Del", "back to its default"),
    ("Enter", "press a button"),
    ("Right-click", "what else a control can do"),
)

#: what the places do that have keys of their own while the keyboard is theirs
PLACES: dict[str, Rows] = {
    "On the layers": (
        ("Left, Right", "another layer"),
        ("Enter", "steer there alone"),
        ("Shift+Enter, +, -", "there too, or no more"),
    ),
    "On the audio prompt": (
        ("Enter", "choose a file"),
        ("Left, Right", "move it; with Shift: its end"),
        ("Del", "take it away"),
    ),
    "On the list of takes": (
        ("Enter", "play or pause"),
        ("Left, Right", "5 s back, 5 s on"),
        ("A, B", "mark the two to compare"),
        ("X", "change between the two"),
        ("F2", "rename"),
        ("Del", "move to the bin"),
        ("Ctrl+E", "export"),
    ),
    "On a lane": (
        ("Tab", "the next point"),
        ("Home, End", "the first point, the last"),
        ("Arrows", "move it; with Shift: finely"),
        ("Enter", "type its value"),
        ("+ or Ins", "add a point"),
        ("Del", "take it away"),
        ("Esc", "choose none"),
        ("Ctrl+0", "show everything"),
        ("Ctrl+Z, Ctrl+Y", "undo, redo"),
    ),
    "In a study": (
        ("A, B, X", "hear a clip"),
        ("Space", "stop, or hear the last again"),
        ("1 or Left", "choose A"),
        ("2 or Right", "choose B"),
        ("Enter", "confirm"),
        ("Esc", "pause"),
    ),
    "On the Lab’s curves": (("Left, Right", "another layer"),),
}
COLUMNS = (
    ("On the Play page", "On the layers"),
    ("Anywhere", "On a control"),
    ("On the list of takes", "On a lane"),
    ("In a study", "On the audio prompt", "On the Lab’s curves"),
)


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
            **PLACES,
        }
        columns = QHBoxLayout()
        columns.setSpacing(round(theme.px(24)))
        for names in COLUMNS:
            column = QVBoxLayout()
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
    grid.setHorizontalSpacing(round(theme.px(12)))
    grid.setVerticalSpacing(round(theme.px(7)))
    for row, (keys, what) in enumerate(rows):
        cap = QLabel(keys)
        cap.setProperty("role", "key")
        grid.addWidget(cap, row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(QLabel(what), row, 1)
    grid.setColumnStretch(1, 1)
    column.addLayout(grid)
    return column
