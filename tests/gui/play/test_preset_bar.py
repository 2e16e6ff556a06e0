"""The preset bar and the controls, in both directions; what is kept, named and thrown away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QFile, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.messages import ModelLoaded
from gui.control_model import ControlModel
from gui.play.name_sheet import NameSheet
from gui.play.preset_bar import MODIFIED, NONE, PresetBar
from gui.play.preset_store import FACTORY, PresetStore

RETURN = Qt.Key.Key_Return


@pytest.fixture
def bar(qtbot: QtBot, loaded: ModelLoaded, tmp_path: Path) -> PresetBar:
    controls = ControlModel()
    bar = PresetBar(controls, PresetStore(tmp_path / "presets", FACTORY))
    qtbot.addWidget(bar)
    assert not bar.isEnabled()
    bar.step(1)  # before there is a model nothing happens
    controls.adopt(loaded)
    bar.resize(260, 30)
    bar.show()
    return bar


def sheet(bar: PresetBar) -> NameSheet:
    return next(each for each in bar.findChildren(NameSheet) if each.isVisible())


def save_as(bar: PresetBar, name: str, enters: int = 1) -> None:
    bar.save_as()
    field = sheet(bar).field
    field.selectAll()
    QTest.keyClicks(field, name)
    for _ in range(enters):
        QTest.keyClick(field, RETURN)


def test_the_name_follows_the_controls(bar: PresetBar) -> None:
    controls = bar._controls
    assert bar.name.accessibleDescription() == "As it comes", "that is how the controls stand"
    controls.turn_knob("rock", 0.2)
    assert bar.modified
    assert MODIFIED in bar.name.text()
    assert bar.name.accessibleDescription() == "As it comes, modified"
    bar.recall(bar._store.find("Blue hour"))  # type: ignore[arg-type]
    assert dict(controls.state.blend) == {"jazz": 1.0}
    assert bar.name.accessibleDescription() == "Blue hour"
    controls.undo()
    assert dict(controls.state.blend) == {"rock": 0.2}, "a recall is one step of undo"
    controls.undo()
    assert bar.name.accessibleDescription() == "As it comes"
    controls.redo()
    controls.redo()
    assert bar.name.accessibleDescription() == "Blue hour"


def test_round_and_round_by_keyboard(bar: PresetBar) -> None:
    count = len(bar._presets)
    seen = []
    for _ in range(count):
        QTest.keyClick(bar.next, RETURN)
        seen.append(bar.current.name)  # type: ignore[union-attr]
    assert sorted(seen) == sorted(preset.name for preset in bar._presets)
    QTest.keyClick(bar.previous, RETURN)
    assert bar.current.name == seen[-2]  # type: ignore[union-attr]
    for _ in range(count + 1):
        bar._controls.undo()
    assert bar.name.accessibleDescription() == "As it comes"


def test_save_and_recall(bar: PresetBar) -> None:
    controls = bar._controls
    controls.edit("prompt", prompt="a waltz")
    controls.turn_knob("jazz", 0.6)
    bar.save()  # one of Segue's own is in force: asks for a name
    assert sheet(bar).prompt.isChecked()
    QTest.keyClicks(sheet(bar).field, "Waltz")
    QTest.keyClick(sheet(bar).field, RETURN)
    assert (bar.current.name, bar.modified) == ("Waltz", False)  # type: ignore[union-attr]
    controls.edit("prompt", prompt="")
    assert bar.modified
    controls.turn_knob("jazz", -0.4)
    bar.save()
    assert not bar.modified
    controls.turn_knob("jazz", 0.0)
    controls.edit("prompt", prompt="a march")
    bar.recall(bar._store.find("waltz"))  # type: ignore[arg-type]
    assert dict(controls.state.blend) == {"jazz": -0.4}
    assert controls.state.prompt == ""


def test_what_is_there_is_replaced_by_a_second_enter_alone(bar: PresetBar) -> None:
    bar._controls.turn_knob("jazz", 0.6)
    save_as(bar, "Mine")
    bar._controls.turn_knob("jazz", 0.7)
    save_as(bar, "mine")
    assert "There is a preset Mine already" in sheet(bar).words.text()
    assert dict(bar._store.find("Mine").state.blend) == {"jazz": 0.6}  # type: ignore[union-attr]
    QTest.keyClick(sheet(bar).field, RETURN)
    assert dict(bar._store.find("Mine").state.blend) == {"jazz": 0.7}  # type: ignore[union-attr]
    bar.save_as()
    field = sheet(bar).field
    for name, words in (("Blue hour", "one of Segue's own"), ("  ", "Give the preset a name")):
        field.selectAll()
        QTest.keyClicks(field, name)
        QTest.keyClick(field, RETURN)
        assert words in sheet(bar).words.text()
        QTest.keyClick(field, RETURN)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert [preset.name for preset in bar._presets if not preset.factory] == ["Mine"]


def test_rename_and_throw_away(bar: PresetBar, monkeypatch: pytest.MonkeyPatch) -> None:
    save_as(bar, "Mine")
    bar.rename()
    field = sheet(bar).field
    field.selectAll()
    QTest.keyClicks(field, "Yours")
    QTest.keyClick(field, RETURN)
    assert bar.current.name == "Yours"  # type: ignore[union-attr]
    told: list[str] = []
    bar.told.connect(told.append)
    bar.failed.connect(told.append)
    monkeypatch.setattr(QFile, "moveToTrash", lambda _path: False)
    bar.throw_away()
    monkeypatch.setattr(QFile, "moveToTrash", lambda path: Path(path).unlink() or True)
    bar.throw_away()
    assert "cannot be moved" in told[0]
    assert told[1:] == ["preset Yours is in the bin"]
    assert bar._store.find("Yours") is None
    assert bar.current is None or bar.current.factory


def test_the_menu_holds_what_can_be_done(bar: PresetBar) -> None:
    save_as(bar, "Mine & yours")
    entries = {action.text().split("\t")[0]: action for action in bar.make_menu().actions() if action.text()}
    assert entries["Mine && yours"].isChecked()
    assert [entries[name].isEnabled() for name in ("Save", "Save as …", "Rename …", "Move to the bin")] == [
        False,
        True,
        True,
        True,
    ]
    entries["Chamber"].trigger()
    assert bar.current.name == "Chamber"  # type: ignore[union-attr]
    entries = {action.text().split("\t")[0]: action for action in bar.make_menu().actions()}
    assert not entries["Rename …"].isEnabled()


def test_what_an_instrument_lacks_is_said(bar: PresetBar, loaded: ModelLoaded) -> None:
    told: list[str] = []
    bar.told.connect(told.append)
    bar._controls.adopt(replace(loaded, genres=("jazz",), redlines=(1.0,)))
    bar.recall(bar._store.find("Fusion"))  # type: ignore[arg-type]
    assert told == ["Fusion: there is no knob here for rock"]
    assert not bar.modified, "it is what can be played of it"


def test_rubbish_is_said_once(bar: PresetBar) -> None:
    failures: list[str] = []
    bar.failed.connect(failures.append)
    bar._store.folder.mkdir()
    (bar._store.folder / "x.json").write_text("{", encoding="utf-8")
    bar.make_menu()
    bar.make_menu()
    assert len(failures) == 1


def test_nothing_known_has_a_name_too(qtbot: QtBot, tmp_path: Path, loaded: ModelLoaded) -> None:
    controls = ControlModel()
    bar = PresetBar(controls, PresetStore(tmp_path / "none", tmp_path / "neither"))
    qtbot.addWidget(bar)
    controls.adopt(loaded)
    bar.step(1)
    assert NONE in bar.name.text()
    assert bar.name.accessibleDescription() == "none"
