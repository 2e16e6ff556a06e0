"""A take rendered with other moves: ``segue takes replay --automation`` beside the window."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal

from engine.automation import Automation
from engine.takes.take import Take
from gui import json_file
from gui.takes.take_job import TakeJob


class VariationJob(TakeJob):
    """One at a time; it becomes a take beside the old one."""

    finished = Signal(object)  #: Take

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scratch: TemporaryDirectory[str] | None = None

    def start(self, take: Take, automation: Automation) -> None:
        """Begin; the music plays on, if it does."""
        self._scratch = TemporaryDirectory(prefix="segue-")
        lanes = Path(self._scratch.name) / "lanes.json"
        try:
            json_file.write(lanes, automation.to_json())
        except OSError as error:
            self.tidy()
            self.failed.emit(f"{lanes} cannot be written ({error.strerror}): make room for temporary files")
            return
        names = (f"{take.path.stem} edit {n}" for n in itertools.count(1))
        self.make(take, ["--automation", str(lanes)], names)

    def tidy(self) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def on_made(self, take: Take, _result: Mapping[str, object]) -> None:
        self.finished.emit(take)
