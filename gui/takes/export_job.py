"""A take written as a file for elsewhere: ``segue takes export`` beside the window, which it leaves its core to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Signal

from engine.takes.export import PEAK_DBTP
from engine.takes.take import Take
from gui.file_job import FileJob


class ExportChoice(NamedTuple):
    """How a take is to leave: the kind of file, and how loud; None leaves the loudness, or the peaks, as they are."""

    suffix: str = ".wav"
    bits: int = 24
    lufs: float | None = None
    peak_dbtp: float | None = PEAK_DBTP


class ExportJob(FileJob):
    """One export at a time."""

    finished = Signal(str)  #: what came of it, in words

    def start(self, take: Take, path: Path, choice: ExportChoice, overwrite: bool) -> None:
        """Write ``path``, whose suffix counts; ``overwrite`` says that the player has agreed to lose what is there."""
        words = ["takes", "export", str(take.path), str(path), f"--bits={choice.bits}"]
        words += [] if choice.lufs is None else [f"--lufs={choice.lufs}"]
        words += [] if choice.peak_dbtp is None else [f"--peak={choice.peak_dbtp}"]
        words += ["--overwrite"] if overwrite else []
        self.run(words, None if path.exists() else path)

    def share(self, stage: str, done: float, total: float) -> float:
        halves = 1.0 if stage.startswith("writing") else 0.0
        return (halves + done / max(total, 1e-9)) / 2.0

    def on_finished(self, result: Mapping[str, object]) -> None:
        lufs, peak = result["lufs_integrated"], result["true_peak_dbtp"]  # None where all is silent
        levels = f": {lufs:.1f} LUFS, {peak:.1f} dBTP".replace("-", "−") if _finite(lufs) and _finite(peak) else ""
        short = "; its peaks allow no more" if result["limited_by_peak"] else ""
        self.finished.emit(f"exported {Path(str(result['path'])).name}{levels}{short}")


def _finite(level: object) -> bool:
    return isinstance(level, float) and math.isfinite(level)
