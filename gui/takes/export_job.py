"""A take written as a file for elsewhere: ``segue takes export`` beside the window, which it leaves its core to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Signal

from engine.takes.export import draft_path
from engine.takes.take import Heading
from gui.file_job import FileJob


class ExportChoice(NamedTuple):
    """How a take is to leave: the kind of file, and how loud; None leaves the loudness, or the peaks, as they are.

    To a loudness no peak is louder than the engine's own cap, if no other is given.
    """

    suffix: str = ".wav"
    bits: int = 24
    lufs: float | None = None
    peak_dbtp: float | None = None


class ExportJob(FileJob):
    """One export at a time."""

    finished = Signal(str)  #: what came of it, in words
    _path: Path

    def start(self, take: Heading, path: Path, choice: ExportChoice, overwrite: bool) -> None:
        """Write ``path``, whose suffix counts; ``overwrite`` says that the player has agreed to lose what is there."""
        words = ["takes", "export", str(take.path), str(path), f"--bits={choice.bits}"]
        words += [] if choice.lufs is None else [f"--lufs={choice.lufs}"]
        words += [] if choice.peak_dbtp is None else [f"--peak={choice.peak_dbtp}"]
        words += ["--overwrite"] if overwrite else []
        self._path = path
        self.run(words, None if path.exists() else path)

    def share(self, stage: str, done: float, total: float) -> float:
        halves = 1.0 if stage.startswith("writing") else 0.0
        return (halves + done / max(total, 1e-9)) / 2.0

    def sweep(self) -> None:
        super().sweep()
        with suppress(OSError):  # what was to take the place of a file
            draft_path(self._path, self._child.process_id).unlink(missing_ok=True)

    def on_finished(self, result: Mapping[str, object]) -> None:
        lufs, peak = result["lufs_integrated"], result["true_peak_dbtp"]  # None where all is silent
        levels = f": {lufs:.1f} LUFS, {peak:.1f} dBTP".replace("-", "−") if _finite(lufs) and _finite(peak) else ""
        gain_db = float(str(result["gain_db"]))
        gain = f", turned {'up' if gain_db > 0 else 'down'} by {abs(gain_db):.1f} dB" if abs(gain_db) >= 0.05 else ""
        short = "; its peaks allow no more" if result["limited_by_peak"] else ""
        self.finished.emit(f"exported {Path(str(result['path'])).name}{levels}{gain or ', its level as it was'}{short}")


def _finite(level: object) -> bool:
    return isinstance(level, float) and math.isfinite(level)
