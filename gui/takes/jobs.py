"""What is done for takes beside the music: exports, and playing a take again. At most one of each at a time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.takes.take import Heading
from gui.takes.export_dialog import ExportDialog
from gui.takes.export_job import ExportChoice, ExportJob
from gui.takes.job_bar import JobBar
from gui.takes.replay_job import ReplayJob

KINDS = {".wav": "WAV (*.wav)", ".flac": "FLAC (*.flac)"}


class TakeJobs(QObject):
    """Asks, begins, shows how far it has come, and tells how it ended.

    Attributes:
        bars: to be laid out where the takes are; each is there only while its work is.
    """

    told = Signal(str)
    failed = Signal(str)
    made = Signal(object)  #: Take

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._export, self._replay = ExportJob(self), ReplayJob(self)
        self._again = ""
        self.choice = ExportChoice()
        self.folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation))
        self.bars = tuple(JobBar() for _ in range(2))
        jobs: tuple[ExportJob | ReplayJob, ...] = (self._export, self._replay)
        for job, bar in zip(jobs, self.bars, strict=True):
            bar.stop_asked.connect(job.stop)
            job.progressed.connect(bar.show_share)
            for ended in (job.finished, job.failed, job.stopped):
                ended.connect(bar.hide)
            job.failed.connect(self.failed)
        self._export.finished.connect(self.told)
        self._export.stopped.connect(lambda: self.told.emit("the export was stopped; no file was written"))
        self._replay.finished.connect(self._on_replayed)
        self._replay.stopped.connect(lambda: self.told.emit("playing it again was stopped; no take was made"))

    @property
    def exporting(self) -> bool:
        """Whether an export is at work."""
        return self._export.running

    @property
    def replaying(self) -> bool:
        """Whether a take is being played again."""
        return self._replay.running

    # Export

    def ask_export(self, take: Heading) -> None:
        """Ask how, then where to, then begin."""
        if self.exporting:
            self.failed.emit("one export at a time: wait for it, or stop it")
            return
        dialog = ExportDialog(self._window, take, self.choice)
        dialog.finished.connect(dialog.deleteLater)
        dialog.chosen.connect(lambda choice: self._ask_place(take, choice))
        dialog.open()

    def _ask_place(self, take: Heading, choice: ExportChoice) -> None:
        self.choice = choice
        suggestion = self.folder / (take.path.stem + choice.suffix)
        name, _ = QFileDialog.getSaveFileName(self._window, "Export", str(suggestion), KINDS[choice.suffix])
        if not name:
            return
        path = Path(name)
        asked = path.exists()  # the dialog has asked whether to overwrite what was named, and only that
        if path.suffix.lower() != choice.suffix:
            path, asked = path.with_name(path.name + choice.suffix), False
        self.folder = path.parent
        self.export(take, path, choice, overwrite=asked)

    def export(self, take: Heading, path: Path, choice: ExportChoice, overwrite: bool) -> None:
        """Begin to write."""
        self.bars[0].begin(f"Exporting {path.name}")
        self._export.start(take, path, choice, overwrite)

    # Replay

    def replay(self, take: Heading) -> None:
        """Play a take again from its score, into a take of its own."""
        if self.replaying:
            self.failed.emit("one take at a time is played again: wait for it, or stop it")
            return
        self._again = take.path.stem
        self.bars[1].begin(f"Playing {take.path.stem} again")
        self._replay.start(take)

    def _on_replayed(self, take: Heading, verdict: str) -> None:
        self.made.emit(take)
        self.told.emit(f"{self._again} again: {verdict}")

    def close(self) -> None:
        """End everything with the window."""
        self._export.close()
        self._replay.close()
