"""The window is never busy for long: what the GUI thread computes at a stretch while everything goes on around it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from gui_thread import LIMIT_MS, GuiThread
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from engine.status import State
from gui.lab.page import LabPage
from gui.main_window import MainWindow
from gui.pages import LAB, PLAY, STUDY, read_ahead

DRESSING_LIMIT_MS = 200.0  # a change of theme or of zoom touches every widget there is, and nobody plays by it
TIMEOUT_MS = 60_000
CHILD_TIMEOUT_MS = 150_000  # it gives way to everybody

Open = Callable[..., MainWindow]


def heard(window: MainWindow, frames: int) -> Callable[[], bool]:
    return lambda: window.bridge.status.heard_frame >= frames


def play_on(qtbot: QtBot, window: MainWindow, frames: int = 12) -> None:
    """Let the music be heard for a while."""
    now = window.bridge.status.heard_frame
    qtbot.waitUntil(heard(window, now + frames), timeout=TIMEOUT_MS)


def close_dialogs(window: MainWindow) -> None:
    for dialog in window.findChildren(QDialog):
        dialog.close()


def test_a_long_computation_is_noticed(qtbot: QtBot, thread: GuiThread) -> None:
    thread.begin("idle")
    qtbot.wait(30)
    thread.begin("busy")
    end = time.thread_time() + 0.08
    while time.thread_time() < end:
        pass
    thread.begin("idle again")
    assert thread.longest_ms["busy"] >= 80.0
    assert thread.longest_ms["idle"] < LIMIT_MS * thread.slowness


def test_the_window_is_never_busy_for_long(
    qtbot: QtBot, open_one: Open, checkpoint: Path, thread: GuiThread, tmp_path: Path
) -> None:
    read_ahead()  # as the window does by itself, some seconds after its start
    window = open_one(str(checkpoint))
    qtbot.wait(100)  # the first painting
    performer, page, takes = window.performer, window.page, window.takes

    thread.begin("loading")
    qtbot.waitUntil(lambda: window.bridge.status.state is State.IDLE, timeout=TIMEOUT_MS)
    thread.begin("playing")
    performer.toggle_play()
    qtbot.waitUntil(heard(window, 20), timeout=TIMEOUT_MS)
    thread.begin("recording")
    performer.toggle_record()
    play_on(qtbot, window, 40)
    thread.begin("turning knobs")
    for knob in (*page.bank.knobs.values(), *page.sampling.knobs.values()):
        QTest.keyClick(knob, Qt.Key.Key_PageUp)
        qtbot.wait(10)
    window.controls.undo()
    page.pad.aim((0.3, 0.1))
    play_on(qtbot, window)
    thread.begin("ending a take")
    performer.toggle_record()
    qtbot.waitUntil(lambda: takes.model.rowCount() == 1, timeout=30_000)
    thread.begin("keeping")
    performer.keep_last()
    qtbot.waitUntil(lambda: takes.model.rowCount() == 2, timeout=30_000)

    for name in (LAB, STUDY, PLAY, LAB, PLAY):
        thread.begin(f"opening {name}")
        window.pages.open(name)
        lab = window.pages.currentWidget()
        if isinstance(lab, LabPage):
            qtbot.waitUntil(lambda lab=lab: lab.lab is not None, timeout=TIMEOUT_MS)
        play_on(qtbot, window)
    for name in ("automation", "the usual row"):
        thread.begin(name)
        page.toggle_automation()
        play_on(qtbot, window)
    for dialog in (window.menus.open_settings, window.menus.show_keys, window.menus.show_log, window.menus.show_about):
        thread.begin(dialog.__name__)
        dialog()
        play_on(qtbot, window)
        close_dialogs(window)
    thread.begin("the models")
    window.models.open()
    qtbot.waitUntil(lambda: bool(window.models.rows), timeout=TIMEOUT_MS)
    window.models.close()

    thread.begin("a child at work")
    child = window.models.work.child
    with qtbot.waitSignal(
        child.progressed, timeout=CHILD_TIMEOUT_MS, check_params_cb=lambda stage, done, total: done > 0
    ):
        child.start(["render", str(tmp_path / "out.wav"), "--seconds", "600", "--model", str(checkpoint)])
    play_on(qtbot, window)
    with qtbot.waitSignal(child.stopped, timeout=TIMEOUT_MS):
        child.stop()

    thread.begin("marking a take")
    first = takes.list.model().index(0, 0)
    takes.list.setCurrentIndex(first)
    takes.list.star_asked.emit(first)
    page.edit_take(takes._take(first))
    play_on(qtbot, window)
    thread.begin("hearing a take")
    takes.list.play_asked.emit(first)
    qtbot.waitUntil(lambda: window.bridge.status.take is not None, timeout=30_000)
    qtbot.wait(200)

    thread.begin("dressing")
    for theme in ("light", "dark"):
        window.choose(theme=theme)
        qtbot.wait(100)
    window.resize(2000, 1300)
    qtbot.wait(100)

    thread.begin("end")
    limits_ms = dict.fromkeys(thread.longest_ms, LIMIT_MS) | {"dressing": DRESSING_LIMIT_MS, "starting": 1000.0}
    too_long = {
        doing: round(spent_ms)
        for doing, spent_ms in thread.longest_ms.items()
        if spent_ms > limits_ms[doing] * thread.slowness
    }
    assert too_long == {}, f"on a machine {thread.slowness:.1f} times as slow as usual: {thread.longest_ms}"
