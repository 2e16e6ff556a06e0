"""A download beside the window: the real command and the hub's real client, against a hub on this machine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from gui.child import Child

WORDS = ["download", "someone/tiny", "--yes"]
TIMEOUT_MS = 60_000


def test_it_tells_bytes_stops_clean_and_goes_on(qtbot: QtBot, hub: Any, cache: Path) -> None:
    child = Child()
    told: list[tuple[str, float, float]] = []
    child.progressed.connect(lambda *progress: told.append(progress))
    hub.gate.clear()
    child.start(WORDS)
    qtbot.waitUntil(lambda: "model.safetensors" in hub.sent, timeout=TIMEOUT_MS)
    qtbot.wait(300)
    begun = time.monotonic()
    with qtbot.waitSignal(child.stopped, timeout=TIMEOUT_MS):
        child.stop()
    assert time.monotonic() - begun < 4.0, "it ended by itself"
    files = {path.name for path in (cache / "snapshots").rglob("*")}
    assert "config.json" in files
    assert "model.safetensors" not in files
    assert [path for path in (cache / "blobs").iterdir() if "incomplete" in path.name] == []

    hub.gate.set()
    with qtbot.waitSignal(child.finished, timeout=TIMEOUT_MS) as done:
        child.start(WORDS)
    assert done.args[0]["downloaded"]
    assert Path(done.args[0]["folder"]).is_relative_to(cache)
    assert hub.sent.count("config.json") == 1
    stage, count, total = told[-1]
    assert (stage, count) == ("downloading", total)


def test_a_dry_run_says_what_it_would_be(qtbot: QtBot, hub: Any, cache: Path) -> None:
    child = Child()
    with qtbot.waitSignal(child.finished, timeout=TIMEOUT_MS) as done:
        child.start(["download", "someone/tiny", "--dry-run"])
    offer = done.args[0]
    assert (offer["licence"], offer["downloaded"]) == ("cc-by-nc-4.0", False)
    assert offer["size_bytes"] > 0
    assert not cache.exists()
