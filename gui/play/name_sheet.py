"""The small sheet in which a preset is named: Enter accepts, Escape leaves everything as it was."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from gui import theme
from gui.buttons import TextButton
from gui.panel import caption_label
from gui.play.preset_store import MAX_NAME

#: takes the name, whether the prompt belongs to it, and whether what is there may be replaced; returns what is in the way
#: ("" for nothing, then it is done), and whether asking again replaces it
Accept = Callable[[str, bool, bool], tuple[str, bool]]
WIDTH_PX = 300


class NameSheet(QFrame):
    """Opens over the window at a widget. What is in the way is said in the sheet; a second Enter replaces."""

    def __init__(self, owner: QWidget, caption: str, name: str, accept: Accept, prompt: bool | None) -> None:
        """``prompt``: whether the prompt is to be kept, as suggested; None where that is no question."""
        super().__init__(owner, Qt.WindowType.Popup)
        self._accept = accept
        self._asked_for = ""
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("sheet")
        self.setAccessibleName(caption)
        self.field = QLineEdit(name)
        self.field.setMaxLength(MAX_NAME)
        self.field.setAccessibleName("name of the preset")
        self.field.selectAll()
        self.prompt = QCheckBox("with the prompt")
        self.prompt.setVisible(prompt is not None)
        self.prompt.setChecked(bool(prompt))
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.hide()
        self.save = TextButton("Save" if prompt is not None else "Rename")
        below = QHBoxLayout()
        below.addWidget(self.prompt)
        below.addStretch(1)
        below.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(caption_label(caption))
        layout.addWidget(self.field)
        layout.addWidget(self.words)
        layout.addLayout(below)
        palette = theme.current()
        self.setStyleSheet(
            f"#sheet {{ background: {palette.raised}; border: 1px solid {palette.line}; border-radius: 8px; }}"
            f"QLabel {{ color: {palette.text}; }}"
        )
        self.setFixedWidth(round(theme.px(WIDTH_PX)))
        self.field.textEdited.connect(lambda: self.words.hide())
        self.save.clicked.connect(self.submit)

    def open_at(self, widget: QWidget) -> None:
        """Below a widget, ready for typing."""
        self.adjustSize()
        self.move(widget.mapToGlobal(QPoint(0, widget.height() + 4)))
        self.show()
        self.field.setFocus()

    def submit(self) -> None:
        """Do it, or say what is in the way."""
        name = self.field.text()
        in_the_way, replaces = self._accept(name, self.prompt.isChecked(), name == self._asked_for)
        if not in_the_way:
            self.close()
            return
        self._asked_for = name if replaces else ""
        self.words.setText(f"{in_the_way}. Enter again replaces it." if replaces else f"{in_the_way}.")
        self.words.show()
        self.adjustSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submit()
        else:
            super().keyPressEvent(event)
