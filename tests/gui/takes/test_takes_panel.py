"""The takes panel over a real library: list, find, rename, star, notes, drag, bin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from engine.takes.library import Library
from engine.takes.pcm import Measurement
from engine.takes.score import Origin, Score
from engine.takes.take import Take, save_take
from gui.background import Background
from gui.takes.list_model import OUTLINE_ROLE, TAKE_ROLE
from gui.takes.panel import TakesPanel

RATE_HZ = 8000
ORIGIN = Origin("Segue", "toy", "0" * 64, "CC0-1.0", "", "", "cpu", "fp32", 1, RATE_HZ, 1, 4, 160)


def make_take(folder: Path, number: int, heard: dict[str, float]) -> Take:
    samples = 0.4 * np.sin(np.arange(number * RATE_HZ) * 0.2)
    path = folder / f"jam-{number}.wav"
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_24")
    score = Score(ORIGIN, {}, (), (), 0, 50 * number, 0, "0" * 64)
    measurement = Measurement(len(samples), -8.0, -14.0, "0" * 64)
    take = Take(path, path.stem, f"2026-01-0{number}T12:00:00", RATE_HZ, 1, measurement, score, heard)
    save_take(take)
    return take


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path) -> Iterator[TakesPanel]:
    make_take(tmp_path, 1, {"jazz": 0.7, "rock": 0.3})
    make_take(tmp_path, 2, {"jazz": 0.1, "rock": 0.9})
    background = Background()
    panel = TakesPanel(Library(tmp_path), background)
    qtbot.addWidget(panel)
    panel.resize(290, 500)
    panel.show()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2, timeout=5000)
    yield panel
    background.close()


def names(panel: TakesPanel) -> list[str]:
    shown = panel.list.model()
    return [shown.index(row, 0).data() for row in range(shown.rowCount())]


def choose(panel: TakesPanel, row: int) -> None:
    panel.list.setCurrentIndex(panel.list.model().index(row, 0))


def test_newest_first_with_outlines(qtbot: QtBot, panel: TakesPanel) -> None:
    assert names(panel) == ["jam-2", "jam-1"]
    qtbot.waitUntil(lambda: panel.model.index(1).data(OUTLINE_ROLE) is not None, timeout=5000)
    assert panel.model.index(1).data(OUTLINE_ROLE).extremes.max() == pytest.approx(0.4, abs=0.01)
    assert not panel.grab().isNull()


def test_a_finished_take_is_listed_at_once(panel: TakesPanel, tmp_path: Path) -> None:
    take = make_take(tmp_path, 3, {})
    panel.add(take)
    assert names(panel) == ["jam-3", "jam-2", "jam-1"]
    assert panel.list.currentIndex().data() == "jam-3"
    panel.model.refresh()


@pytest.mark.parametrize(
    ("text", "found"), [("rock", ["jam-2"]), ("JAM 1", ["jam-1"]), ("*", []), ("", ["jam-2", "jam-1"])]
)
def test_find(panel: TakesPanel, text: str, found: list[str]) -> None:
    panel.search.setText(text)
    assert names(panel) == found


def test_rename_keeps_the_row_and_refuses_a_name_in_use(qtbot: QtBot, panel: TakesPanel, tmp_path: Path) -> None:
    shown = panel.list.model()
    assert shown.setData(shown.index(0, 0), "best of all", Qt.ItemDataRole.EditRole)
    assert (tmp_path / "best of all.wav").exists()
    with qtbot.waitSignal(panel.failed, timeout=1000) as failed:
        assert not shown.setData(shown.index(0, 0), "jam-1", Qt.ItemDataRole.EditRole)
    assert "already" in failed.args[0]


def test_the_star_is_clicked_and_kept(panel: TakesPanel, tmp_path: Path) -> None:
    index = panel.list.model().index(0, 0)
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, 260, 92)
    delegate = panel.list.itemDelegate()
    at = delegate._star_box(option).center()  # type: ignore[attr-defined]
    kind, button = QEvent.Type.MouseButtonRelease, Qt.MouseButton.LeftButton
    click = QMouseEvent(kind, QPointF(at), QPointF(at), button, button, Qt.KeyboardModifier.NoModifier)
    delegate.editorEvent(click, panel.list.model(), option, index)
    assert Library(tmp_path).find("jam-2").star
    panel.search.setText("*")
    assert names(panel) == ["jam-2"]


def test_notes_follow_the_take_and_survive_a_rename(panel: TakesPanel, tmp_path: Path) -> None:
    choose(panel, 0)
    panel.notes.setPlainText("the good one")
    panel.model.rename(0, "renamed")
    choose(panel, 1)
    assert panel.notes.toPlainText() == ""
    assert Library(tmp_path).find("renamed").notes == "the good one"
    choose(panel, 0)
    assert panel.notes.toPlainText() == "the good one"


def test_a_take_is_dragged_out_as_its_file(panel: TakesPanel, tmp_path: Path) -> None:
    shown = panel.list.model()
    data = shown.mimeData([shown.index(1, 0)])
    assert [Path(url.toLocalFile()) for url in data.urls()] == [tmp_path / "jam-1.wav"]
    assert shown.flags(shown.index(0, 0)) & Qt.ItemFlag.ItemIsDragEnabled


def test_a_take_that_vanished_is_told_and_leaves_the_list(qtbot: QtBot, panel: TakesPanel, tmp_path: Path) -> None:
    for path in tmp_path.glob("jam-2*"):
        path.unlink()
    with qtbot.waitSignal(panel.failed, timeout=1000):
        panel.model.set_star(0, True)
    qtbot.waitUntil(lambda: names(panel) == ["jam-1"], timeout=5000)


def test_an_empty_folder_says_how_to_begin(qtbot: QtBot, tmp_path: Path) -> None:
    background = Background()
    panel = TakesPanel(Library(tmp_path / "not there yet"), background)
    qtbot.addWidget(panel)
    panel.show()
    assert panel._empty.isVisible()
    assert not panel.list.isVisible()
    background.close()


def test_a_take_without_probes_or_sound_level_can_be_drawn(panel: TakesPanel, tmp_path: Path) -> None:
    take = make_take(tmp_path, 4, {})
    silent = replace(take, measurement=Measurement(take.samples, -np.inf, -np.inf, "0" * 64))
    panel.add(silent)
    assert panel.model.index(0).data(TAKE_ROLE) == silent
    assert not panel.grab().isNull()
