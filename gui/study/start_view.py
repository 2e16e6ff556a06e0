"""Before the first trial: which study, and who takes part."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.errors import StudyError
from engine.study.sheet import LONGEST_CODE, Group, Sheet
from gui.background import Background
from gui.buttons import Segmented, TextButton
from gui.child import Child
from gui.control_model import ControlModel
from gui.notify import Kind, Notifier
from gui.panel import Panel, caption_label, muted_label
from gui.progress_strip import ProgressStrip
from gui.study.shelf import Shelved, default_shelf, going_on, next_folder, scan, shelved

ITEM = Qt.ItemDataRole.UserRole
GROUPS = tuple(Group)
EMPTY = (
    "No study yet.\n\nA study is 40 short comparisons of music that this model makes: twenty pieces,\n"
    "each continued four ways. Making one takes some minutes."
)
EXPLAINED = (
    "You hear two clips and say which one is more of a genre. Which is which stays hidden, and no answer can be taken back. "
    "It takes about twenty minutes; you may pause after every trial."
)
CONSENT = "I take part of my own will. My answers are kept under this code."


class StartView(QWidget):
    """Choose or make a study; say who takes part. Making is a child process, which can be stopped and gone on with."""

    begin_asked = Signal(object, str, object)  #: the study's folder, code, Group
    results_asked = Signal(object)  #: Study

    def __init__(
        self, background: Background, notifier: Notifier, controls: ControlModel, shelf: Path | None = None
    ) -> None:
        super().__init__()
        self._background, self._notifier, self._controls = background, notifier, controls
        self._shelf = shelf or default_shelf()
        self._elsewhere: list[Path] = []  # studies that were opened from other folders
        self._wanted: Path | None = None
        self.child = Child(self)
        self.studies, self.people = QListWidget(), QListWidget()
        self._empty, self._facts = muted_label(EMPTY), muted_label()
        self.make, self.open = TextButton("Make a study"), TextButton("Open …")
        self.go_on, self.cancel = TextButton("Go on making it", primary=True), TextButton("Stop")
        self.progress = ProgressStrip(self.child)
        self.code, self.consent = QLineEdit(), QCheckBox(CONSENT)
        self.group = Segmented(
            "group", [group.value.capitalize() for group in GROUPS], ["Plays or has studied music", "Listens to it"]
        )
        self.begin, self.results = TextButton("Begin", primary=True), TextButton("Results")
        self._people_caption = caption_label("Took part")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._study_panel(), 1)
        layout.addWidget(self._part_panel(), 1)
        self.setFocusProxy(self.code)
        self._connect()
        self.refresh()

    def _study_panel(self) -> Panel:
        panel = Panel("Study")
        self.studies.setAccessibleName("studies")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        panel.body.addWidget(self.studies, 1)
        panel.body.addWidget(self._empty, 1)
        self._facts.setWordWrap(True)
        panel.body.addWidget(self._facts)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.progress, 1)
        line.addWidget(self.cancel)
        panel.body.addLayout(line)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.make, self.go_on, self.open):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.results)
        panel.body.addLayout(buttons)
        return panel

    def _part_panel(self) -> Panel:
        panel = Panel("Take part")
        explained = QLabel(EXPLAINED)
        explained.setWordWrap(True)
        panel.body.addWidget(explained)
        panel.body.addSpacing(6)
        self.code.setPlaceholderText("Code, such as P01")
        self.code.setAccessibleName("participant's code")
        self.code.setMaxLength(LONGEST_CODE)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.code, 3)
        row.addWidget(self.group, 4)
        panel.body.addLayout(row)
        panel.body.addWidget(self.consent)
        line = QHBoxLayout()
        line.addWidget(self.begin)
        line.addStretch(1)
        panel.body.addLayout(line)
        panel.body.addSpacing(10)
        self.people.setAccessibleName("participants")
        self.people.setToolTip("Choose one to go on where they paused")
        people = QVBoxLayout()
        people.setSpacing(6)
        people.addWidget(self._people_caption)
        people.addWidget(self.people, 1)
        panel.body.addLayout(people, 1)
        panel.body.addStretch(0)
        return panel

    def _connect(self) -> None:
        self.studies.currentItemChanged.connect(lambda *_: self._on_study())
        self.people.itemClicked.connect(self._on_person)
        self.people.itemActivated.connect(self._on_person)
        self.code.textChanged.connect(lambda _text: self._show())
        self.code.returnPressed.connect(lambda: self._on_begin())
        self.consent.toggled.connect(lambda _on: self._show())
        self.begin.clicked.connect(lambda: self._on_begin())
        self.results.clicked.connect(lambda: self._on_results())
        self.make.clicked.connect(lambda: self._on_make())
        self.go_on.clicked.connect(lambda: self._on_go_on())
        self.open.clicked.connect(lambda: self._on_open())
        self.cancel.clicked.connect(self.child.stop)
        self.child.finished.connect(self._on_made)
        self.child.failed.connect(self._on_failed)
        self.child.stopped.connect(self._on_stopped)

    # Studies

    def refresh(self, wanted: Path | None = None) -> None:
        """Look at the folder anew; then choose a study, the one that is chosen already without a wish."""
        self._show()
        shelf, elsewhere = self._shelf, list(self._elsewhere)
        chosen = self.chosen
        self._wanted = wanted or (None if chosen is None else chosen.folder)
        self._background.start(
            lambda: [*scan(shelf), *(shelved(folder) for folder in elsewhere)],
            self._on_scanned,
            lambda error: self._notifier.fail(f"the studies cannot be listed ({error})"),
        )

    def _on_scanned(self, found: list[Shelved]) -> None:
        self.studies.blockSignals(True)
        self.studies.clear()
        row = 0
        for number, each in enumerate(found):
            item = QListWidgetItem(each.words)
            item.setData(ITEM, each)
            item.setToolTip(each.problem or str(each.folder))
            self.studies.addItem(item)
            if each.folder == self._wanted:
                row = number
        self.studies.blockSignals(False)
        self.studies.setVisible(bool(found))
        self._empty.setVisible(not found)
        if found:
            self.studies.setCurrentRow(row)
        self._on_study()

    @property
    def chosen(self) -> Shelved | None:
        """The study that is chosen in the list."""
        item = self.studies.currentItem()
        found: Shelved | None = None if item is None else item.data(ITEM)
        return found

    def _on_study(self) -> None:
        self.people.clear()
        chosen = self.chosen
        for sheet in () if chosen is None else chosen.sheets:
            state = "done" if sheet.finished else f"{len(sheet.answers)} of {len(sheet.trials)}"
            item = QListWidgetItem(f"{sheet.participant} · {sheet.group} · {state}")
            item.setData(ITEM, sheet)
            self.people.addItem(item)
        self._facts.setText("" if chosen is None else chosen.facts)
        self._show()

    def _show(self) -> None:
        chosen, making = self.chosen, self.child.running
        ready = chosen is not None and chosen.study is not None
        self.begin.setEnabled(ready and bool(self.code.text()) and self.consent.isChecked())
        self.begin.setToolTip("" if ready else "Choose or make a study first")
        self.results.setVisible(chosen is not None and any(sheet.answers for sheet in chosen.sheets))
        self.make.setVisible(not making)
        self.go_on.setVisible(not making and chosen is not None and chosen.unfinished)
        self.cancel.setVisible(making)
        people = bool(self.people.count())
        self.people.setVisible(people)
        self._people_caption.setVisible(people)

    def _on_open(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A study's folder", str(self._shelf))
        if folder:
            self.open_folder(Path(folder))

    def open_folder(self, folder: Path) -> None:
        """List a study that lies elsewhere, and choose it."""
        if folder.parent != self._shelf and folder not in self._elsewhere:
            self._elsewhere.append(folder)
        self.refresh(folder)

    def _on_results(self) -> None:
        if self.chosen is not None and self.chosen.study is not None:
            self.results_asked.emit(self.chosen.study)

    # Making one

    def _on_make(self) -> None:
        try:
            self._make(next_folder(self._shelf))
        except StudyError as error:
            self._notifier.fail(str(error))

    def _on_go_on(self) -> None:
        if self.chosen is not None:
            self._make(self.chosen.folder)

    def _make(self, folder: Path) -> None:
        instrument = self._controls.instrument
        if instrument is None:
            self._notifier.fail("a study is made of the model's music: wait until one is loaded")
            return
        try:
            asked = going_on(folder)
        except StudyError as error:
            self._notifier.fail(str(error))
            return
        self._wanted = folder
        self.child.start(["study", "new", str(folder), *asked, *instrument.words])
        self.progress.begin()
        self._show()

    def _on_made(self, result: dict[str, object]) -> None:
        self._notifier.tell(f"made a study of {result['clips']} clips", Kind.DONE)
        self.refresh(self._wanted)

    def _on_failed(self, words: str) -> None:
        self._notifier.fail(words)
        self.refresh(self._wanted)

    def _on_stopped(self) -> None:
        self._notifier.tell("stopped; what has been made so far is kept, and can be gone on with")
        self.refresh(self._wanted)

    # Taking part

    def _on_person(self, item: QListWidgetItem) -> None:
        sheet: Sheet = item.data(ITEM)
        self.code.setText(sheet.participant)
        self.group.show_choice(GROUPS.index(sheet.group))

    def _on_begin(self) -> None:
        if self.begin.isEnabled() and self.chosen is not None:
            self.begin_asked.emit(self.chosen.folder, self.code.text().strip(), GROUPS[self.group.choice])

    def clear_participant(self) -> None:
        """The next one fills it in anew, and consents anew."""
        self.code.clear()
        self.consent.setChecked(False)

    def end(self) -> None:
        """The window is closing."""
        self.child.close()
