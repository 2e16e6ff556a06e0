"""What may go on for one model: asking the hub, downloading, measuring. One thing at a time, as a child process."""

from __future__ import annotations

from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.child import Child


class Phase(Enum):
    """Where it stands."""

    REST = "rest"
    ASKING = "asking"  # the hub, for size and licence
    OFFERED = "offered"  # size and licence are shown; nothing is fetched before the player agrees
    DOWNLOADING = "downloading"
    MEASURING = "measuring"
    FAILED = "failed"


class Work(QObject):
    """Begins, follows and stops it. ``model`` says whom it concerns."""

    changed = Signal()
    downloaded = Signal(str)  #: the model, which is here now
    measured = Signal(str, float)  #: the model, and its realtime factor

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.child = Child(self)
        self.phase, self.model, self.trouble = Phase.REST, "", ""
        self.offer_bytes, self.offer_licence = 0.0, ""
        self.child.finished.connect(self._on_finished)
        self.child.failed.connect(self._fail)
        self.child.stopped.connect(lambda: self._become(Phase.REST))

    @property
    def busy(self) -> bool:
        """Whether something runs."""
        return self.child.running

    def _become(self, phase: Phase, trouble: str = "") -> None:
        self.phase, self.trouble = phase, trouble
        self.changed.emit()

    def _start(self, phase: Phase, model: str, *words: str) -> None:
        if not self.child.running:
            self.model = model
            self.child.start(words)
            self._become(phase)

    def ask(self, model: str) -> None:
        """Ask the hub what a download would be."""
        self._start(Phase.ASKING, model, "download", model, "--dry-run")

    def agree(self) -> None:
        """Fetch what was offered."""
        if self.phase is Phase.OFFERED:
            self._start(Phase.DOWNLOADING, self.model, "download", self.model, "--yes")

    def measure(self, model: str) -> None:
        """Let it play for a moment, unheard."""
        self._start(Phase.MEASURING, model, "doctor", "--model", model)

    def cancel(self) -> None:
        """Stop what runs, or turn the offer down."""
        if self.child.running:
            self.child.stop()
        else:
            self._become(Phase.REST)

    def _on_finished(self, result: Any) -> None:
        phase = self.phase
        if phase is Phase.ASKING:
            self.offer_bytes, self.offer_licence = float(result["size_bytes"]), str(result["licence"])
            self._become(Phase.OFFERED)
        elif phase is Phase.MEASURING:
            factor = result["expected_realtime_factor"]
            if factor is None:
                self._fail(str((result["warnings"] or ["it could not be measured"])[-1]))
            else:
                self._become(Phase.REST)
                self.measured.emit(self.model, float(factor))
        else:
            self._become(Phase.REST)
            self.downloaded.emit(self.model)

    def _fail(self, words: str) -> None:
        self._become(Phase.FAILED, words)

    def close(self) -> None:
        """The window closes: end what runs. A download goes on with its next file another time."""
        self.child.close()
