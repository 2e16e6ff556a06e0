"""Choices put in force while the window plays, and what happens when disks, models and packs fail it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.status import State
from engine.takes.library import Library, verify_take
from gui import choices
from gui.help.shortcuts import ShortcutSheet
from gui.main_window import MainWindow
from gui.models import speeds
from gui.notify import Message
from gui.settings import Settings

TIMEOUT_MS = 60_000

Open = Callable[..., MainWindow]


class Told(list[str]):
    """What a window has said since."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        window.notifier.told.connect(self._on_message)

    def _on_message(self, message: Message) -> None:
        self.append(message.text)

    def of(self, *words: str) -> Callable[[], bool]:
        return lambda: any(all(word in text for word in words) for text in self)


def play(qtbot: QtBot, window: MainWindow, frames: int = 5) -> None:
    window.performer.toggle_play()
    qtbot.waitUntil(lambda: window.bridge.status.heard_frame >= frames, timeout=TIMEOUT_MS)


def keep_some(qtbot: QtBot, window: MainWindow) -> None:
    """Record for a moment; returns once the take is listed."""
    rows = window.takes.model.rowCount()
    window.performer.toggle_record()
    qtbot.waitUntil(lambda: window.bridge.status.recording, timeout=30_000)
    before = window.bridge.status.frame
    qtbot.waitUntil(lambda: window.bridge.status.frame > before + 10, timeout=TIMEOUT_MS)
    window.performer.toggle_record()
    qtbot.waitUntil(lambda: window.takes.model.rowCount() == rows + 1, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: not window.bridge.status.recording, timeout=30_000)  # the event is ahead of the status


def test_a_broken_model_leaves_the_old_one_playing(
    qtbot: QtBot, open_one: Open, checkpoint: Path, tmp_path: Path
) -> None:
    window = open_one(str(checkpoint))
    play(qtbot, window)
    broken = tmp_path / "broken"
    shutil.copytree(checkpoint, broken)
    (broken / "model.safetensors").write_bytes((broken / "model.safetensors").read_bytes()[:2000])
    told = Told(window)
    seed = window.bridge.status.seed
    window.models.chosen.emit(str(broken))
    qtbot.waitUntil(told.of("model.safetensors", "download the model again"), timeout=TIMEOUT_MS)
    before = window.bridge.status.frame
    qtbot.waitUntil(lambda: window.bridge.status.frame > before + 10, timeout=TIMEOUT_MS)
    assert window.bridge.status.state is State.PLAYING
    assert window.bridge.status.seed == seed
    assert checkpoint.name in window.header.model.text()
    assert window.settings.model == str(checkpoint)
    assert window.settings.model_folders == (str(checkpoint),)
    assert len(told) == 1

    pack = tmp_path / "blues.safetensors"
    shutil.copy(checkpoint / "probes.safetensors", pack)
    window.models.pack_chosen.emit(pack)
    qtbot.waitUntil(lambda: window.settings.pack == str(pack), timeout=30_000)
    assert window.settings.model == str(checkpoint), "it is the old one that has another pack"
    assert window.bridge.status.state is State.IDLE, "and nothing waits to be taken up"


def test_a_pack_is_used_and_remembered_with_its_model(
    qtbot: QtBot, open_one: Open, checkpoint: Path, store: QSettings, tmp_path: Path
) -> None:
    pack = tmp_path / "packs" / "blues.safetensors"
    pack.parent.mkdir()
    shutil.copy(checkpoint / "probes.safetensors", pack)
    window = open_one(str(checkpoint))
    qtbot.waitUntil(lambda: window.bridge.status.state is State.IDLE, timeout=TIMEOUT_MS)
    window.models.pack_chosen.emit(pack)
    qtbot.waitUntil(lambda: window.settings.pack == str(pack), timeout=30_000)
    assert "blues.safetensors" in window.models._pack_line.text()
    window.close()

    again = open_one(str(checkpoint), pack=Settings.load(store).pack)
    qtbot.waitUntil(lambda: again.controls.instrument is not None, timeout=TIMEOUT_MS)
    assert again.controls.instrument is not None
    assert again.controls.instrument.pack == pack
    again.models.pack_chosen.emit(None)
    qtbot.waitUntil(lambda: again.settings.pack == "", timeout=30_000)


def test_a_pack_that_cannot_be_used_is_told_and_the_old_one_stays(
    qtbot: QtBot, open_one: Open, checkpoint: Path, tmp_path: Path
) -> None:
    rubbish = tmp_path / "rubbish.safetensors"
    rubbish.write_bytes(b"no pack at all")
    window = open_one(str(checkpoint))
    qtbot.waitUntil(lambda: window.bridge.status.state is State.IDLE, timeout=TIMEOUT_MS)
    told = Told(window)
    window.models.pack_chosen.emit(rubbish)
    qtbot.waitUntil(told.of("rubbish.safetensors"), timeout=30_000)
    assert len(window.controls.genres) == 4
    assert window.settings.pack == ""


def test_a_pack_that_is_not_there_at_the_start_is_asked_for_again(
    qtbot: QtBot, open_one: Open, checkpoint: Path, store: QSettings, tmp_path: Path
) -> None:
    """As when its disk has been taken out; until the model's own is chosen."""
    pack = str(tmp_path / "disk" / "blues.safetensors")
    window = open_one(str(checkpoint), pack=pack)
    qtbot.waitUntil(lambda: window.controls.instrument is not None, timeout=TIMEOUT_MS)
    assert len(window.controls.genres) == 4
    assert Settings.load(store).pack == pack
    assert not window.models.own_pack.isHidden()
    window.models.pack_chosen.emit(None)
    qtbot.waitUntil(lambda: window.settings.pack == "", timeout=30_000)


