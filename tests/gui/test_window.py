"""The window with the real engine on a tiny checkpoint: Space plays, a knob is heard of, takes appear, closing is safe."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.status import State
from engine.takes.library import Library, verify_take
from gui.child import Child
from gui.main_window import MainWindow
from gui.notify import Message
from gui.pages import page_factories
from gui.settings import Settings
from gui.welcome import Welcome

GENRES = ("classical", "electronic", "jazz", "rock")
TIMEOUT_MS = 60_000


Open = Callable[..., MainWindow]


def heard(window: MainWindow, frames: int) -> Callable[[], bool]:
    return lambda: window.bridge.status.heard_frame >= frames


def test_a_performance(qtbot: QtBot, open_one: Open, checkpoint: Path, tmp_path: Path) -> None:
    window = open_one(str(checkpoint))
    bridge, page = window.bridge, window.page
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    QTest.keyClick(window, Qt.Key.Key_Space)  # before there is a model
    assert window.performer._waiting
    qtbot.waitUntil(heard(window, 10), timeout=TIMEOUT_MS)
    assert list(page.bank.knobs) == list(GENRES)

    QTest.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: bridge.status.recording, timeout=30_000)
    QTest.keyClick(page.bank.knobs["jazz"], Qt.Key.Key_PageUp)
    assert bridge._engine._mailbox.control.blend == (("jazz", 0.4),), "the engine has it in the same call"
    number = window.controls.state.number
    qtbot.waitUntil(lambda: bridge.status.control_number == number, timeout=30_000)
    now = bridge.status.frame
    qtbot.waitUntil(heard(window, now + 10), timeout=30_000)
    assert page.live._columns.asked[-1].tolist() == pytest.approx([0.0, 0.0, 0.4, 0.0])
    assert page.live._columns.outline[-5:].any()
    assert sum(knob._heard for knob in page.bank.knobs.values()) == pytest.approx(1.0, abs=0.021), (
        "rounded to per cents"
    )

    QTest.keyClick(window, Qt.Key.Key_R)
    QTest.keyClick(window, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: window.takes.model.rowCount() == 2, timeout=30_000)
    QTest.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bridge.status.state is State.IDLE, timeout=30_000)
    window.close()
    takes = Library(tmp_path / "takes").load().takes
    assert [verify_take(take) for take in takes] == [[], []]
    assert dict(takes[0].score.state_at(takes[0].score.end_frame)["blend"]) == {"jazz": 0.4}


def test_closing_while_recording_keeps_the_take_whole(
    qtbot: QtBot, open_one: Open, checkpoint: Path, tmp_path: Path
) -> None:
    window = open_one(str(checkpoint))
    window.performer.toggle_play()
    qtbot.waitUntil(heard(window, 5), timeout=TIMEOUT_MS)
    window.performer.toggle_record()
    frame = window.bridge.status.heard_frame
    qtbot.waitUntil(heard(window, frame + 20), timeout=30_000)
    window.close()
    (take,) = Library(tmp_path / "takes").load().takes
    assert verify_take(take) == []
    assert take.interrupted == ""


def test_a_window_that_is_closing_is_gone_before_its_children_and_asks_them_all_at_once(
    open_one: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_one("no-such-model")
    told: list[object] = []
    children = window.findChildren(Child)
    assert len(children) >= 3
    window.closing.connect(lambda: told.append("closing"))
    monkeypatch.setattr(Child, "stop", lambda child: told.append((child, window.isVisible())))
    monkeypatch.setattr(Child, "close", lambda child: told.append("close"))
    window.close()
    assert told[0] == "closing"
    assert {child for child, visible in told[1 : 1 + len(children)] if not visible} == set(children)
    assert told[1 + len(children)] == "close"


def test_closing_while_loading_is_safe(open_one: Open, checkpoint: Path) -> None:
    window = open_one(str(checkpoint))
    begun = time.monotonic()
    window.close()
    assert time.monotonic() - begun < 10.0
    assert not window.bridge._engine._thread.is_alive()


def test_a_model_that_is_not_there_is_told_and_another_can_be_chosen(
    qtbot: QtBot, open_one: Open, checkpoint: Path
) -> None:
    window = open_one("no-such-model")
    told: list[Message] = []
    window.notifier.told.connect(told.append)
    window.performer.toggle_play()
    qtbot.waitUntil(lambda: window.bridge.playing, timeout=TIMEOUT_MS)
    assert "no-such-model" in told[0].text
    assert "Pocket plays in place of no-such-model" in told[1].text
    assert "Pocket" in window.header.model.text()
    assert window.settings.model == "no-such-model", "the next start tries it again"
    window.performer.toggle_play()
    qtbot.waitUntil(lambda: not window.bridge.playing, timeout=TIMEOUT_MS)
    window.load(str(checkpoint))
    qtbot.waitUntil(lambda: window.bridge.status.state is State.IDLE, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: checkpoint.name in window.header.model.text(), timeout=30_000)
    assert window.settings.model == str(checkpoint)


def test_only_a_load_that_fails_ends_the_wait_for_a_model(open_one: Open) -> None:
    window = open_one("no-such-model")
    window.performer.toggle_play()
    window.bridge.failed.emit("no model is loaded yet: wait for it, or choose one")  # as of R, before it is there
    assert window.performer._waiting
    assert window._awaiting_model
    assert "Choose" not in window.header.model.text()
    window.bridge.load_failed.emit()
    assert window.performer._waiting, "Pocket is on its way"
    assert window._requested_model == "pocket"
    window.bridge.load_failed.emit()
    assert not window.performer._waiting
    assert "Choose" in window.header.model.text()


def test_the_first_start_says_what_to_do_until_a_key_which_works_as_always(
    open_one: Open, checkpoint: Path, store: QSettings
) -> None:
    window = open_one(str(checkpoint), welcomed=False)
    welcome = window.findChild(Welcome)
    assert welcome.isVisible()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    QTest.keyClick(welcome, Qt.Key.Key_Space)
    assert welcome.isHidden()
    assert window.focusWidget() is window.page, "no button takes the next Enter"
    assert window.performer._waiting
    assert Settings.load(store).welcomed


def test_keys_of_one_letter_belong_to_the_play_page(
    qtbot: QtBot, open_one: Open, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(page_factories, "Other", lambda _window: QWidget())  # type: ignore[arg-type]
    window = open_one("no-such-model")
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    assert window.takes.isVisible()
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.header.switcher.choice == 1
    assert not window.takes.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert not window.performer._waiting
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert window.takes.isVisible()
    assert window.performer._waiting


def test_choices_are_kept(qtbot: QtBot, open_one: Open, store: QSettings) -> None:
    window = open_one("no-such-model")
    window.choose(theme="light")
    window.choose(output="USB")
    window.header.volume.setValue(-6)
    window.close()
    kept = Settings.load(store)
    assert (kept.theme, kept.output, kept.volume_db) == ("light", "USB", -6.0)
    assert kept.geometry


def test_where_the_window_stood_is_rubbish(open_one: Open) -> None:
    window = open_one("no-such-model", geometry=b"\x00rubbish", output="\u202e no device of this name")
    assert window.isVisible()
    assert window.width() == 1280


def test_the_window_fits_on_a_low_screen(open_one: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """1080p at 150 %."""
    screen = SimpleNamespace(availableSize=lambda: QSize(1280, 680))
    with monkeypatch.context() as patched:
        patched.setattr(MainWindow, "screen", lambda _window: screen)
        window = open_one("no-such-model")
    assert window.minimumHeight() <= window.height() <= 648


def test_closing_with_a_dialog_open_while_a_take_is_heard(qtbot: QtBot, open_one: Open, checkpoint: Path) -> None:
    window = open_one(str(checkpoint))
    window.performer.toggle_play()
    qtbot.waitUntil(heard(window, 20), timeout=TIMEOUT_MS)
    window.performer.keep_last()
    qtbot.waitUntil(lambda: window.takes.model.rowCount() == 1, timeout=30_000)
    window.takes.list.play_asked.emit(window.takes.list.model().index(0, 0))
    qtbot.waitUntil(lambda: window.bridge.status.take is not None, timeout=30_000)
    window.menus.open_settings()
    begun = time.monotonic()
    window.close()
    assert time.monotonic() - begun < 10.0
    assert not window.bridge._engine._thread.is_alive()
