"""Exporting on a thread of its own: a take of an hour must hold up neither the window nor the list."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from engine.errors import SegueError
from engine.takes.export import Export, export_take
from engine.takes.take import Take
from gui.background import Background

TELL_EVERY_S = 0.05
STAGES = 2  # measuring, writing


class ExportChoice(NamedTuple):
    """How a take is to leave: the kind of file, and how loud; None leaves the loudness, or the peaks, as they are."""

    suffix: str = ".wav"
    bits: int = 24
    lufs: float | None = None
    peak_dbtp: float | None = -1.0


class _StoppedError(Exception):
    pass


class ExportJob(QObject):
    """One export at a time. Exactly one of ``finished``, ``failed`` and ``stopped`` ends each."""

    progressed = Signal(float)  #: 0 to 1
    finished = Signal(object)  #: Export
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = Background(self)
        self._stop = threading.Event()
        self.running = False

    def start(self, take: Take, path: Path, choice: ExportChoice, overwrite: bool) -> None:
        """Write ``path``, whose suffix counts; ``overwrite`` says that the player has agreed to lose what is there."""
        assert not self.running, "one at a time"
        self.running = True
        self._stop.clear()
        stages = iter(range(STAGES))
        self._thread.start(
            lambda: export_take(
                take,
                path,
                bits=choice.bits,
                lufs=choice.lufs,
                peak_dbtp=choice.peak_dbtp,
                overwrite=overwrite,
                progress=lambda _stage, total: self._progress(next(stages), total),
            ),
            self._on_done,
            self._on_error,
        )

    @contextmanager
    def _progress(self, stage: int, total: float) -> Iterator[Callable[[float], None]]:
        done, told_at = 0.0, 0.0

        def advance(count: float) -> None:
            nonlocal done, told_at
            if self._stop.is_set():
                raise _StoppedError
            done += count
            if time.monotonic() - told_at > TELL_EVERY_S:
                told_at = time.monotonic()
                self.progressed.emit((stage + done / max(total, 1e-9)) / STAGES)

        yield advance

    def _on_done(self, export: Export) -> None:
        self.running = False
        self.finished.emit(export)

    def _on_error(self, error: Exception) -> None:
        self.running = False
        if isinstance(error, _StoppedError):
            self.stopped.emit()
        elif isinstance(error, SegueError):
            self.failed.emit(str(error))
        else:
            raise error

    def stop(self) -> None:
        """End it; nothing unfinished stays."""
        self._stop.set()

    def close(self) -> None:
        """End it with the window."""
        self._stop.set()
        self._thread.close()
