"""The eyedropper: a recording goes through the model that plays, and the probes say what they hear."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from engine.audio.clip import read_clip
from engine.errors import AudioFileError
from gui.background import Background
from gui.lab.bench import NO_MODEL, Bench
from gui.lab.drop_zone import DropZone

INTRO = (
    "Drop a recording: the model that plays listens to it, and its probes say which genres they hear, second by second, "
    "and how the knobs would have to stand to go there."
)
TASTE_HZ, TASTE_S = 8000, 0.5


class ReadBench(Bench):
    """``heard`` brings the reading."""

    heard = Signal(object)

    def __init__(self, background: Background) -> None:
        super().__init__("Eyedropper", INTRO, "Listen")
        self._background = background
        self.file = DropZone("recording", "Drop a recording", folders=False)
        self.form.addWidget(self.file)
        self.file.chosen.connect(lambda _: self.begin())
        self.file.refused.connect(self.refuse)

    def offer(self, path: Path) -> None:
        self.file.offer(path)

    def begin(self) -> None:
        path = self.file.path
        if self.instrument is None:
            self.refuse(NO_MODEL)
        elif path is None:
            self.refuse("there is no recording yet: drop one")
        else:
            # What is no sound is known at once, and need not wait for a model to be loaded.
            self.status.setText("Listening …")
            self._background.start(
                lambda: read_clip(path, TASTE_HZ, 1, 0.0, TASTE_S),
                lambda _: self._listen(path),
                lambda error: self._on_unreadable(path, error),
            )

    def _listen(self, path: Path) -> None:
        if path == self.file.path and self.instrument is not None:
            self.run(["probe", "read", str(path.absolute()), *self.instrument.words])

    def _on_unreadable(self, path: Path, error: Exception) -> None:
        known = isinstance(error, AudioFileError)
        self.refuse(str(error) if known else f"{path.name} cannot be read ({error}): give another sound file")

    def done_words(self, result: Mapping[str, Any]) -> str:
        self.heard.emit(result)
        most = max(result["heard"].items(), key=lambda item: item[1])
        return f"{Path(result['file']).name}: {most[0]} above all."
