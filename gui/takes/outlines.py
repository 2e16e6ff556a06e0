"""The outlines of takes, each read when it is first looked at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.audio.outline import Outline, read_outline
from gui.background import Background

COLUMNS = 240


class Outlines(QObject):
    """One is read at a time, so that other work gets in between; what was looked at last comes first."""

    arrived = Signal(object)  #: Path

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._known: dict[Path, Outline | None] = {}  # None: it cannot be read
        self._wanted: dict[Path, None] = {}
        self._reading: Path | None = None

    def of(self, path: Path) -> Outline | None:
        """The outline of a sound file; None until it has arrived."""
        if path not in self._known and path != self._reading:
            self._wanted.pop(path, None)
            self._wanted[path] = None
            self._read_next()
        return self._known.get(path)

    def follow(self, old: Path, new: Path) -> None:
        """A file has been renamed."""
        if old in self._known:
            self._known[new] = self._known.pop(old)

    def forget(self, path: Path) -> None:
        """A file has gone."""
        self._known.pop(path, None)
        self._wanted.pop(path, None)

    def _read_next(self) -> None:
        if self._reading is not None or not self._wanted:
            return
        self._reading, _ = path, _ = self._wanted.popitem()
        self._background.start(
            lambda: read_outline(path, COLUMNS),
            lambda outline: self._take_in(path, outline),
            lambda _error: self._take_in(path, None),  # a take without a picture is a take all the same
        )

    def _take_in(self, path: Path, outline: Outline | None) -> None:
        self._known[path], self._reading = outline, None
        if outline is not None:
            self.arrived.emit(path)
        self._read_next()
