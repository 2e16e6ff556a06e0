"""Knobs from labelled music: choose it, choose what decides, say where the pack goes, start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy

from gui.buttons import Segmented, TextButton
from gui.lab.bench import NO_MODEL, Bench
from gui.lab.corpus_choice import CorpusChoice
from gui.lab.findings import percent
from gui.lab.packs import SUFFIX, free_path
from gui.panel import muted_label

INTRO = (
    "Labelled music passes through the model that plays; a probe learns at every layer to tell its genres, and each "
    "genre becomes a knob."
)
RULES = (
    ("effect", "By effect", "Steered pieces are played and judged by ear: slower, and the knobs' strength fits"),
    ("accuracy", "By accuracy", "The paper's rule: the layer whose probe is right most often; quick"),
)
STOPPED = "Stopped. Start it the same way again, and it goes on with what has been recorded so far."


class TrainBench(Bench):
    """``found`` brings each layer's line as it comes; ``made`` the path and the result."""

    begun = Signal()
    found = Signal(object)
    made = Signal(object, object)

    def __init__(self, folder: Path) -> None:
        super().__init__("Make knobs", INTRO, "Start")
        self._folder = folder
        self._path: Path | None = None  # chosen by the user
        self._may_replace = False  # whether the user has said yes to a file that was there
        self.corpus = CorpusChoice()
        self.rule = Segmented("what chooses the layer", [rule[1] for rule in RULES], [rule[2] for rule in RULES])
        self._where = muted_label()
        self._where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        elsewhere = TextButton("Where …")
        elsewhere.setAccessibleName("where the pack goes")
        line = QHBoxLayout()
        line.addWidget(self._where, 1)
        line.addWidget(elsewhere)
        self.form.addWidget(self.corpus)
        self.form.addWidget(muted_label("What chooses layer and strength"))
        self.form.addWidget(self.rule)
        self.form.addLayout(line)
        self.corpus.changed.connect(self._show_path)
        self.corpus.refused.connect(self.refused)
        elsewhere.clicked.connect(self._browse)
        self.child.told.connect(self.found)
        self._show_path()

    def offer(self, path: Path) -> None:
        self.corpus.offer(path)

    @property
    def path(self) -> Path:
        """Where the pack goes."""
        return self._path or free_path(self._folder, self.corpus.name)

    def _show_path(self) -> None:
        self._where.setText(f"To {self.path.name}")
        self._where.setToolTip(str(self.path))

    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Where the pack goes", str(self.path), f"Packs (*{SUFFIX})")
        if not name:
            return
        path = Path(name)
        asked = path.exists()  # the dialog has asked whether to overwrite what was named, and only that
        if path.suffix != SUFFIX:
            path, asked = path.with_name(path.name + SUFFIX), False
        self._path, self._may_replace = path, asked
        self._show_path()

    def begin(self) -> None:
        if self.instrument is None:
            self.refuse(NO_MODEL)
        elif not self.corpus.word:
            self.refuse("there is no music to learn from yet: drop a folder of genre folders, or name a data set")
        else:
            path = self.path
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                self.refuse(f"the folder {path.parent} cannot be made ({error.strerror}): choose where the pack goes")
                return
            force = ["--force"] if self._may_replace else []
            words = ["probe", "train", self.corpus.word, "-o", str(path), "--model", self.instrument.model_word]
            self.begun.emit()
            self.run([*words, "--rule", RULES[self.rule.choice][0], *force])

    def done_words(self, result: Mapping[str, Any]) -> str:
        path = Path(result["pack"])
        self._path, self._may_replace = None, False
        self._show_path()
        self.made.emit(path, result)
        skipped = result["skipped"]
        words = (
            f"{path.name} is made, in {path.parent}: {len(result['genres'])} knobs from {result['clips']} clips, "
            f"{percent(result['best_accuracy'])} of held-out songs told right."
        )
        return words + (f" Left out: {skipped[0]}{' …' if len(skipped) > 1 else ''}." if skipped else "")

    def stopped_words(self) -> str:
        return STOPPED
