"""Takes of a tiny model in the real window: recorded, heard by the real engine, and played again by a real child."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.status import State
from engine.takes.library import Library, verify_take
from engine.takes.take import Take
from gui.app import open_window
from gui.main_window import MainWindow
from gui.notify import Notifier
from gui.settings import Settings
from gui.takes.list_model import TAKE_ROLE

TIMEOUT_MS = 60_000


@pytest.fixture
def window(qtbot: QtBot, store: QSettings, tmp_path: Path, tiny_spectral: Path) -> Iterator[MainWindow]:
    settings = Settings(model=str(tiny_spectral), takes_folder=str(tmp_path / "takes"), welcomed=True)
    window = open_window(settings, store, Notifier())
    window.show()
    yield window
    window.close()
    window.deleteLater()


def record(qtbot: QtBot, window: MainWindow, frames: int) -> Take:
    rows = window.takes.model.rowCount()
    window.performer.toggle_record()
    qtbot.waitUntil(lambda: window.bridge.status.recorded_s > frames / 50, timeout=TIMEOUT_MS)
    window.performer.toggle_record()
    qtbot.waitUntil(lambda: window.takes.model.rowCount() == rows + 1, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: not window.bridge.status.recording, timeout=30_000)
    take: Take = window.takes.list.currentIndex().data(TAKE_ROLE)
    return take


def test_takes_are_heard_while_the_music_stands_still(qtbot: QtBot, window: MainWindow) -> None:
    bridge, panel = window.bridge, window.takes
    audition = panel.audition
    window.performer.toggle_play()
    qtbot.waitUntil(lambda: bridge.status.heard_frame > 5, timeout=TIMEOUT_MS)
    one, two = record(qtbot, window, 60), record(qtbot, window, 60)
    audition.mark("A", one)
    audition.mark("B", two)
    audition.play(one)
    qtbot.waitUntil(lambda: bridge.status.take == one.path and bridge.status.take_s > 0.2, timeout=TIMEOUT_MS)
    assert bridge.status.state is State.IDLE
    frame = bridge.status.frame
    place = audition.place_s(one)
    assert place > 0.2
    audition.switch()
    qtbot.waitUntil(lambda: bridge.status.take == two.path, timeout=30_000)
    qtbot.waitUntil(lambda: audition.place_s(two) > place + 0.1, timeout=30_000)
    audition.seek(two, two.seconds - 0.3)
    qtbot.waitUntil(lambda: audition.heard is None, timeout=30_000)
    assert audition.place_s(two) == 0.0, "its end"
    assert bridge.status.frame == frame

    audition.play(one)
    qtbot.waitUntil(lambda: bridge.status.take == one.path, timeout=30_000)
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Space)  # means the music, here as everywhere
    qtbot.waitUntil(lambda: bridge.status.state is State.PLAYING and bridge.status.frame > frame, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: audition.heard is None, timeout=30_000)


def test_a_take_is_played_again_from_its_score(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    """The model is a folder; the score says where it was."""
    panel = window.takes
    window.performer.toggle_play()
    qtbot.waitUntil(lambda: window.bridge.status.heard_frame > 5, timeout=TIMEOUT_MS)
    take = record(qtbot, window, 20)
    window.performer.toggle_play()
    shares: list[float] = []
    panel.jobs._replay.progressed.connect(shares.append)
    told: list[str] = []
    panel.told.connect(told.append)
    panel.failed.connect(told.append)
    panel.jobs.replay(take)
    qtbot.waitUntil(lambda: bool(told), timeout=TIMEOUT_MS)
    assert told == [f"{take.path.stem} again: identical, token for token"]
    assert shares == sorted(shares)
    assert 0.0 < shares[-1] <= 1.0
    again = panel.list.currentIndex().data(TAKE_ROLE)
    assert again.path == take.path.with_name(f"{take.path.stem} again.wav")
    assert again.notes == f"{take.path.stem} again, identical"
    assert again.measurement == take.measurement
    assert [verify_take(each) for each in Library(take.path.parent).scan().takes] == [[], []]
