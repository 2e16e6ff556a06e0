"""From the first click to the table: with the real engine, real files and the real command that counts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

from engine.engine import Engine
from engine.status import State
from engine.study.begun import UNFINISHED
from engine.study.plan import Study
from engine.study.sheet import Answer, Group, Sheet, open_sheet
from gui import theme
from gui.background import Background
from gui.bridge import EngineBridge
from gui.control_model import ControlModel
from gui.notify import Message, Notifier
from gui.study import clip_player
from gui.study.page import StudyPage
from gui.study.result_rows import Heading, Row, rows_of
from gui.study.results_view import ResultsChart
from gui.study.shelf import going_on, scan, seed_of, shelved

LONG_MS = 60_000


@pytest.fixture
def messages() -> list[Message]:
    return []


@pytest.fixture
def page(
    qtbot: QtBot, shelf: Path, tmp_path: Path, tiny_spectral: Path, controls: ControlModel, messages: list[Message]
) -> Iterator[StudyPage]:
    bridge, background, notifier = EngineBridge(Engine(tmp_path / "takes"), controls), Background(), Notifier()
    notifier.told.connect(messages.append)
    bridge.load(str(tiny_spectral))
    page = StudyPage(bridge, controls, background, notifier, shelf)
    page._bridge = bridge  # type: ignore[attr-defined]
    qtbot.addWidget(page)
    page.resize(1200, 640)
    page.show()
    qtbot.waitUntil(lambda: page.start.studies.count() == 2, timeout=30_000)
    page.start.refresh(shelf / "study-12")
    qtbot.waitUntil(lambda: page.start.chosen is not None and page.start.chosen.study is not None, timeout=30_000)
    yield page
    page.close()
    bridge.close()
    background.close()


def take_part(page: StudyPage, code: str, group: Group = Group.MUSICIAN) -> None:
    page.start.code.setText(code)
    page.start.group.show_choice(list(Group).index(group))
    page.start.consent.setChecked(True)
    QTest.mouseClick(page.start.begin, Qt.MouseButton.LeftButton)


def test_from_the_first_trial_to_the_table(
    qtbot: QtBot, page: StudyPage, study: Study, messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip_player, "is_audible", lambda _status: True)  # tests have no sound card
    bridge = page._bridge  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bridge.status.state is State.IDLE, timeout=LONG_MS)
    take_part(page, "P01")
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.trials, timeout=30_000)
    player = page.trials.player
    for number in range(3):
        for side in player.sides:
            player.play(side)
            qtbot.waitUntil(lambda side=side: player.heard(side) and not player.side, timeout=LONG_MS)
        if number == 1:  # go away and come back
            QTest.keyClick(page.trials, Qt.Key.Key_Escape)
            assert page.stack.currentWidget() is page.start
            take_part(page, "p01")
            qtbot.waitUntil(lambda: page.stack.currentWidget() is page.trials, timeout=30_000)
            assert page.trials.steps.words == "2 of 3"
            assert not player.all_heard
            for side in player.sides:
                player.play(side)
                qtbot.waitUntil(lambda side=side: player.heard(side), timeout=LONG_MS)
        QTest.keyClick(page.trials, Qt.Key.Key_2)
        QTest.keyClick(page.trials, Qt.Key.Key_Return)
        done = number + 1
        qtbot.waitUntil(lambda done=done: len(Sheet.load(study.answers / "P01.json").answers) == done, timeout=30_000)
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.thanks, timeout=30_000)
    assert "Thank you, P01" in page.thanks.headline.text()
    assert not page.results.child.running, "the next one may be in the room"
    QTest.mouseClick(page.thanks.results, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.results, timeout=30_000)
    qtbot.waitUntil(lambda: bool(page.results.chart.accessibleDescription()), timeout=LONG_MS)
    assert "jazz → rock: 1.000, 1 of 1" in page.results.chart.accessibleDescription()
    assert not [message for message in messages if message.kind.value == "failure"]
    QTest.mouseClick(page.results.back, Qt.MouseButton.LeftButton)
    assert page.start.code.text() == ""
    assert not page.start.consent.isChecked(), "the next one consents anew"


def test_nobody_begins_without_code_and_consent(page: StudyPage) -> None:
    start = page.start
    assert not start.begin.isEnabled()
    start.code.setText("P01")
    assert not start.begin.isEnabled()
    start.consent.setChecked(True)
    assert start.begin.isEnabled()
    start.studies.setCurrentRow(1 - start.studies.currentRow())  # the unfinished one
    assert not start.begin.isEnabled()
    assert start.go_on.isVisibleTo(page)


def test_refusals_are_told_and_nothing_is_begun(
    qtbot: QtBot, page: StudyPage, study: Study, messages: list[Message]
) -> None:
    take_part(page, "../x")
    qtbot.waitUntil(lambda: any("cannot be a participant's code" in m.text for m in messages), timeout=30_000)
    study.clip("0002.flac").write_bytes(b"other")
    take_part(page, "P01")
    qtbot.waitUntil(lambda: any("0002.flac has been changed" in m.text for m in messages), timeout=30_000)
    assert page.stack.currentWidget() is page.start
    assert not study.answers.exists()


def test_an_edited_study_is_listed_with_what_is_wrong(qtbot: QtBot, page: StudyPage, study: Study) -> None:
    path = study.folder / "study.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["seed"] = 99
    path.write_text(json.dumps(content), encoding="utf-8")
    page.start.refresh(study.folder)
    qtbot.waitUntil(lambda: page.start.chosen is not None and bool(page.start.chosen.problem), timeout=30_000)
    assert "has been changed" in page.start._facts.text()
    assert not page.start.begin.isEnabled()


def test_someone_who_paused_is_found_in_the_list(qtbot: QtBot, page: StudyPage, study: Study) -> None:
    open_sheet(study, "P07", Group.LISTENER).with_answer(Answer("a", 1.0, {"a": 1, "b": 1}))
    page.start.refresh()
    qtbot.waitUntil(lambda: page.start.people.count() == 1, timeout=30_000)
    item = page.start.people.item(0)
    assert item.text() == "P07 · listener · 1 of 3"
    page.start.people.itemActivated.emit(item)
    assert (page.start.code.text(), page.start.group.choice) == ("P07", 1)


@pytest.mark.parametrize("agreed", [False, True])
def test_results_ask_while_somebody_has_not_finished(
    qtbot: QtBot, page: StudyPage, study: Study, monkeypatch: pytest.MonkeyPatch, agreed: bool
) -> None:
    open_sheet(study, "P07", Group.LISTENER).with_answer(Answer("a", 1.0, {"a": 1, "b": 1}))
    asked: list[str] = []

    def answer(box: QMessageBox) -> int:
        asked.append(f"{box.text()} {box.informativeText()}")
        assert box.defaultButton().text() != "Show results"
        next(b for b in box.buttons() if (b.text() == "Show results") is agreed).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    page.start.results_asked.emit(study)
    qtbot.waitUntil(lambda: bool(asked), timeout=30_000)
    assert "P07 has not finished" in asked[0]
    assert "can no longer take part blind" in asked[0]
    assert (page.stack.currentWidget() is page.results) is agreed
    assert page.results.child.running is agreed


def test_making_goes_on_as_it_was_begun(shelf: Path) -> None:
    folder = shelf / "mine"
    folder.mkdir()
    facts = {"transitions": [["jazz", "rock"]], "sources": 9, "seed": 31, "clip_s": 4.0}
    save_file({"jazz/0": np.zeros(1)}, folder / UNFINISHED, {"request": json.dumps(facts)})
    assert shelved(folder).unfinished
    assert going_on(folder) == ["--seed", "31", "--sources", "9", "--seconds", "4.0", "--transitions", "jazz:rock"]
    assert going_on(shelf / "study-13") == ["--seed", "13"]


def test_a_folder_that_is_no_study_is_not_gone_on_with(qtbot: QtBot, page: StudyPage, shelf: Path) -> None:
    photos, other = shelf / "photos", shelf / "study-14"
    for folder in (photos, other):
        folder.mkdir()
        (folder / "me.jpg").write_bytes(b"")
    assert {each.folder.name for each in scan(shelf)} == {"study-12", "study-13"}
    assert "holds no study" in shelved(other).problem
    page.start._elsewhere.append(photos)
    page.start.refresh(photos)
    qtbot.waitUntil(lambda: page.start.chosen is not None and page.start.chosen.folder == photos, timeout=30_000)
    assert "holds no study" in page.start._facts.text()
    assert not page.start.go_on.isVisibleTo(page)


def test_making_is_a_child_that_can_be_stopped(
    qtbot: QtBot, page: StudyPage, controls: ControlModel, tiny_spectral: Path, messages: list[Message]
) -> None:
    start = page.start

    def load(model: str, name: str) -> None:
        page._bridge.load(model)  # type: ignore[attr-defined]
        qtbot.waitUntil(lambda: controls.instrument is not None and controls.instrument.name == name, timeout=LONG_MS)

    load(str(tiny_spectral), tiny_spectral.name)
    # The tiny model has no pack: the command says so, the window repeats it.
    QTest.mouseClick(start.make, Qt.MouseButton.LeftButton)
    assert start.child.running
    assert start.cancel.isVisibleTo(page)
    assert not start.make.isVisibleTo(page)
    qtbot.waitUntil(lambda: not start.child.running, timeout=LONG_MS)
    assert any("no probe pack" in message.text for message in messages)
    load("pocket", "pocket")  # whichever model plays makes the study
    words: list[Any] = []
    start.child.progressed.connect(lambda *told: words.append(told))
    QTest.mouseClick(start.make, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(words), timeout=LONG_MS)
    QTest.mouseClick(start.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not start.child.running, timeout=LONG_MS)
    qtbot.waitUntil(lambda: start.chosen is not None and start.chosen.unfinished, timeout=30_000)
    assert start.go_on.isVisibleTo(page)
    assert seed_of(start.chosen.folder) is not None  # type: ignore[union-attr]


def test_a_study_waits_for_a_model(page: StudyPage, controls: ControlModel, messages: list[Message]) -> None:
    controls.instrument = None
    QTest.mouseClick(page.start.make, Qt.MouseButton.LeftButton)
    assert not page.start.child.running
    assert "wait until one is loaded" in messages[-1].text


def test_closing_ends_the_child(qtbot: QtBot, page: StudyPage) -> None:
    QTest.mouseClick(page.start.make, Qt.MouseButton.LeftButton)
    page.close()
    assert not page.start.child.running


def test_another_study_overtakes_the_one_that_is_counted(
    qtbot: QtBot, page: StudyPage, study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_sheet(study, "P07", Group.LISTENER).with_answer(Answer("a", 1.0, {"a": 1, "b": 1}))
    other = Study.load(Path(shutil.copytree(study.folder, tmp_path / "study-99")))
    results, counted, shown = page.results, [], []
    start = results.child.start
    monkeypatch.setattr(results.child, "start", lambda words: (counted.append(words[-1]), start(words)))
    monkeypatch.setattr(results.chart, "show_rows", lambda rows: shown.append(bool(rows)))
    results.open(study)
    results.open(other)
    assert "study-99" in results.headline.text()
    assert not results.copy.isEnabled()
    qtbot.waitUntil(results.copy.isEnabled, timeout=LONG_MS)
    assert counted == [str(study.folder), str(other.folder)]
    assert shown == [False, False, True], "of the first, nothing is shown"
    results.open(study)
    results.open(other)
    page.close()
    assert not results.child.running
    assert len(counted) == 3, "closing begins nothing"


def test_the_shelf(shelf: Path, tmp_path: Path) -> None:
    (shelf / "holiday photos").mkdir()
    names = {each.folder.name: each for each in scan(shelf)}
    assert set(names) == {"study-12", "study-13"}
    assert names["study-13"].unfinished
    assert "toy" in names["study-12"].words
    assert scan(tmp_path / "none") == []
    assert [seed_of(Path(name)) for name in ("study-12", "study-", "study-x", "other")] == [12, None, None, None]


# Results


def cell(arm: str, source: str | None, group: str | None, right: int, p_holm: float | None = None) -> dict[str, Any]:
    return {
        "arm": arm,
        "source": source,
        "target": None if source is None else "rock",
        "group": group,
        "attentive": False,
        "right": right,
        "trials": 10,
        "share": right / 10,
        "ci_low": right / 10 - 0.1,
        "ci_high": right / 10 + 0.1,
        "p": 0.01,
        "p_holm": p_holm,
        "power": 0.5,
    }


def test_rows_say_what_was_counted() -> None:
    told = {"cells": [cell("preference", "jazz", "musician", 8, 0.06), cell("abx", None, None, 9)]}
    heading, row, other, pooled = rows_of(told)
    assert heading == Heading("steered preferred to prompted: musicians")
    assert isinstance(row, Row)
    assert isinstance(pooled, Row)
    assert row.figures == ("0.50", ".060", ".010", "8/10", "0.800")
    assert not row.significant, "the corrected p decides"
    assert pooled.significant
    assert other.words == "steered told from unsteered (ABX)"


@pytest.mark.parametrize("name", ["dark", "light"])
def test_bars_lie_where_the_shares_are(qtbot: QtBot, qapp: Any, name: str) -> None:
    theme.apply(qapp, name)
    chart = ResultsChart()
    qtbot.addWidget(chart)
    chart.show_rows(rows_of({"cells": [cell("abx", None, None, 9), cell("abx", None, "listener", 2)]}))
    chart.resize(900, chart.sizeHint().height())
    image = chart.grab().toImage()
    accent = theme.mix(theme.QColor(theme.current().panel), theme.QColor(theme.current().accent), 0.75)

    def near(x: float, y: int) -> float:
        left, width = 290.0, 900 - 290 - 330 - 18
        colour = image.pixelColor(round(left + x * width), y)
        return sum(abs(a - b) for a, b in zip(colour.getRgb()[:3], accent.getRgb()[:3], strict=True))

    row_y = 26 + 36 + 27 // 2 - 4  # above the interval's line
    bright = [near(x, row_y) for x in (0.55, 0.65, 0.75)]
    outside = [near(x, row_y) for x in (0.2, 0.45, 0.97)]
    assert max(bright) < min(outside)
