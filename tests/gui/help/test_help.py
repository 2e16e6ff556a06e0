"""Keys come from the real actions, the log from its file, licences for everything that we stand on."""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.messages import ModelLoaded
from gui.help.about import About
from gui.help.licences import LIBRARIES, OURS
from gui.help.log_view import TAIL_BYTES, LogView, log_file, read_tail
from gui.help.shortcuts import PLACES, ShortcutSheet, keys_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


def action(name: str, *keys: str) -> QAction:
    action = QAction(name)
    action.setShortcuts([QKeySequence(key) for key in keys])
    return action


def test_keys_are_read_off_the_actions(parent: QWidget) -> None:
    actions = [action("Redo", "Ctrl+Shift+Z", "Ctrl+Y"), action("Models …", "Ctrl+M"), action("Log")]
    assert keys_of(actions) == [("Ctrl+Shift+Z or Ctrl+Y", "Redo"), ("Ctrl+M", "Models")]
    sheet = ShortcutSheet(parent, [action("Record", "R")], actions)
    said = {label.text() for label in sheet.findChildren(QLabel)}
    assert {"R", "Record", "Ctrl+M", "Models", "Drag, wheel, arrows"} <= said


@pytest.mark.parametrize(
    ("module", "place"),
    [
        ("play/layer_strip.py", "On the layers"),
        ("play/audio_prompt.py", "On the audio prompt"),
        ("takes/take_list.py", "On the list of takes"),
        ("automation/lane_editor.py", "On a lane"),
        ("study/trial_view.py", "In a study"),
        ("lab/curves.py", "On the Lab’s curves"),
    ],
)
def test_every_key_that_a_place_listens_to_is_shown(module: str, place: str) -> None:
    names = {"Return": "Enter", "Delete": "Del", "Backspace": "Del", "Plus": "+", "Minus": "-", "Insert": "Ins"}
    names |= {"Escape": "Esc", "Up": "Left", "Down": "Left"}  # arrows stand together
    text = (ROOT / "gui" / module).read_text(encoding="utf-8")
    shown = {key for keys, _ in PLACES[place] for key in re.split(r", | or |(?<=[a-z])\+", keys)}
    shown |= {"Left", "Right"} if "Arrows" in shown else set()
    listened = {names.get(key, key) for key in re.findall(r"Key\.Key_(\w+)", text)}
    assert listened
    assert listened <= shown


def test_every_dependency_has_its_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: needs for name, needs in project["optional-dependencies"].items() if name != "test"}
    needed = [*project["dependencies"], *(need for needs in extras.values() for need in needs)]
    names = {re.split(r"[^\w.-]", need, maxsplit=1)[0].casefold() for need in needed}
    assert names == {part.package for part in LIBRARIES}
    assert {part.name for part in OURS} == {"Segue", "Pocket", "Inter"}


def test_about_tells_the_licence_of_what_plays(parent: QWidget, loaded: ModelLoaded) -> None:
    text = About(parent, loaded).text.toPlainText()
    assert "toy" in text
    assert "the model that plays" in text
    assert "LGPL" in text
    assert "the model that plays" not in About(parent, None).text.toPlainText()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    handler = logging.FileHandler(tmp_path / "segue.log", encoding="utf-8")
    others = [other for other in logging.getLogger().handlers if isinstance(other, logging.FileHandler)]
    for other in others:
        logging.getLogger().removeHandler(other)
    logging.getLogger().addHandler(handler)
    yield tmp_path / "segue.log"
    logging.getLogger().removeHandler(handler)
    handler.close()
    for other in others:
        logging.getLogger().addHandler(other)


def test_the_log_is_followed_and_can_be_copied(qtbot: QtBot, parent: QWidget, log: Path) -> None:
    assert log_file() == log
    logging.getLogger("segue").error("one thing")
    view = LogView(parent, log_file())
    qtbot.addWidget(view)
    assert "one thing" in view.text.toPlainText()
    logging.getLogger("segue").error("another größer")
    view.look()
    next(button for button in view.findChildren(QPushButton) if "Copy" in button.text()).click()
    assert "another größer" in QGuiApplication.clipboard().text()
    assert view.text.isReadOnly()


def test_of_a_long_log_whole_lines_of_the_end_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    path.write_text("".join(f"line {number}\n" for number in range(20_000)), encoding="utf-8")
    lines = read_tail(path).splitlines()
    assert lines[-1] == "line 19999"
    assert lines[0].startswith("line ")
    assert len(read_tail(path)) <= TAIL_BYTES


def test_without_a_log_there_is_nothing_to_show(qtbot: QtBot, parent: QWidget, tmp_path: Path) -> None:
    view = LogView(parent, None)
    qtbot.addWidget(view)
    assert view.text.toPlainText() == ""
    assert read_tail(tmp_path / "none.log") == ""
