"""The takes panel over a real library: list, find, rename, star, notes, drag, bin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from invented_takes import ObedientEngine, make_take
from PySide6.QtCore import QFile, QStandardPaths, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.takes.library import Library
from engine.takes.pcm import Measurement
from engine.takes.take import save_take
from gui.background import Background
from gui.bridge import EngineBridge
from gui.takes.list_model import OUTLINE_ROLE, TAKE_ROLE
from gui.takes.panel import TakesPanel

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def names(panel: TakesPanel) -> list[str]:
    shown = panel.list.model()
    return [shown.index(row, 0).data() for row in range(shown.rowCount())]


def choose(panel: TakesPanel, row: int) -> None:
    panel.list.setCurrentIndex(panel.list.model().index(row, 0))


def test_newest_first_with_outlines(qtbot: QtBot, panel: TakesPanel) -> None:
    assert names(panel) == ["jam-2", "jam-1"]
    qtbot.waitUntil(lambda: panel.model.index(1).data(OUTLINE_ROLE) is not None, timeout=30_000)
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
    with qtbot.waitSignal(panel.failed, timeout=30_000) as failed:
        assert not shown.setData(shown.index(0, 0), "jam-1", Qt.ItemDataRole.EditRole)
    assert "already" in failed.args[0]


def test_the_star_is_clicked_and_kept(panel: TakesPanel, tmp_path: Path) -> None:
    at = panel.list.card(panel.list.model().index(0, 0)).star.center().toPoint()
    QTest.mouseClick(panel.list.viewport(), LEFT, PLAIN, at)
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
    with qtbot.waitSignal(panel.failed, timeout=30_000):
        panel.model.set_star(0, True)
    qtbot.waitUntil(lambda: names(panel) == ["jam-1"], timeout=30_000)


def test_an_empty_folder_says_how_to_begin_and_a_filter_that_nothing_fits_what_it_looks_at(
    qtbot: QtBot, panel: TakesPanel, bridge: EngineBridge, tmp_path: Path
) -> None:
    panel.search.setText("polka")
    assert "No take fits" in panel._empty.text()
    assert panel._empty.isVisible()
    assert panel.search.isVisible()
    background = Background()
    empty = TakesPanel(Library(tmp_path / "not there yet"), background, bridge)
    qtbot.addWidget(empty)
    empty.show()
    assert "R records" in empty._empty.text()
    assert empty._empty.isVisible()
    assert not empty.list.isVisible()
    background.close()


def test_a_take_without_probes_or_sound_level_can_be_drawn(panel: TakesPanel, tmp_path: Path) -> None:
    take = make_take(tmp_path, 4, dropouts=2)
    silent = replace(take, measurement=Measurement(take.samples, -np.inf, -np.inf, "0" * 64))
    panel.add(silent)
    index = panel.list.model().index(0, 0)
    assert index.data(TAKE_ROLE) == silent
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "jam-4, 0:04, silent, 2 dropouts heard"
    assert not panel.grab().isNull()
    tall, plain = (panel.list.visualRect(panel.list.model().index(row, 0)).height() for row in (0, 1))
    assert tall > plain, "what is remarkable has a line of its own"


def test_what_is_typed_survives_a_new_reading_of_the_folder(qtbot: QtBot, panel: TakesPanel, tmp_path: Path) -> None:
    choose(panel, 1)
    panel.notes.setPlainText("not yet written")
    make_take(tmp_path, 3)
    panel.model.refresh()
    qtbot.waitUntil(lambda: names(panel) == ["jam-3", "jam-2", "jam-1"], timeout=30_000)
    assert panel.list.currentIndex().data() == "jam-1"
    assert panel.notes.toPlainText() == "not yet written"
    panel.end()
    assert Library(tmp_path).find("jam-1").notes == "not yet written"


def test_a_take_finished_during_a_reading_is_listed_once(qtbot: QtBot, panel: TakesPanel, tmp_path: Path) -> None:
    panel.model.refresh()
    panel.add(make_take(tmp_path, 3))  # seen by the reading, or not
    panel.model._on_scanned(panel.model.library, Library(tmp_path).scan())
    assert names(panel) == ["jam-3", "jam-2", "jam-1"]
    panel.model.refresh()
    panel.add(late := make_take(tmp_path, 4))
    panel.model._on_scanned(panel.model.library, panel.model.library.scan()._replace(takes=()))
    assert names(panel) == ["jam-4"], "the reading had not seen it"
    assert late.path.exists()


def test_the_name_is_typed_in_place(qtbot: QtBot, panel: TakesPanel, tmp_path: Path) -> None:
    choose(panel, 0)
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_F2)
    (editor,) = panel.list.findChildren(QLineEdit)
    editor.setText("night: drive?")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(panel)[0] == "night drive", timeout=30_000)
    assert (tmp_path / "night drive.wav").exists()
    assert (tmp_path / "night drive.segue.json").exists()


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bin of our own, for an account that has none yet."""
    folder = tmp_path.parent / f"{tmp_path.name} data"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    if QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation) != str(folder):
        pytest.skip("the system's bin is the user's own here")
    return folder / "Trash" / "files"


