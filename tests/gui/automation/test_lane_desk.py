"""The desk: which lane is edited, its tools, and files of lanes in both directions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.automation import Automation
from engine.messages import ModelLoaded
from engine.status import Status
from gui.automation.lane_desk import LaneDesk
from gui.automation.lane_model import LaneModel
from gui.automation.live_panel import AutomationPanel
from gui.control_model import ControlModel

GENRES = ("rock", "jazz")


@pytest.fixture
def desk(qtbot: QtBot) -> LaneDesk:
    desk = LaneDesk(LaneModel())
    qtbot.addWidget(desk)
    desk.show_genres(GENRES)
    desk.resize(800, 200)
    return desk


@pytest.fixture
def words(desk: LaneDesk) -> list[str]:
    words: list[str] = []
    desk.told.connect(words.append)
    desk.failed.connect(words.append)
    return words


def test_lanes_are_chosen_by_keyboard(desk: LaneDesk) -> None:
    assert [desk.list.item(n).text() for n in range(desk.list.count())] == [
        "jazz",
        "rock",
        "Strength",
        "Guidance",
        "Temperature",
        "Top-p",
    ]
    assert desk.kind.name == "jazz"
    QTest.keyClick(desk.list, Qt.Key.Key_Down)
    assert desk.kind.name == "rock"
    assert desk.editor.accessibleName() == "lane of rock"
    desk.choose("guidance")
    assert desk.editor.view.scale.high == 10.0
    desk.show_genres(("ska", *GENRES))
    assert desk.kind.name == "guidance", "another pack leaves the lane that is edited, if it has it"


def test_the_list_tells_what_lanes_are_at(desk: LaneDesk) -> None:
    def said(row: int) -> str:
        return str(desk.list.item(row).data(Qt.ItemDataRole.AccessibleTextRole))

    desk.model.edit("rock", ((0.0, 1.0),))
    assert (said(0), said(1)) == ("jazz, empty", "rock, drawn")
    desk.show_playing(True, {"rock"})
    assert said(1) == "rock, let go"
    desk.choose("rock")
    assert desk.editor.accessibleDescription() == "1 point; let go"


def test_tools(desk: LaneDesk) -> None:
    assert not any(tool.isEnabled() for tool in (desk.undo, desk.redo, desk.clear, desk.save))
    desk.model.edit("jazz", ((0.0, 1.0),))
    for tool in (desk.undo, desk.clear, desk.save):
        assert tool.isEnabled()
    QTest.keyClick(desk.clear, Qt.Key.Key_Return)
    assert desk.model.lane("jazz") == ()
    QTest.keyClick(desk.undo, Qt.Key.Key_Return)
    assert desk.model.lane("jazz") == ((0.0, 1.0),)
    QTest.keyClick(desk.redo, Qt.Key.Key_Return)
    assert desk.model.lane("jazz") == ()
    QTest.keyClick(desk.pencil, Qt.Key.Key_Return)
    QTest.keyClick(desk.snap, Qt.Key.Key_Return)
    assert (desk.editor.pencil, desk.editor.snaps) == (True, False)
    assert all(tool.accessibleName() for tool in desk.tools)


def test_files_of_lanes(desk: LaneDesk, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "lanes.json"
    desk.model.edit("jazz", ((0.0, 1.0), (2.5, -1.0)))
    desk.model.set_length(7.5)
    desk.store(path)
    assert Automation.load(path).lanes == {"jazz": ((0.0, 1.0), (2.5, -1.0))}, "the commands play it"
    desk.model.take_up({}, 3.0)
    desk.choose("rock")
    desk.load(path)
    assert (desk.model.lane("jazz"), desk.model.length_s, desk.kind.name) == (((0.0, 1.0), (2.5, -1.0)), 7.5, "jazz")
    desk.undo.click()
    assert dict(desk.model.lanes) == {}

    path.write_text(json.dumps({"lanes": {"polka": [[0, 1]], "rock": [[0, 1], [9, 0]]}}), encoding="utf-8")
    desk.load(path)
    assert dict(desk.model.lanes) == {"rock": ((0.0, 1.0), (9.0, 0.0))}
    assert desk.model.length_s == 9.0
    assert words == ["lanes are in lanes.json", "lanes.json: nothing here answers to polka"]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"lanes": {"jazz": [[0, 99]]}}', '{"lanes": {"jazz": [[1, 0], [0, 0]]}}']
)
def test_rubbish_changes_nothing_and_is_said(desk: LaneDesk, words: list[str], tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    desk.load(path)
    desk.load(tmp_path / "gone.json")
    assert dict(desk.model.lanes) == {}
    assert len(words) == 2
    assert all(name in line for name, line in zip(("x.json", "gone.json"), words, strict=True))
    desk.model.edit("jazz", ((0.0, 1.0),))
    (tmp_path / "folder.json").mkdir()
    desk.store(tmp_path / "folder.json")
    assert "cannot be written" in words[-1]


def test_a_name_without_a_suffix_gets_one_and_nothing_is_lost(desk: LaneDesk, words: list[str], tmp_path: Path) -> None:
    desk.model.edit("jazz", ((0.0, 1.0),))
    for _ in range(2):
        desk.store(tmp_path / "groove.v1")
    assert [path.name for path in tmp_path.iterdir()] == ["groove.v1.json"]
    assert "lanes are in groove.v1.json" in words[0]
    assert "exists" in words[1], "the file dialog has asked about the other name"
    desk.store(tmp_path / "groove.v1.json")
    assert len(words) == 3
    assert "lanes are in" in words[2]


def test_whatever_the_engine_reads_is_opened(desk: LaneDesk, tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    points = [[n / 50, 0.123456789] for n in range(60_000)]
    path.write_text(json.dumps({"lanes": {"jazz": points}}), encoding="utf-8")
    assert path.stat().st_size > 1 << 20
    desk.load(path)
    assert len(desk.model.lane("jazz")) == 60_000


class Bridge:
    """Nothing plays."""

    status = Status()

    def automate(self, *_lanes: object) -> None: ...


def test_the_live_panel_and_its_player(qtbot: QtBot, loaded: ModelLoaded) -> None:
    controls = ControlModel()
    panel = AutomationPanel(Bridge(), controls)  # type: ignore[arg-type]
    qtbot.addWidget(panel)
    controls.adopt(loaded)
    assert panel.desk.kind.name == "classical"
    QTest.keyClick(panel.play, Qt.Key.Key_Return)
    assert panel.player.on
    assert panel.play.accessibleName() == "Stop the lanes"
    QTest.keyClick(panel.loop, Qt.Key.Key_Return)
    assert not panel.player.loops
    panel.length.setValue(4.0)
    assert panel.lanes.length_s == 4.0
    panel.lanes.undo()
    assert panel.length.value() == 16.0
    panel.lanes.edit("classical", ((0.0, 1.0),))
    controls.turn_knob("classical", 0.5)
    assert not panel.take_back.isHidden()
    QTest.keyClick(panel.take_back, Qt.Key.Key_Return)
    assert panel.take_back.isHidden()
    controls.adopt(replace(loaded, genres=(), redlines=()))
    assert panel.desk.list.count() == 4
    assert not panel.grab().isNull()
