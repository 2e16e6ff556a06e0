"""Settings are shown as they are, and every change is told once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.panel import Panel
from gui.preferences import Preferences
from gui.settings import Settings

SETTINGS = Settings(output="USB", buffer_ms=250.0, take_name="jam", take_format="flac", retro_s=120.0, theme="light")


class Shown:
    def __init__(self, dialog: Preferences, parent: QWidget) -> None:
        self.dialog, self.parent = dialog, parent
        self.told: list[dict[str, object]] = []
        dialog.changed.connect(self.told.append)


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = Preferences(parent, SETTINGS, ["Speaker", "USB"], [Panel("More")])
    parent.show()
    dialog.open()
    return Shown(dialog, parent)


def test_it_shows_what_is_chosen(shown: Shown) -> None:
    dialog = shown.dialog
    assert dialog.output.currentText() == "USB"
    assert dialog.buffer.accessibleDescription() == "250 ms"
    assert dialog.retro.accessibleDescription() == "2 min"
    assert dialog.format.accessibleDescription() == "FLAC"
    assert dialog.theme.accessibleDescription() == "Light"
    assert dialog.name.text() == "jam"
    assert dialog.folder.accessibleName() == f"Folder: {dialog.folder.text()}"
    assert shown.told == [], "showing is no change"
    assert "More" in {child.accessibleName() for child in dialog.findChildren(QWidget)}


def test_an_output_that_is_not_there_now_stays_chosen(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = Preferences(parent, SETTINGS, ["Speaker"])
    assert dialog.output.currentText() == "USB (not there now)"
    assert dialog.output.currentData() == "USB"


def test_devices_are_looked_for_again(shown: Shown) -> None:
    dialog, asked = shown.dialog, list[bool]()
    dialog.outputs_wanted.connect(lambda: asked.append(True))
    dialog.again.click()
    assert asked == [True]
    dialog.show_outputs(["Speaker", "USB", "Interface"], "USB")
    names = [dialog.output.itemText(place) for place in range(dialog.output.count())]
    assert names == ["The system's default", "Speaker", "USB", "Interface"]
    assert dialog.output.currentText() == "USB"
    assert shown.told == [], "nothing has been chosen"


def test_every_change_is_told(shown: Shown, tmp_path: Path) -> None:
    dialog = shown.dialog
    dialog.output.setCurrentIndex(0)
    dialog.output.activated.emit(0)
    for segmented in (dialog.buffer, dialog.format, dialog.retro, dialog.theme, dialog.scale):
        QTest.keyClick(segmented, Qt.Key.Key_Left if segmented.choice else Qt.Key.Key_Right)
    dialog.name.setFocus()
    dialog.name.setText("late/night?")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    dialog.choose_folder(tmp_path)
    expected = [
        {"output": ""},
        {"buffer_ms": 120.0},
        {"take_format": "wav"},
        {"retro_s": 60.0},
        {"theme": "dark"},
        {"scale": 0.75},
        {"take_name": "late night"},
        {"takes_folder": str(tmp_path)},
    ]
    assert shown.told == expected
    assert dialog.isVisible(), "Enter in a field closes nothing"


def test_values_from_a_file_that_no_choice_has_show_the_nearest(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = Preferences(parent, Settings(buffer_ms=130.0, retro_s=5.0, scale=1.4), [])
    assert dialog.buffer.accessibleDescription() == "120 ms"
    assert dialog.retro.accessibleDescription() == "30 s"
    assert dialog.scale.accessibleDescription() == "150%"
