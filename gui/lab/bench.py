"""A panel that starts one kind of long work as a child process: start, cancel, progress, and what came of it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.messages import ModelLoaded
from gui.buttons import TextButton
from gui.child import Child
from gui.lab.card import prose_label
from gui.panel import Panel
from gui.progress_strip import ProgressStrip

STOPPED = "Stopped."
NO_MODEL = "no model plays yet: wait until it is loaded, or choose one"


class Bench(Panel):
    """What the kinds of work have in common. Subclasses put their fields into ``form``.

    Args:
        caption, verb: of the panel, and of its button.
        intro: what it is for.
    """

    refused = Signal(str)  #: why something was not begun, or did not come off

    def __init__(self, caption: str, intro: str, verb: str) -> None:
        super().__init__(caption)
        self.instrument: ModelLoaded | None = None
        self.child = Child(self)
        self.progress = ProgressStrip(self.child)
        self.start, self.cancel = TextButton(verb, primary=True), TextButton("Cancel")
        self.status = prose_label()
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setAccessibleName("what came of it")
        introduction = prose_label()
        introduction.setText(intro)
        self.body.addWidget(introduction)
        self.fields = QWidget()
        self.form = QVBoxLayout(self.fields)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setSpacing(8)
        self.body.addWidget(self.fields)
        buttons = QHBoxLayout()
        buttons.addWidget(self.start, 1)
        buttons.addWidget(self.cancel, 1)
        self.body.addLayout(buttons)
        self.body.addWidget(self.progress)
        self.body.addWidget(self.status)
        self.body.addStretch(1)
        self.start.clicked.connect(self.begin)
        self.cancel.clicked.connect(self.child.stop)
        self.child.finished.connect(self._on_finished)
        self.child.failed.connect(self.refuse)
        self.child.stopped.connect(lambda: self._end(self.stopped_words()))
        self._dress()

    # For subclasses

    def begin(self) -> None:
        """Start with what the fields say."""
        raise NotImplementedError

    def done_words(self, result: Mapping[str, Any]) -> str:
        """What is said when it is through."""
        raise NotImplementedError

    def stopped_words(self) -> str:
        """What is said when it was cancelled."""
        return STOPPED

    def offer(self, path: Path) -> None:
        """Something was dropped beside the fields."""
        raise NotImplementedError

    def follow(self, instrument: ModelLoaded | None) -> None:
        """Another model plays, or another pack."""
        self.instrument = instrument

    # Running

    def run(self, words: Sequence[str]) -> None:
        """Start the child."""
        if self.child.running:
            return
        self.status.clear()
        self.progress.begin()
        self.child.start(words)
        self._dress()

    def refuse(self, words: str) -> None:
        """Say why not."""
        self._end(f"{words[:1].upper()}{words[1:]}")
        self.refused.emit(words)

    def _on_finished(self, result: Mapping[str, Any]) -> None:
        self._end(self.done_words(result))

    def _end(self, words: str) -> None:
        self.status.setText(words)
        self._dress()

    def _dress(self) -> None:
        self.start.setVisible(not self.child.running)
        self.cancel.setVisible(self.child.running)
        self.fields.setEnabled(not self.child.running)