def test_the_bin_holds_sound_and_score(panel: TakesPanel, tmp_path: Path, bin_folder: Path) -> None:
    choose(panel, 0)
    panel.notes.setPlainText("away with it")
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert names(panel) == ["jam-1"]
    assert sorted(path.name for path in bin_folder.iterdir()) == ["jam-2.segue.json", "jam-2.wav"]
    assert panel.list.currentIndex().data() == "jam-1"


def test_a_take_that_is_heard_falls_silent_before_it_goes(
    panel: TakesPanel, engine: ObedientEngine, bridge: EngineBridge, tmp_path: Path, bin_folder: Path
) -> None:
    index = panel.list.model().index(0, 0)
    panel.audition.play(index.data(TAKE_ROLE))
    bridge.poll()
    panel.throw_away(index)
    assert names(panel) == ["jam-2", "jam-1"], "the engine still holds the file"
    bridge.poll()
    assert names(panel) == ["jam-1"]
    assert panel.audition.heard is None
    assert engine.status.take is None


def test_a_bin_that_refuses_is_told_and_nothing_is_lost(
    qtbot: QtBot, panel: TakesPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFile, "moveToTrash", lambda _name: False)
    choose(panel, 0)
    panel.notes.setPlainText("not yet written")
    with qtbot.waitSignal(panel.failed, timeout=30_000) as failed:
        panel.throw_away(panel.list.model().index(0, 0))
    assert "delete it in" in failed.args[0]
    assert names(panel) == ["jam-2", "jam-1"]
    assert (tmp_path / "jam-2.wav").exists()
    panel.end()
    assert Library(tmp_path).find("jam-2").notes == "not yet written"


def test_a_folder_that_vanished_is_an_empty_list_and_comes_back(
    qtbot: QtBot, panel: TakesPanel, bridge: EngineBridge, tmp_path: Path
) -> None:
    choose(panel, 0)
    panel.audition.play(panel.list.currentIndex().data(TAKE_ROLE))
    away = tmp_path.with_name(f"{tmp_path.name} away")
    tmp_path.rename(away)
    panel.model.refresh()
    qtbot.waitUntil(lambda: names(panel) == [], timeout=30_000)
    assert panel.audition.heard is None
    panel.save_notes()
    away.rename(tmp_path)
    panel.model.refresh()
    qtbot.waitUntil(lambda: names(panel) == ["jam-2", "jam-1"], timeout=30_000)


def test_another_folder(qtbot: QtBot, panel: TakesPanel, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    take = make_take(other, 3)
    save_take(replace(take, notes="elsewhere"))
    panel.show_folder(other)
    qtbot.waitUntil(lambda: names(panel) == ["jam-3"], timeout=30_000)


def test_the_menu_offers_what_can_be_done(panel: TakesPanel) -> None:
    menu = panel.menu(panel.list.model().index(0, 0))
    words = [action.text().split("\t")[0] for action in menu.actions()]
    for offer in (
        "Play",
        "Rename",
        "Star",
        "Show in folder",
        "Export …",
        "Play again from its score",
        "Move to the bin",
    ):
        assert offer in words
    assert words[1:3] == ["Compare as A", "Compare as B"]
    menu.actions()[1].trigger()
    assert not panel.menu(panel.list.model().index(0, 0)).actions()[1].isEnabled()


def test_the_menu_acts_on_its_take_though_another_one_was_finished_meanwhile(
    panel: TakesPanel, tmp_path: Path, bin_folder: Path
) -> None:
    menu = panel.menu(panel.list.model().index(0, 0))
    offers = {action.text().split("\t")[0]: action for action in menu.actions()}
    panel.add(make_take(tmp_path, 3))
    offers["Star"].trigger()
    assert [Library(tmp_path).find(f"jam-{number}").star for number in (1, 2, 3)] == [False, True, False]
    renamed: list[str] = []
    panel.list.edit_begun.connect(lambda index: renamed.append(index.data()))
    offers["Rename"].trigger()
    assert renamed == ["jam-2"]
    offers["Move to the bin"].trigger()
    assert names(panel) == ["jam-3", "jam-1"]
