"""The text prompt, applied as it is typed."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit

from engine.control import MAX_PROMPT_CHARACTERS, ControlState
from gui.control_model import ControlModel

PAUSE_MS = 450  # reading a prompt costs the engine some milliseconds: once a word, not once a letter


class PromptField(QLineEdit):
    """Writes to the model a moment after the typing pauses, and at once on Enter."""

    def __init__(self, controls: ControlModel) -> None:
        super().__init__()
        self._controls = controls
        self.setMaxLength(MAX_PROMPT_CHARACTERS)
        self.setPlaceholderText("Describe the music: “slow piano trio, brushed drums”")
        self.setAccessibleName("prompt")
        self.setClearButtonEnabled(True)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._apply)
        self.textEdited.connect(lambda _text: self._pause.start())
        self.returnPressed.connect(self._apply)
        self.editingFinished.connect(self._apply)
        controls.changed.connect(self.show_state)
        self.show_state(controls.state)

    def _apply(self) -> None:
        self._pause.stop()
        self._controls.edit("prompt", prompt=self.text().strip())

    def show_state(self, state: ControlState) -> None:
        """Follow the model; what is being typed is left alone."""
        if not self._pause.isActive() and state.prompt != self.text().strip():
            self.setText(state.prompt)
            self.setCursorPosition(0)  # its beginning tells more than its end
