"""One model of the chooser: what it is and needs, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from engine.model.catalogue import Entry, Machine
from gui.models import words
from gui.models.work import Phase, Work
from gui.panel import Panel, muted_label
from gui.progress_strip import ProgressStrip

DOT = "  ·  "


class ModelRow(Panel):
    """Shows an :class:`Entry`. ``chosen`` gives its name."""

    chosen = Signal(str)

    def __init__(self, entry: Entry, machine: Machine, work: Work) -> None:
        super().__init__()
        self.entry, self._machine, self._work = entry, machine, work
        self._speed: float | None = None
        self._playing = self._loading = False
        self._title, self._origin = QLabel(words.title(entry.name)), muted_label(words.origin(entry.name))
        self._title.setProperty("role", "title")
        self._facts, self._needs, self._remark, self._trouble = muted_label(), muted_label(), QLabel(), QLabel()
        self._trouble.setProperty("role", "failure")
        for label in self._labels:
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.play, self.download = QPushButton("Play"), QPushButton("Download …")
        self.measure, self.cancel = QPushButton("Measure its speed"), QPushButton("Cancel")
        self.progress = ProgressStrip(work.child)
        self._lay_out()
        self.play.clicked.connect(lambda: self.chosen.emit(entry.name))
        self.download.clicked.connect(self._on_download)
        self.measure.clicked.connect(lambda: work.measure(entry.name))
        self.cancel.clicked.connect(work.cancel)
        work.changed.connect(self._on_work)
        self.refresh()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """From left to right."""
        return self.measure, self.download, self.play, self.cancel

    @property
    def _labels(self) -> tuple[QLabel, ...]:
        return self._facts, self._needs, self._remark, self._trouble

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._title)
        head.addWidget(self._origin)
        head.addStretch(1)
        text = QVBoxLayout()
        text.setSpacing(3)
        text.addLayout(head)
        for label in self._labels:
            text.addWidget(label)
        text.addWidget(self.progress)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addLayout(text, 1)
        for button in self.buttons:
            button.setAutoDefault(False)
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(line)

    def show_entry(self, entry: Entry, machine: Machine) -> None:
        """What has become of it."""
        self.entry, self._machine = entry, machine
        self.refresh()

    def show_speed(self, factor: float | None) -> None:
        """What was measured here."""
        self._speed = factor
        self.refresh()

    def show_use(self, playing: str, loading: str) -> None:
        """Which model plays, and which is on its way."""
        self._playing, self._loading = self.entry.name == playing, self.entry.name == loading
        self.refresh()

    def _on_download(self) -> None:
        if self._mine and self._work.phase is Phase.OFFERED:
            self._work.agree()
        else:
            self._work.ask(self.entry.name)

    @property
    def _mine(self) -> bool:
        return self._work.model == self.entry.name

    def _on_work(self) -> None:
        if self._mine and self._work.phase is Phase.DOWNLOADING:
            self.progress.begin()
        self.refresh()

    def refresh(self) -> None:
        """Bring everything in line with what is known."""
        entry, work = self.entry, self._work
        phase = work.phase if self._mine else Phase.REST
        self._facts.setText(DOT.join(filter(None, (words.licence(entry.licence), words.disk(entry)))))
        self._facts.setVisible(bool(self._facts.text()))
        self._needs.setText(DOT.join(filter(None, (words.memory(entry, self._machine), words.speed(self._speed)))))
        self._needs.setVisible(bool(entry.memory_bytes))
        trouble = work.trouble if phase is Phase.FAILED else entry.trouble if phase is Phase.REST else ""
        for label, text in ((self._remark, self._words(phase)), (self._trouble, f"! {trouble}" if trouble else "")):
            label.setText(text)
            label.setVisible(bool(text))
        fetchable = not entry.here and bool(entry.licence)
        busy_elsewhere = work.busy and not self._mine
        self.play.setVisible(entry.here)
        self.play.setEnabled(not self._playing and not self._loading)
        self.play.setText("Plays now" if self._playing else "Loading …" if self._loading else "Play this")
        self.download.setVisible(fetchable and phase not in (Phase.ASKING, Phase.DOWNLOADING))
        self.download.setEnabled(not busy_elsewhere)
        self.download.setText("Download it" if phase is Phase.OFFERED else "Download …")
        self.measure.setVisible(entry.here and phase is not Phase.MEASURING and self._speed is None)
        self.measure.setEnabled(not work.busy)
        self.cancel.setVisible(phase in (Phase.ASKING, Phase.OFFERED, Phase.DOWNLOADING, Phase.MEASURING))
        self.cancel.setText("Not now" if phase is Phase.OFFERED else "Cancel")
        for button in self.buttons:
            button.setAccessibleName(f"{self._title.text()}: {button.text()}")
        said = (self._title.text(), *(label.text() for label in self._labels))
        self.setAccessibleName(", ".join(filter(None, said)).replace(DOT, ", "))

    def _words(self, phase: Phase) -> str:
        match phase:
            case Phase.ASKING:
                return "Asking the hub for size and licence …"
            case Phase.OFFERED:
                terms = words.licence(self._work.offer_licence)
                return f"The hub offers {words.size(self._work.offer_bytes)}, {terms}. Download it?"
            case Phase.MEASURING:
                return "Letting it play for a moment, unheard …"
            case _:
                return ""
