"""The settings: sound, takes, looks. What is changed holds at once, and is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.takes.naming import clean_name, default_folder
from gui import theme
from gui.buttons import Segmented
from gui.panel import Panel, muted_label
from gui.settings import SCALES, TAKE_FORMATS, Settings

WIDTH_PX, HEIGHT_PX = 640, 720
BUFFERS_MS = (80, 120, 250, 500, 1000)
RETROS_S = (30, 60, 120, 300, 600)
DEFAULT_OUTPUT = "The system's default"
THEMES = tuple(theme.PALETTES)


class Preferences(QDialog):
    """Shows :class:`Settings`; ``changed`` gives what the player changes, by name; ``outputs_wanted`` asks what there is to
    play through, since a device that is plugged in is found by looking for it.

    Args:
        outputs: names of the devices that there are.
        sections: further panels, with signals of their own.
    """

    changed = Signal(dict)
    outputs_wanted = Signal()

    def __init__(
        self, parent: QWidget, settings: Settings, outputs: Sequence[str], sections: Sequence[QWidget] = ()
    ) -> None:
        super().__init__(parent)
        self._named = settings.take_name
        self.setWindowTitle("Settings")
        self.output, self.again = QComboBox(), QPushButton("Look again")
        self.again.setAutoDefault(False)
        self.again.setToolTip("Find devices that were plugged in meanwhile; the sound pauses for a moment")
        self.buffer = Segmented(
            "buffer",
            [f"{value} ms" for value in BUFFERS_MS],
            [f"{value} ms of sound kept ready" for value in BUFFERS_MS],
        )
        self.folder = QPushButton()
        self.folder.setAutoDefault(False)  # Enter in the name's field is for the name
        self.name = QLineEdit(settings.take_name)
        self.format = Segmented(
            "format of takes", ("WAV", "FLAC"), ("24 bits, read by everything", "24 bits, about half the size")
        )
        self.retro = Segmented(
            "kept ready",
            ["30 s", *(f"{value // 60} min" for value in RETROS_S[1:])],
            [f"The last {value} s can be kept" for value in RETROS_S],
        )
        self.theme = Segmented(
            "theme", [name.capitalize() for name in THEMES], [f"The {name} theme" for name in THEMES]
        )
        self.scale = Segmented(
            "scale", [f"{scale:.0%}" for scale in SCALES], ["From the next start on" for _ in SCALES]
        )
        self._show(settings, outputs)
        self._lay_out(sections)
        self.output.activated.connect(lambda place: self._tell(output=self.output.itemData(place)))
        self.again.clicked.connect(self.outputs_wanted)
        self.buffer.chosen.connect(lambda index: self._tell(buffer_ms=float(BUFFERS_MS[index])))
        self.folder.clicked.connect(self._browse_folder)
        self.name.editingFinished.connect(self._on_name)
        self.format.chosen.connect(lambda index: self._tell(take_format=TAKE_FORMATS[index]))
        self.retro.chosen.connect(lambda index: self._tell(retro_s=float(RETROS_S[index])))
        self.theme.chosen.connect(lambda index: self._tell(theme=THEMES[index]))
        self.scale.chosen.connect(lambda index: self._tell(scale=SCALES[index]))

    def _show(self, settings: Settings, outputs: Sequence[str]) -> None:
        self._outputs: tuple[str, ...] | None = None
        self.show_outputs(outputs, settings.output)
        self.buffer.show_choice(_nearest(BUFFERS_MS, settings.buffer_ms))
        self.retro.show_choice(_nearest(RETROS_S, settings.retro_s))
        self.format.show_choice(TAKE_FORMATS.index(settings.take_format))
        self.theme.show_choice(THEMES.index(settings.theme))
        self.scale.show_choice(_nearest(SCALES, settings.scale))
        self._show_folder(settings.takes_folder or str(default_folder()))

    def show_outputs(self, outputs: Sequence[str], chosen: str) -> None:
        """These are there now, and that one is wanted; "" for the system's default."""
        if self._outputs == tuple(outputs):
            return
        self._outputs = tuple(outputs)
        self.output.clear()
        self.output.addItem(DEFAULT_OUTPUT, "")
        for name in outputs:
            self.output.addItem(name, name)
        if chosen and chosen not in outputs:
            self.output.addItem(f"{chosen} (not there now)", chosen)
        self.output.setCurrentIndex(self.output.findData(chosen))

    def _lay_out(self, sections: Sequence[QWidget]) -> None:
        self.output.setAccessibleName("Output")
        output = QWidget()
        beside = QHBoxLayout(output)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.output, 1)
        beside.addWidget(self.again)
        output.setFocusProxy(self.output)
        sound = _section(
            "Sound",
            ("Output", output, ""),
            ("Buffer", self.buffer, "More survives longer stalls; less is nearer to the knob."),
        )
        takes = _section(
            "Takes",
            ("Folder", self.folder, ""),
            ("Name", self.name, "A number is put behind it: no take is ever overwritten."),
            ("Format", self.format, ""),
            ("Keep ready", self.retro, "How much of what was just played K makes a take of."),
        )
        looks = _section(
            "Looks", ("Theme", self.theme, ""), ("Scale", self.scale, "The scale changes from the next start on.")
        )
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, round(theme.px(8)), 0)
        column.setSpacing(round(theme.px(10)))
        for section in (sound, takes, looks, *sections):
            column.addWidget(section)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(muted_label("What you change holds at once."))
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        side = round(theme.px(18))
        layout.setContentsMargins(side, side, side, side)
        layout.addWidget(area, 1)
        layout.addLayout(foot)
        self.resize(theme.fitting(WIDTH_PX, HEIGHT_PX, self))

    def _tell(self, **choices: object) -> None:
        self.changed.emit(choices)

    def _browse_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder for takes", self.folder.text())
        if folder:
            self.choose_folder(Path(folder))

    def choose_folder(self, folder: Path) -> None:
        """Takes go there from now on."""
        self._show_folder(str(folder))
        self._tell(takes_folder=str(folder))

    def _show_folder(self, path: str) -> None:
        self.folder.setText(path)
        self.folder.setAccessibleName(f"Folder: {path}")

    def _on_name(self) -> None:
        name = clean_name(self.name.text())
        self.name.setText(name)
        if name != self._named:
            self._named = name
            self._tell(take_name=name)


def _section(caption: str, *rows: tuple[str, QWidget, str]) -> Panel:
    """A panel of settings: what it is, the control, and a word on it."""
    panel = Panel(caption)
    grid = QGridLayout()
    grid.setHorizontalSpacing(round(theme.px(16)))
    grid.setVerticalSpacing(round(theme.px(4)))
    grid.setColumnMinimumWidth(0, round(theme.px(96)))
    grid.setColumnStretch(1, 1)
    for row, (word, control, hint) in enumerate(rows):
        label = QLabel(word)
        label.setBuddy(control)
        if not control.accessibleName():
            control.setAccessibleName(word)
        grid.addWidget(label, 2 * row, 0)
        grid.addWidget(control, 2 * row, 1)
        if hint:
            words = muted_label(hint)
            words.setWordWrap(True)
            grid.addWidget(words, 2 * row + 1, 1)
    panel.body.addLayout(grid)
    return panel


def _nearest(choices: Sequence[float], value: float) -> int:
    """The place of the choice that a value, perhaps from a file, comes closest to."""
    return min(range(len(choices)), key=lambda place: abs(choices[place] - value))
