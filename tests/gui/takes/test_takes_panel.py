"""The takes panel over a real library: list, find, rename, star, notes, drag, bin."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from invented_takes import ObedientEngine, make_take
from PySide6.QtCore import QEvent, QFile, QStandardPaths, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.audio.outline import Outline
from engine.messages import TakeRecovered
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
    assert names(panel) == ["best of all", "jam-1"]
    with qtbot.waitSignal(panel.failed, timeout=30_000) as failed:
        shown.setData(shown.index(0, 0), "jam-1", Qt.ItemDataRole.EditRole)
        assert names(panel) == ["jam-1", "jam-1"], "what was typed is shown until the disk has refused it"
    assert "already" in failed.args[0]
    assert names(panel) == ["best of all", "jam-1"]
    assert (tmp_path / "best of all.wav").exists()


def test_the_star_is_clicked_and_kept(panel: TakesPanel, tmp_path: Path) -> None:
    at = panel.list.card(panel.list.model().index(0, 0)).star.center().toPoint()
    QTest.mouseClick(panel.list.viewport(), LEFT, PLAIN, at)
    panel.model.close()
    assert Library(tmp_path).find("jam-2").star
    panel.search.setText("*")
    assert names(panel) == ["jam-2"]


def test_notes_follow_the_take_and_survive_a_rename(panel: TakesPanel, tmp_path: Path) -> None:
    choose(panel, 0)
    panel.notes.setPlainText("the good one")
    panel.model.rename(0, "renamed")
    choose(panel, 1)
    assert panel.notes.toPlainText() == ""
    choose(panel, 0)
    assert panel.notes.toPlainText() == "the good one"
    panel.model.close()
    assert Library(tmp_path).find("renamed").notes == "the good one"


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
    assert index.data(TAKE_ROLE) == silent.heading
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


def test_a_reading_that_is_older_than_a_change_does_not_replace_the_list(
    qtbot: QtBot, panel: TakesPanel, tmp_path: Path, bin_folder: Path
) -> None:
    """Stars went out again, and what had been thrown away came back."""
    readings: list[int] = []
    old = panel.model.library.scan()

    def scan() -> object:
        readings.append(len(readings))
        return old if len(readings) == 1 else Library(tmp_path).scan()

    panel.model.library.scan = scan  # type: ignore[method-assign, assignment]
    panel.model.refresh()
    panel.add(make_take(tmp_path, 3))
    panel.model.set_star(1, True)
    panel.model.throw_away(2)
    shown: list[list[str]] = []
    panel.model.modelReset.connect(lambda: shown.append(names(panel)))
    qtbot.waitUntil(lambda: len(readings) == 2 and not panel.model._scanning, timeout=30_000)
    assert names(panel) == ["jam-3", "jam-2"]
    assert panel.model.take(1).star
    assert shown == [], "nothing differed in the end"


def test_an_outline_is_read_when_its_row_is_first_painted(
    qtbot: QtBot, bridge: EngineBridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def outline(path: Path, _columns: int) -> Outline:
        read.append(path.stem)
        return Outline(np.zeros((1, 2), np.float32), 1.0)

    monkeypatch.setattr("gui.takes.outlines.read_outline", outline)
    template = make_take(tmp_path, 1)
    for number in range(2, 31):
        take = replace(template, path=tmp_path / f"jam-{number}.wav", created=f"2026-02-{number:02}")
        take.path.hardlink_to(template.path)
        save_take(take)
    background = Background()
    panel = TakesPanel(Library(tmp_path), background, bridge)
    qtbot.addWidget(panel)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 30, timeout=30_000)
    assert read == []
    panel.resize(290, 620)
    panel.show()
    qtbot.waitUntil(lambda: "jam-30" in read, timeout=30_000)
    qtbot.wait(50)
    assert 3 <= len(read) < 12
    panel.end()
    background.close()


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


def typed(qtbot: QtBot, panel: TakesPanel, row: int, text: str) -> None:
    """Into the notes of a take, by hand."""
    choose(panel, row)
    panel.activateWindow()
    panel.notes.setFocus()
    qtbot.keyClicks(panel.notes, text)


def test_notes_stay_with_the_take_they_were_begun_on_when_another_one_arrives(
    qtbot: QtBot, panel: TakesPanel, tmp_path: Path
) -> None:
    typed(qtbot, panel, 1, "the ")
    panel.add(make_take(tmp_path, 3))
    assert panel.list.currentIndex().data() == "jam-1"
    qtbot.keyClicks(panel.notes, "bridge")
    panel.list.setFocus()
    panel.model.close()
    assert [Library(tmp_path).find(f"jam-{n}").notes for n in (1, 2, 3)] == ["the bridge", "", ""]


def test_notes_stay_with_their_take_when_the_filter_drops_its_row(
    qtbot: QtBot, panel: TakesPanel, tmp_path: Path
) -> None:
    panel.model.set_notes(1, "x")
    panel.search.setText("x")
    choose(panel, 0)
    panel.search.setText("")
    panel.model.set_notes(0, "keep")
    panel.search.setText("jam keep")
    assert names(panel) == ["jam-2"]
    choose(panel, 0)
    panel.notes.setFocus()
    panel.notes.selectAll()
    qtbot.keyClicks(panel.notes, "gone")
    panel.search.setText("jam x")
    panel.notes.save()  # the pause is over: the take fits the words no more
    assert names(panel) == ["jam-1"]
    qtbot.keyClicks(panel.notes, " on")
    panel.search.setFocus()
    assert panel.notes.toPlainText() == ("x" if panel.list.currentIndex().isValid() else "")
    panel.model.close()
    assert [Library(tmp_path).find(f"jam-{n}").notes for n in (1, 2)] == ["x", "gone on"]


def test_a_name_that_is_being_typed_is_not_disturbed(qtbot: QtBot, panel: TakesPanel, tmp_path: Path) -> None:
    choose(panel, 1)
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_F2)
    (editor,) = panel.list.findChildren(QLineEdit)
    editor.setText("opener")
    panel.add(make_take(tmp_path, 3))
    assert panel.list.currentIndex().data() == "jam-1"
    for path in tmp_path.glob("jam-2*"):
        path.unlink()
    with qtbot.waitSignal(panel.model.dataChanged, timeout=2000, raising=False):
        panel.model.refresh()
        qtbot.wait(100)
        assert editor.isVisible()
        QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(panel) == ["jam-3", "opener"], timeout=30_000)
    panel.model.close()
    assert Library(tmp_path).find("opener").seconds == 1.0


def test_what_was_typed_just_before_is_in_the_bin_too(
    qtbot: QtBot, panel: TakesPanel, tmp_path: Path, bin_folder: Path
) -> None:
    typed(qtbot, panel, 0, "last words")
    with qtbot.waitSignal(panel.told, timeout=30_000):
        panel.throw_away(panel.list.currentIndex())
    assert json.loads((bin_folder / "jam-2.segue.json").read_text(encoding="utf-8"))["notes"] == "last words"
    assert panel.notes.toPlainText() == ""
    qtbot.keyClicks(panel.notes, "other")
    panel.list.setFocus()
    panel.model.close()
    assert Library(tmp_path).find("jam-1").notes == "other"


def test_keys_that_are_held_down_act_once(panel: TakesPanel) -> None:
    choose(panel, 0)
    asked: list[str] = []
    for signal in ("bin_asked", "play_asked", "marked", "switch_asked"):
        getattr(panel.list, signal).connect(lambda *_, signal=signal: asked.append(signal))
    panel.list.bin_asked.disconnect(panel.throw_away)
    for key, text in ((Qt.Key.Key_Delete, ""), (Qt.Key.Key_Return, ""), (Qt.Key.Key_A, "a"), (Qt.Key.Key_X, "x")):
        for repeats in (False, True, True):
            press = QKeyEvent(QEvent.Type.KeyPress, key, PLAIN, text, repeats)
            panel.list.keyPressEvent(press)
    assert asked == ["bin_asked", "play_asked", "marked", "switch_asked"]


def test_takes_of_another_folder_are_not_listed(qtbot: QtBot, panel: TakesPanel, tmp_path: Path) -> None:
    """A recording that ends, or a replay, after the folder was changed."""
    other = tmp_path / "other"
    other.mkdir()
    panel.show_folder(other)
    assert names(panel) == [], "the old rows go at once"
    panel.add(make_take(tmp_path, 3))
    qtbot.waitUntil(lambda: not panel.model._scanning, timeout=30_000)
    assert names(panel) == []


def test_a_recovered_take_appears(qtbot: QtBot, panel: TakesPanel, bridge: EngineBridge, tmp_path: Path) -> None:
    take = make_take(tmp_path, 3)
    with qtbot.waitSignals([bridge.take_recovered, bridge.noticed], timeout=30_000):
        bridge._engine.events = lambda: [TakeRecovered(take, "recovered jam-3.wav")]  # type: ignore[method-assign]
        bridge.poll()
    qtbot.waitUntil(lambda: names(panel) == ["jam-3", "jam-2", "jam-1"], timeout=30_000)


def test_the_disk_is_not_waited_for_and_a_refusal_is_undone(
    qtbot: QtBot, panel: TakesPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, threads = threading.Event(), set[int]()

    def full(*_: object) -> None:
        threads.add(threading.get_ident())
        may_go_on.wait(10)
        raise OSError("disk full")

    monkeypatch.setattr("engine.replacing.os.replace", full)
    panel.model.set_star(0, True)
    assert panel.model.take(0).star
    with qtbot.waitSignal(panel.failed, timeout=30_000) as failed:
        may_go_on.set()
    assert "disk full" in failed.args[0]
    assert not panel.model.take(0).star
    assert threading.get_ident() not in threads


def test_all_genres_and_the_pair_are_told_in_words(panel: TakesPanel) -> None:
    index = panel.list.model().index(1, 0)
    panel.audition.mark("B", index.data(TAKE_ROLE))
    words = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert words.startswith("jam-1, compared as B, 0:01, ")
    assert "jazz 70%, rock 30%" in words
    assert "jazz 70%, rock 30%" in index.data(Qt.ItemDataRole.ToolTipRole)
    panel.audition.unmark()
    assert "compared" not in index.data(Qt.ItemDataRole.AccessibleTextRole)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bin of our own, for an account that has none yet."""
    folder = tmp_path.parent / f"{tmp_path.name} data"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    if QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation) != str(folder):
        pytest.skip("the system's bin is the user's own here")
    return folder / "Trash" / "files"


def test_the_bin_holds_sound_and_score(qtbot: QtBot, panel: TakesPanel, tmp_path: Path, bin_folder: Path) -> None:
    choose(panel, 0)
    panel.notes.setPlainText("away with it")
    panel.list.setFocus()
    with qtbot.waitSignal(panel.told, timeout=30_000):
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
    qtbot.waitUntil(lambda: names(panel) == ["jam-2", "jam-1"], timeout=30_000)
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
    qtbot: QtBot, panel: TakesPanel, tmp_path: Path, bin_folder: Path
) -> None:
    menu = panel.menu(panel.list.model().index(0, 0))
    offers = {action.text().split("\t")[0]: action for action in menu.actions()}
    panel.add(make_take(tmp_path, 3))
    offers["Star"].trigger()
    qtbot.waitUntil(lambda: not panel.model._unwritten, timeout=30_000)
    assert [Library(tmp_path).find(f"jam-{number}").star for number in (1, 2, 3)] == [False, True, False]
    renamed: list[str] = []
    panel.list.edit_begun.connect(lambda index: renamed.append(index.data()))
    offers["Rename"].trigger()
    assert renamed == ["jam-2"]
    offers["Move to the bin"].trigger()
    assert names(panel) == ["jam-3", "jam-1"]
