"""A take written as a file for elsewhere: ``segue takes export`` beside the window, which it leaves its core to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from engine.takes.export import PEAK_DBTP
from engine.takes.take import Take
from gui.child import Child


class ExportChoice(NamedTuple):
    """How a take is to leave: the kind of file, and how loud; None leaves the loudness, or the peaks, as they are."""

    suffix: str = ".wav"
    bits: int = 24
    lufs: float | None = None
    peak_dbtp: float | None = PEAK_DBTP


class ExportJob(QObject):
    """One export at a time. Exactly one of the last three signals ends each."""

    progressed = Signal(float)  #: 0 to 1
    finished = Signal(str)  #: what came of it, in words
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child = Child(self)
        self._target: Path | None = None  # to be swept away, should the child not come to it
        self._child.progressed.connect(self._on_progress)
        self._child.finished.connect(self._on_finished)
        self._child.failed.connect(self.failed)
        self._child.stopped.connect(self._on_stopped)

    @property
    def running(self) -> bool:
        return self._child.running

    def start(self, take: Take, path: Path, choice: ExportChoice, overwrite: bool) -> None:
        """Write ``path``, whose suffix counts; ``overwrite`` says that the player has agreed to lose what is there."""
        words = ["takes", "export", str(take.path), str(path), f"--bits={choice.bits}"]
        words += [] if choice.lufs is None else [f"--lufs={choice.lufs}"]
        words += [] if choice.peak_dbtp is None else [f"--peak={choice.peak_dbtp}"]
        words += ["--overwrite"] if overwrite else []
        self._target = None if path.exists() else path
        self._child.start(words)

    def stop(self) -> None:
        """End it; nothing unfinished stays."""
        self._child.stop()

    def close(self) -> None:
        """End it with the window."""
        if self._child.running:
            self._child.close()
            self._sweep()

    def _on_progress(self, stage: str, done: float, total: float) -> None:
        halves = 1.0 if stage.startswith("writing") else 0.0
        self.progressed.emit((halves + done / max(total, 1e-9)) / 2.0)

    def _on_finished(self, result: Mapping[str, object]) -> None:
        lufs, peak = result["lufs_integrated"], result["true_peak_dbtp"]  # None where all is silent
        levels = f": {lufs:.1f} LUFS, {peak:.1f} dBTP".replace("-", "−") if _finite(lufs) and _finite(peak) else ""
        short = "; its peaks allow no more" if result["limited_by_peak"] else ""
        self.finished.emit(f"exported {Path(str(result['path'])).name}{levels}{short}")

    def _on_stopped(self) -> None:
        self._sweep()
        self.stopped.emit()

    def _sweep(self) -> None:
        """A child that was ended the hard way had no time to remove what it had begun."""
        if self._target is not None:
            with suppress(OSError):
                self._target.unlink(missing_ok=True)


def _finite(level: object) -> bool:
    return isinstance(level, float) and math.isfinite(level)
