"""One more knob, from a folder of music and a name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from engine.steering.pack import MAX_KNOB_NAME
from gui.lab.bench import NO_MODEL, Bench
from gui.lab.drop_zone import DropZone
from gui.lab.packs import free_path
from gui.panel import muted_label

INTRO = (
    "Music that has something in common, of a band, a maker, a mood, becomes a knob beside those that play. It takes at "
    "least 10 clips of 10 s from 3 recordings; songs that were held out decide whether the model can tell it apart."
)


class AddBench(Bench):
    """``made`` brings the new pack's path."""

    made = Signal(object)

    def __init__(self, folder: Path) -> None:
        super().__init__("Add a knob", INTRO, "Add the knob")
        self._packs = folder
        self.folder = DropZone("folder of music", "Drop a folder of music", folders=True)
        self.name = QLineEdit()
        self.name.setAcceptDrops(False)
        self.name.setPlaceholderText("my band")
        self.name.setMaxLength(MAX_KNOB_NAME)
        self.name.setAccessibleName("name of the knob")
        self.form.addWidget(self.folder)
        self.form.addWidget(muted_label("Name of the knob"))
        self.form.addWidget(self.name)
        self.folder.chosen.connect(self._on_folder)
        self.folder.refused.connect(self.refuse)
        self.name.returnPressed.connect(self.begin)

    def offer(self, path: Path) -> None:
        self.folder.offer(path)

    def _on_folder(self, path: Path) -> None:
        self.status.clear()
        if not self.name.text().strip():
            self.name.setText(path.name[:MAX_KNOB_NAME])

    def begin(self) -> None:
        name, folder = self.name.text().strip(), self.folder.path
        if self.instrument is None:
            self.refuse(NO_MODEL)
        elif folder is None:
            self.refuse("there is no music yet: drop a folder of it")
        elif not name:
            self.refuse("the knob has no name yet: type one")
        else:
            path = free_path(self._packs, name)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                self.refuse(
                    f"the folder {path.parent} cannot be made ({error.strerror}): free its place, and try again"
                )
                return
            self.run(["probe", "add", str(folder.absolute()), "--name", name, "-o", str(path), *self.instrument.words])

    def done_words(self, result: Mapping[str, Any]) -> str:
        path = Path(result["pack"])
        self.made.emit(path)
        self.name.clear()
        skipped = result["skipped"]
        words = (
            f"“{result['name']}” is a knob now, in {path.name}. On songs that were held out, its music is told from the "
            f"rest with an AUC of {result['auc']:.2f} (0.5 is chance, 1 never wrong; p = {result['p_value']:.1g}; "
            f"{result['clips']} clips)."
        )
        return words + (f" Left out: {skipped[0]}{' …' if len(skipped) > 1 else ''}." if skipped else "")