def test_settings_hold_at_once(qtbot: QtBot, open_one: Open, checkpoint: Path, tmp_path: Path) -> None:
    window = open_one(str(checkpoint))
    play(qtbot, window)
    window.choose(takes_folder=str(tmp_path / "elsewhere"), take_format="flac", take_name="late")
    window.choose(retro_s=30.0, buffer_ms=250.0)
    assert "30 s" in window.header.transport.keep.toolTip()
    keep_some(qtbot, window)
    (take,) = Library(tmp_path / "elsewhere").scan().takes
    assert take.path.name == "late-1.flac"
    assert verify_take(take) == []
    assert window.takes.model.library.folder == tmp_path / "elsewhere"


def test_a_folder_of_takes_that_is_not_there_at_the_start(
    qtbot: QtBot, open_one: Open, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when its disk has been taken out: takes go to the usual place, and the choice is kept for when it is back."""
    in_the_way = tmp_path / "disk"
    in_the_way.write_text("no folder", encoding="utf-8")
    usual = tmp_path / "usual"
    monkeypatch.setattr(choices, "default_folder", lambda: usual)
    said: list[str] = []
    monkeypatch.setattr("gui.notify.Notifier.fail", lambda _self, text: said.append(text))
    window = open_one(str(checkpoint), takes_folder=str(in_the_way / "takes"))
    qtbot.waitUntil(lambda: any(str(usual) in text and "cannot be had" in text for text in said), timeout=30_000)
    play(qtbot, window)
    keep_some(qtbot, window)
    assert len(Library(usual).scan().takes) == 1
    assert window.settings.takes_folder == str(in_the_way / "takes")


def test_a_folder_of_takes_that_vanishes_while_it_plays(
    qtbot: QtBot, open_one: Open, checkpoint: Path, tmp_path: Path
) -> None:
    window = open_one(str(checkpoint))
    play(qtbot, window)
    folder = tmp_path / "takes"
    shutil.rmtree(folder, ignore_errors=True)
    keep_some(qtbot, window)  # it is made again
    shutil.rmtree(folder)
    folder.write_text("in the way", encoding="utf-8")
    told = Told(window)
    window.performer.toggle_record()
    qtbot.waitUntil(told.of(str(folder), "choose another folder"), timeout=30_000)
    qtbot.waitUntil(lambda: not window.bridge.status.recording, timeout=30_000)
    assert window.bridge.playing


def test_closing_while_a_child_works_ends_it(qtbot: QtBot, open_one: Open, tmp_path: Path) -> None:
    window = open_one("no-such-model")
    child, out = window.models.work.child, tmp_path / "out.wav"
    with qtbot.waitSignal(child.progressed, timeout=TIMEOUT_MS, check_params_cb=lambda stage, done, total: done > 0):
        child.start(["render", str(out), "--seconds", "600"])
    begun = time.monotonic()
    window.close()
    assert not child.running
    assert time.monotonic() - begun < 10.0
    assert out.exists(), "what was made so far is a whole file"


def test_every_dialog_opens_and_the_keys_are_all_there(qtbot: QtBot, open_one: Open) -> None:
    window = open_one("no-such-model")
    for open_dialog in (window.models.open, window.menus.open_settings, window.menus.show_log, window.menus.show_about):
        open_dialog()
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None, timeout=30_000)
        QTest.keyClick(QApplication.activeModalWidget(), Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None, timeout=30_000)
    window.menus.show_keys()
    sheet = window.findChild(ShortcutSheet)
    shown = {what for rows in sheet.groups.values() for _, what in rows}
    assert {action.text().removesuffix(" …") for action in window.actions() if action.shortcuts()} <= shown
    assert {"Play or stop", "Lab page", "Settings"} <= shown
    assert {"mark the two to compare", "the next point", "hear a clip"} <= shown
    assert sheet.width() <= 1280
    assert sheet.height() <= 800


def test_what_a_performance_shows_of_the_speed_is_told_by_the_chooser(
    qtbot: QtBot, open_one: Open, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speeds, "TRUSTED_AFTER_FRAMES", 10)
    window = open_one(str(checkpoint))
    play(qtbot, window, frames=15)
    qtbot.waitUntil(lambda: window.speeds.measured(str(checkpoint)) is not None, timeout=30_000)
    window.models.open()
    qtbot.waitUntil(lambda: bool(window.models.rows), timeout=30_000)
    mine = next(row for row in window.models.rows if row.entry.name == str(checkpoint))
    assert "× real time here" in mine.accessibleName()
    assert mine.play.text() == "Plays now"


def test_a_card_that_lies_idle_is_told_once(
    qtbot: QtBot, open_one: Open, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def idle_card() -> str:
        asked.append("GeForce is idle, for torch has no CUDA: run pip")
        return asked[-1]

    monkeypatch.setattr("gui.main_window.READ_AHEAD_MS", 0)
    monkeypatch.setattr("engine.model.cards.idle_card", idle_card)
    window = open_one(str(checkpoint))
    told = Told(window)
    qtbot.waitUntil(told.of("GeForce is idle, for torch has no CUDA: Models"), timeout=TIMEOUT_MS)
    assert window.settings.idle_card_told
    window._read_ahead()
    done: list[None] = []
    window.background.start(lambda: None, done.append, lambda _error: None)
    qtbot.waitUntil(lambda: bool(done), timeout=TIMEOUT_MS)
    assert len(asked) == 1
