"""What file a take becomes, and how loud: asked before the file's place is."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from engine.takes.export import LOUDEST_LUFS, LOWEST_PEAK_DBTP, PEAK_DBTP, QUIETEST_LUFS
from engine.takes.take import Heading
from gui import theme
from gui.buttons import Segmented
from gui.panel import muted_label
from gui.takes.export_job import ExportChoice
from gui.takes.words import levels_text

KINDS = ((".wav", 24), (".wav", 16), (".flac", 24))
TARGETS_LUFS = (None, -14.0, -16.0, -23.0)
OTHER = len(TARGETS_LUFS)
OTHER_LUFS = -18.0
UNLESS = ", unless peaks between its samples ask for less."


class ExportDialog(QDialog):
    """Tells ``chosen`` once, with an :class:`ExportChoice`; beginning with the last one."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, take: Heading, last: ExportChoice) -> None:
        super().__init__(parent)
        self._take = take
        self.setWindowTitle(f"Export {take.path.stem}")
        self.kind = Segmented(
            "file",
            ("WAV 24-bit", "WAV 16-bit", "FLAC"),
            ("The take's own samples", "Dithered, for what reads no more", "24 bits, half the size, nothing lost"),
        )
        self.target = Segmented(
            "loudness",
            ("As it is", "−14", "−16", "−23", "Other"),
            (
                "No change",
                "−14 LUFS: most streaming services",
                "−16 LUFS: podcasts and some services",
                "−23 LUFS: broadcast, EBU R 128",
                "A loudness of your own",
            ),
        )
        self.lufs = _field("loudness in LUFS")
        self.peak = _field("highest true peak in dBTP")
        self.preview = muted_label()
        self.preview.setWordWrap(True)
        self.preview.setMinimumHeight(round(theme.px(48)))
        self.export = QPushButton("Choose a place …")
        self._lay_out()
        self.kind.show_choice(KINDS.index((last.suffix, last.bits)))
        self.target.show_choice(TARGETS_LUFS.index(last.lufs) if last.lufs in TARGETS_LUFS else OTHER)
        self.lufs.setText(_figure(last.lufs if self.target.choice == OTHER else OTHER_LUFS))
        self.peak.setText(_figure(last.peak_dbtp))
        self._peak_is_ours = last.peak_dbtp is None  # until the player asks for another
        self.kind.chosen.connect(self._follow)
        self.target.chosen.connect(self._on_target)
        self.lufs.textEdited.connect(self._follow)
        self.peak.textEdited.connect(self._on_peak)
        self.export.clicked.connect(self._on_export)
        self._on_target()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        side = round(theme.px(20))
        layout.setContentsMargins(side, side, side, side)
        layout.setSpacing(round(theme.px(14)))
        title = QLabel(f"{self._take.path.stem}: {levels_text(self._take)}")
        title.setProperty("role", "title")
        layout.addWidget(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(round(theme.px(14)))
        grid.setVerticalSpacing(round(theme.px(10)))
        grid.setColumnStretch(1, 1)
        for row, (word, widget, field, unit) in enumerate(
            (
                ("File", self.kind, None, ""),
                ("Loudness", self.target, self.lufs, "LUFS"),
                ("True peak", muted_label("never above"), self.peak, "dBTP"),
            )
        ):
            grid.addWidget(QLabel(word), row, 0)
            grid.addWidget(widget, row, 1)
            if field is not None:
                grid.addWidget(field, row, 2)
                grid.addWidget(muted_label(unit), row, 3)
        layout.addLayout(grid)
        layout.addWidget(self.preview)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.export.setDefault(True)
        buttons.addWidget(cancel)
        buttons.addWidget(self.export)
        layout.addLayout(buttons)
        self.setMinimumWidth(round(theme.px(520)))

    # What is asked

    def choice(self) -> ExportChoice | None:
        """As it stands; None while a figure is missing or out of range."""
        suffix, bits = KINDS[self.kind.choice]
        lufs = TARGETS_LUFS[self.target.choice] if self.target.choice != OTHER else self._number(self.lufs)
        peak = self._number(self.peak) if self.peak.text().strip() else None
        if self.target.choice == OTHER and (lufs is None or not QUIETEST_LUFS < lufs <= LOUDEST_LUFS):
            return None
        if self.peak.text().strip() and (peak is None or not LOWEST_PEAK_DBTP <= peak <= 0.0):
            return None
        return ExportChoice(suffix, bits, lufs, peak)

    @staticmethod
    def _number(field: QLineEdit) -> float | None:
        try:
            number = float(field.text().replace("−", "-").replace(",", "."))
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    def _on_target(self) -> None:
        self.lufs.setEnabled(self.target.choice == OTHER)
        if self.target.choice != OTHER and (fixed := TARGETS_LUFS[self.target.choice]) is not None:
            self.lufs.setText(_figure(fixed))
        as_it_is = self.target.choice == TARGETS_LUFS.index(None)
        self.peak.setPlaceholderText("any" if as_it_is else _figure(PEAK_DBTP))
        if self._peak_is_ours:
            self.peak.setText("" if as_it_is else _figure(PEAK_DBTP))
        self._follow()

    def _on_peak(self) -> None:
        self._peak_is_ours = False
        self._follow()

    def _follow(self) -> None:
        choice = self.choice()
        self.export.setEnabled(choice is not None and (choice.lufs is None or math.isfinite(self._take.lufs)))
        self.preview.setText("Figures below zero, please." if choice is None else self._expectation(choice))

    def _expectation(self, choice: ExportChoice) -> str:
        """What the export will do, as far as it can be known before the peaks between the samples are."""
        take = self._take
        if choice.lufs is None and choice.peak_dbtp is None:
            return "The level stays as it is."
        room = (PEAK_DBTP if choice.peak_dbtp is None else choice.peak_dbtp) - take.peak_dbfs
        if choice.lufs is None:
            if room < 0.0:
                return f"The gain is {_db(room)} at most, for its peaks."
            return f"The level stays as it is{UNLESS}"
        if not math.isfinite(take.lufs):
            return "It is too quiet or too short for its loudness to be measured: choose “As it is”."
        gain = choice.lufs - take.lufs
        if gain > room:
            return (
                f"Its peaks leave {_db(room)} of gain at most, {_db(gain)} would be needed: it will come out at about "
                f"{take.lufs + room:.1f} LUFS. Nothing is limited or compressed.".replace("-", "−")
            )
        return f"The gain is {_db(gain)}{UNLESS}"

    def _on_export(self) -> None:
        choice = self.choice()
        if choice is not None:
            self.accept()
            self.chosen.emit(choice)


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    field.setFixedWidth(round(theme.px(72)))
    return field


def _figure(number: float | None) -> str:
    return "" if number is None else f"{number:g}".replace("-", "−")


def _db(number: float) -> str:
    return f"{number:+.1f} dB".replace("-", "−")
