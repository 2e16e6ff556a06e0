"""Files and folders are taken, each where it belongs; everything else is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from gui.lab.drop_zone import DropZone


def drop(zone: DropZone, url: QUrl) -> None:
    data = QMimeData()
    data.setUrls([url])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    zone.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, button, keys))


@pytest.mark.parametrize("folders", [True, False])
def test_what_belongs_is_taken_and_what_does_not_is_refused(qtbot: QtBot, tmp_path: Path, folders: bool) -> None:
    zone = DropZone("music", "Drop music", folders)
    qtbot.addWidget(zone)
    chosen: list[Path] = []
    refused: list[str] = []
    zone.chosen.connect(chosen.append)
    zone.refused.connect(refused.append)
    file = tmp_path / "a.wav"
    file.touch()
    for path in (file, tmp_path, tmp_path / "gone"):
        drop(zone, QUrl.fromLocalFile(str(path)))
    drop(zone, QUrl("https://example.org/song.mp3"))
    assert chosen == [tmp_path if folders else file]
    assert zone.path == chosen[0]
    assert len(refused) == 3
    assert "save it first" in refused[-1]
    assert zone.accessibleDescription() == str(chosen[0])


def test_enter_opens_a_dialog(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = DropZone("music", "Drop music", folders=True)
    qtbot.addWidget(zone)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    with qtbot.waitSignal(zone.chosen) as chosen:
        QTest.keyClick(zone, Qt.Key.Key_Return)
    assert chosen.args == [tmp_path]
    zone.grab()
