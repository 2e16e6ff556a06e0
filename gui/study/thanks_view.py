"""After the last trial: thanks, and nothing of what was heard, for the next one may be in the room."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.buttons import TextButton
from gui.panel import Panel, muted_label
from gui.study.headline import Headline

REQUEST = "Please tell nobody who is still to take part what you have heard."


class ThanksView(QWidget):
    """Says that all is kept. Results are a step of their own."""

    left = Signal()
    results_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.headline, request = Headline(22), muted_label(REQUEST)
        self.done, self.results = TextButton("Done", primary=True), TextButton("Show results …")
        panel = Panel()
        panel.body.addStretch(2)
        for label in (self.headline, request):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            panel.body.addWidget(label)
        panel.body.addStretch(1)
        for button in (self.done, self.results):
            line = QHBoxLayout()
            line.addStretch(1)
            line.addWidget(button)
            line.addStretch(1)
            panel.body.addLayout(line)
        panel.body.addStretch(2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(panel)
        self.setFocusProxy(self.done)
        self.done.clicked.connect(self.left)
        self.results.clicked.connect(self.results_asked)

    def thank(self, participant: str) -> None:
        """For all answers."""
        self.headline.setText(f"Thank you, {participant}. All answers are kept.")
