"""A take rendered with other moves: ``segue takes replay --automation`` beside the window."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal

from engine.automation import Automation
from engine.takes.take import Heading, Take
from gui.background import Background
from gui.takes.take_job import TakeJob


class VariationJob(TakeJob):
    """One at a time; it becomes a take beside the old one."""

    finished = Signal(object)  #: Take

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._scratch: TemporaryDirectory[str] | None = None

    @property
    def running(self) -> bool:
        return self._scratch is not None or super().running

    def start(self, take: Heading, automation: Automation) -> None:
        """Begin; the music plays on, if it does."""
        self._scratch = scratch = TemporaryDirectory(prefix="segue-", ignore_cleanup_errors=True)
        lanes = Path(scratch.name) / "lanes.json"

        def write() -> None:
            lanes.write_text(json.dumps(automation.to_json(), separators=(",", ":")), encoding="utf-8")

        def begin(_nothing: None) -> None:
            if self._scratch is scratch:
                names = (f"{take.path.stem} edit {n}" for n in itertools.count(1))
                self.make(take, ["--automation", str(lanes)], names)

        def give_up(error: Exception) -> None:
            if self._scratch is scratch:
                self.tidy()
                self.failed.emit(f"{lanes} cannot be written ({error}): make room for temporary files")

        self._background.start(write, begin, give_up)

    def stop(self) -> None:
        if super().running:
            super().stop()
        elif self._scratch is not None:  # its lanes are still being written
            self.tidy()
            self.stopped.emit()

    def close(self) -> None:
        super().close()
        self.tidy()

    def tidy(self) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def on_made(self, take: Take, _result: Mapping[str, object]) -> None:
        self.finished.emit(take)
