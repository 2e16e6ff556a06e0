"""Random use of everything while it plays: no exception, no growth, and the music goes on.

``SEGUE_MONKEY_S=1800`` lets it go on for half an hour.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from gui_thread import LIMIT_MS, GuiThread
from monkey import Monkey
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.status import State
from gui.child import Child
from gui.main_window import MainWindow

DURATION_S = float(os.environ.get("SEGUE_MONKEY_S", "12"))
RELOAD_EVERY_S = 60.0
GROWTH_LIMIT_MB = 50.0
TIMEOUT_MS = 60_000
STATM = Path("/proc/self/statm")
# Of Qt's offscreen platform, and not of ours
OFFSCREEN = ("This plugin does not support", "QFont::setPixelSize", "propagateSizeHints")

Open = Callable[..., MainWindow]


def resident_mb() -> float | None:
    """What this process has in memory; None where that is not told."""
    if not STATM.exists():
        return None
    return int(STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.fixture
def things(tmp_path: Path) -> tuple[Path, ...]:
    """To be dropped: sound, silence, a document, nothing, a folder, what is not there."""
    folder = tmp_path / "things"
    folder.mkdir()
    soundfile.write(folder / "song.wav", 0.3 * np.sin(np.arange(8 * 8000) * 0.2), 8000)
    soundfile.write(folder / "silence.flac", np.zeros(400), 8000)
    (folder / "score.pdf").write_bytes(b"%PDF-1.7 no music" * 100)
    (folder / "empty.wav").touch()
    return *sorted(folder.iterdir()), folder, folder / "gone.wav"


@pytest.fixture(autouse=True)
def nothing_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No native dialog, no other program, no child of minutes, no bin but the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for ask in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, ask, lambda *_args, **_names: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args, **_names: "")
    monkeypatch.setattr("gui.takes.panel.open_folder", lambda _folder: True)
    monkeypatch.setattr("gui.takes.panel.reveal", lambda _path: True)
    monkeypatch.setattr(
        Child, "start", lambda child, _words: QTimer.singleShot(0, child, lambda: child.failed.emit("no children here"))
    )


@pytest.mark.timeout(DURATION_S + 300)
def test_a_monkey_at_the_window(
    qtbot: QtBot,
    open_one: Open,
    things: tuple[Path, ...],
    monkeypatch: pytest.MonkeyPatch,
    qtlog: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    uncaught: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: uncaught.append(args))
    window = open_one("pocket")
    bridge, performer = window.bridge, window.performer
    qtbot.waitUntil(lambda: bridge.status.state is State.IDLE, timeout=TIMEOUT_MS)
    performer.toggle_play()
    qtbot.waitUntil(lambda: bridge.status.heard_frame > 20, timeout=TIMEOUT_MS)
    for page in reversed(window.pages.names):
        window.pages.open(page)
        qtbot.wait(500)
    monkey, thread = Monkey(window, 5, things), GuiThread()
    thread.watch()
    thread.begin("monkey")
    begun, warm_mb = time.monotonic(), None
    dropouts, of_the_window = bridge.status.underruns, []
    reload_at = begun  # while warming up as well: two models at once are the most that there will ever be
    while (now := time.monotonic()) < begun + DURATION_S:
        if warm_mb is None and now > begun + DURATION_S / 2:
            gc.collect()
            warm_mb = resident_mb()
        if now > reload_at:
            window.load("pocket")
            reload_at += RELOAD_EVERY_S
        monkey.act()
        qtbot.wait(10)
        if bridge.status.underruns > dropouts and thread.recent_ms > LIMIT_MS * thread.slowness:
            of_the_window.append((round(thread.recent_ms), monkey.done[-3:]))
        dropouts, thread.recent_ms = bridge.status.underruns, 0.0
    thread.begin("end")
    thread.unwatch()
    gc.collect()
    grown_mb = (resident_mb() or 0.0) - (warm_mb or 0.0)
    summary = (
        f"{len(monkey.done)} acts, {grown_mb:.1f} MB, dropouts {bridge.status.underruns}, of the window {of_the_window}, "
        f"longest {thread.longest_ms['monkey']:.0f} ms, slowness {thread.slowness:.1f}, takes {window.takes.model.rowCount()}"
    )
    print(summary)
    last = monkey.done[-12:]
    assert uncaught == [], last
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == [], last
    assert [r.message for r in qtlog.records if not any(words in r.message for words in OFFSCREEN)] == [], last
    assert grown_mb < GROWTH_LIMIT_MB, summary
    qtbot.waitUntil(lambda: bridge.status.state is not State.EMPTY, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: not window._awaiting_model, timeout=TIMEOUT_MS)
    performer.restart_new()
    qtbot.waitUntil(lambda: bridge.playing and bridge.status.heard_frame > 5, timeout=TIMEOUT_MS)
