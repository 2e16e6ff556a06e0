"""The export's questions: what is asked is what is told, figures are held to their range, and the outcome is foretold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from invented_takes import make_take
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.takes.take import Take
from gui.takes.export_dialog import KINDS, OTHER, TARGETS_LUFS, UNLESS, ExportDialog
from gui.takes.export_job import ExportChoice


@pytest.fixture
def take(tmp_path: Path) -> Take:
    return make_take(tmp_path, 3, lufs=-20.0)  # its peak: −8 dBFS


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.mark.parametrize(
    "choice",
    [
        ExportChoice(),
        ExportChoice(".wav", 16, -14.0, -2.0),
        ExportChoice(".flac", 24, -23.0, 0.0),
        ExportChoice(".wav", 24, -18.5, -1.0),
    ],
)
def test_the_last_choice_comes_back(parent: QWidget, take: Take, choice: ExportChoice) -> None:
    assert ExportDialog(parent, take, choice).choice() == choice


def test_gestures_make_the_choice(qtbot: QtBot, parent: QWidget, take: Take) -> None:
    dialog = ExportDialog(parent, take, ExportChoice())
    dialog.show()
    for _ in range(KINDS.index((".flac", 24))):
        qtbot.keyClick(dialog.kind, Qt.Key.Key_Right)
    for _ in range(OTHER):
        assert not dialog.lufs.isEnabled()
        qtbot.keyClick(dialog.target, Qt.Key.Key_Right)
    dialog.lufs.clear()
    assert dialog.lufs.isEnabled()
    qtbot.keyClicks(dialog.lufs, "-17,5")
    dialog.peak.selectAll()
    qtbot.keyClicks(dialog.peak, "-3")
    with qtbot.waitSignal(dialog.chosen, timeout=30_000) as chosen:
        qtbot.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    assert chosen.args == [ExportChoice(".flac", 24, -17.5, -3.0)]
    assert not dialog.isVisible()


@pytest.mark.parametrize(("lufs", "peak"), [("", "-1"), ("3", "-1"), ("nan", "-1"), ("-16", "1"), ("-16", "loud")])
def test_figures_that_cannot_be_are_not_taken(parent: QWidget, take: Take, lufs: str, peak: str) -> None:
    dialog = ExportDialog(parent, take, ExportChoice(lufs=-18.5))
    dialog.lufs.setText(lufs)
    dialog.peak.setText(peak)
    dialog._follow()
    assert not dialog.export.isEnabled()
    assert dialog.choice() is None


def test_the_outcome_is_foretold(parent: QWidget, take: Take) -> None:
    def expectation(of: Take, choice: ExportChoice) -> str:
        return ExportDialog(parent, of, choice).preview.text()

    assert expectation(take, ExportChoice()) == "The level stays as it is."
    assert expectation(take, ExportChoice(peak_dbtp=-1.0)) == f"The level stays as it is{UNLESS}"
    assert expectation(take, ExportChoice(lufs=-16.0)) == f"The gain is +4.0 dB{UNLESS}"
    short = expectation(take, ExportChoice(lufs=TARGETS_LUFS[1], peak_dbtp=-3.0))
    assert "+5.0 dB of gain at most" in short
    assert "−15.0 LUFS" in short
    assert expectation(take, ExportChoice(peak_dbtp=-12.0)) == "The gain is −4.0 dB at most, for its peaks."
    silent = replace(take, measurement=take.measurement._replace(lufs=-np.inf, peak_dbfs=-np.inf))
    assert "too quiet" in expectation(silent, ExportChoice(lufs=-14.0))
    assert "stays as it is" in expectation(silent, ExportChoice())


def test_as_it_is_means_no_cap_and_a_loudness_has_one(qtbot: QtBot, parent: QWidget, take: Take) -> None:
    dialog = ExportDialog(parent, take, ExportChoice())
    assert (dialog.choice(), dialog.peak.text()) == (ExportChoice(), "")
    qtbot.keyClick(dialog.target, Qt.Key.Key_Right)
    assert dialog.choice() == ExportChoice(lufs=-14.0, peak_dbtp=-1.0)
    qtbot.keyClick(dialog.target, Qt.Key.Key_Left)
    assert dialog.choice() == ExportChoice()
    qtbot.keyClicks(dialog.peak, "-2")
    qtbot.keyClick(dialog.target, Qt.Key.Key_Right)
    assert dialog.choice() == ExportChoice(lufs=-14.0, peak_dbtp=-2.0), "what the player has asked for stays"


def test_a_take_without_loudness_has_no_loudness_to_export_to(parent: QWidget, take: Take) -> None:
    short = replace(take, measurement=take.measurement._replace(lufs=-np.inf))
    dialog = ExportDialog(parent, short, ExportChoice(lufs=-14.0))
    assert not dialog.export.isEnabled()
    assert "too quiet or too short" in dialog.preview.text()
    assert ExportDialog(parent, short, ExportChoice()).export.isEnabled()
