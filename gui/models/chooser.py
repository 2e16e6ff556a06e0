"""The chooser: which model plays, and with which pack of knobs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.messages import ModelLoaded
from engine.model import catalogue
from engine.model.catalogue import Entry, Machine
from gui import theme
from gui.background import Background
from gui.models import words
from gui.models.row import ModelRow
from gui.models.speeds import Speeds
from gui.models.work import Work
from gui.panel import muted_label

WIDTH_PX, HEIGHT_PX = 780, 660
LOOKING = "Looking at what is here …"


class ModelChooser(QDialog):
    """Lists the models. ``chosen`` gives the one to load, ``pack_chosen`` the pack to steer with (None: the model's own).

    Args:
        folders: of models that were opened before.
    """

    chosen = Signal(str)
    pack_chosen = Signal(object)

    def __init__(self, parent: QWidget, background: Background, speeds: Speeds, folders: tuple[str, ...]) -> None:
        super().__init__(parent)
        self._background, self._speeds, self._folders = background, speeds, folders
        self._playing = self._loading = ""
        self.work = Work(self)
        self.rows: list[ModelRow] = []
        self.setWindowTitle("Models")
        self._machine_line = muted_label(LOOKING)
        self._pack_line = muted_label()
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._area = QScrollArea()
        self.own_pack = QPushButton("Use the model's own")
        self._lay_out()
        self.work.downloaded.connect(lambda _model: self.look())
        self.work.measured.connect(self._on_measured)

    def _lay_out(self) -> None:
        side = round(theme.px(18))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(side, side, side, side)
        layout.setSpacing(round(theme.px(12)))
        title = QLabel("Models")
        title.setProperty("role", "title")
        layout.addWidget(title)
        self._machine_line.setWordWrap(True)
        self._machine_line.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )  # it may hold a command
        layout.addWidget(self._machine_line)
        self._column.setContentsMargins(0, 0, side // 2, 0)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        self._area.setWidget(self._list)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout.addWidget(self._area, 1)
        pack = QHBoxLayout()
        pack.addWidget(self._pack_line, 1)
        open_pack = QPushButton("Open a pack …")
        for button in (self.own_pack, open_pack):
            pack.addWidget(button)
        layout.addLayout(pack)
        foot = QHBoxLayout()
        folder, close = QPushButton("Open a model's folder …"), QPushButton("Close")
        close.setFocus()
        foot.addWidget(folder)
        foot.addStretch(1)
        foot.addWidget(close)
        layout.addLayout(foot)
        for button in (self.own_pack, open_pack, folder, close):
            button.setAutoDefault(False)
        self.own_pack.clicked.connect(lambda: self.pack_chosen.emit(None))
        open_pack.clicked.connect(self._browse_pack)
        folder.clicked.connect(self._browse_folder)
        close.clicked.connect(self.accept)

    # What there is

    def look(self) -> None:
        """Look at this machine, beside the window."""
        folders = self._folders

        def work() -> tuple[Machine, tuple[Entry, ...]]:
            machine = catalogue.this_machine()
            return machine, catalogue.survey(folders, machine)

        self._background.start(work, lambda found: self._show(*found), self._on_failure)

    def _show(self, machine: Machine, entries: tuple[Entry, ...]) -> None:
        self._machine_line.setText(words.machine(machine))
        if [row.entry.name for row in self.rows] == [entry.name for entry in entries]:
            for row, entry in zip(self.rows, entries, strict=True):  # the keyboard stays where it is
                row.show_entry(entry, machine)
            return
        for row in self.rows:
            self._column.removeWidget(row)
            row.deleteLater()
        self.rows = [ModelRow(entry, machine, self.work) for entry in entries]
        before = self.own_pack.previousInFocusChain() or self
        for place, row in enumerate(self.rows):
            row.show_use(self._playing, self._loading)
            row.chosen.connect(self.chosen)
            self._column.insertWidget(place, row)
            for button in row.buttons:
                QWidget.setTabOrder(before, button)
                before = button
        QWidget.setTabOrder(before, self.own_pack)
        self._show_speeds()

    def _show_speeds(self) -> None:
        for row in self.rows:
            row.show_speed(self._speeds.measured(row.entry.name))

    def _on_failure(self, error: Exception) -> None:
        self._machine_line.setText(f"What is here cannot be told ({error})")

    def _on_measured(self, model: str, factor: float) -> None:
        self._speeds.note(model, factor)
        self._show_speeds()

    # What plays

    def show_use(self, playing: str, loading: str) -> None:
        """Which model plays, and which is on its way ("" for none)."""
        self._playing, self._loading = playing, loading
        for row in self.rows:
            row.show_use(playing, loading)

    def show_pack(self, instrument: ModelLoaded, asked: Path | None) -> None:
        """What it is steered with; ``asked``, if not its own, is what it should be, which may be out of reach."""
        if instrument.pack is not None:
            what = f"Knobs from {instrument.pack.name}"
        elif instrument.genres:
            what = f"Knobs from the pack that came with {words.title(instrument.name)}"
        else:
            what = f"{words.title(instrument.name)} came without knobs: make some on the Lab page, or open a pack"
        self._pack_line.setText(f"{what}: {', '.join(instrument.genres)}" if instrument.genres else what)
        self.own_pack.setVisible(asked is not None)

    def show_folders(self, folders: tuple[str, ...]) -> None:
        """Models opened before."""
        self._folders = folders

    # What the player does

    def open(self) -> None:
        """Show it, over the window, with what is here now."""
        self.look()
        self._show_speeds()
        self.resize(theme.fitting(WIDTH_PX, HEIGHT_PX, self))
        super().open()

    def _browse_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A MusicGen in Hugging Face's layout")
        if folder:
            self.chosen.emit(folder)

    def _browse_pack(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, "A pack of knobs", filter="Packs (*.safetensors)")
        if file:
            self.pack_chosen.emit(Path(file))
