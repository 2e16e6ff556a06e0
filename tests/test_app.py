"""The app itself, as a user starts it, under an X server of the test's own: it appears, plays, records, and closes whole."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.takes.library import Library, verify_take

MAIN = Path(__file__).resolve().parents[1] / "main.py"
TIMEOUT_S = 90.0
PATIENCE_S = 20.0

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not all(map(shutil.which, ("Xvfb", "xwininfo", "xdotool"))),
    reason="needs Xvfb, xwininfo and xdotool: sudo apt install xvfb x11-utils xdotool",
)


@pytest.fixture
def display() -> Iterator[str]:
    """An X server without a screen."""
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


@pytest.fixture
def surroundings(display: str, tmp_path: Path) -> dict[str, str]:
    """A user's environment in a folder of the test's own: no settings, no takes, no other window to come forward."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "XDG_", "WAYLAND"))}
    (tmp_path / "tmp").mkdir()
    mine = {"DISPLAY": display, "HOME": str(tmp_path), "TMPDIR": str(tmp_path / "tmp"), "LOGNAME": uuid.uuid4().hex}
    return {**kept, **mine, "XDG_RUNTIME_DIR": str(tmp_path / "tmp")}


def start(surroundings: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(MAIN)], env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_until(condition: Callable[[], bool], app: subprocess.Popen[str], timeout_s: float = TIMEOUT_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert app.poll() is None, f"ended with {app.returncode}: {app.stdout.read() if app.stdout else ''}"
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def told(surroundings: dict[str, str], *words: str) -> str:
    return subprocess.run(words, env=surroundings, capture_output=True, text=True, timeout=30).stdout


def is_shown(surroundings: dict[str, str]) -> bool:
    tree = told(surroundings, "xwininfo", "-root", "-tree")
    sizes = re.findall(r'"Segue": .* (\d+)x\d+\+', tree)  # there are small ones of Qt's own
    return any(int(width) > 1000 for width in sizes)


def press(surroundings: dict[str, str], key: str) -> None:
    told(surroundings, "xdotool", "search", "--onlyvisible", "--name", "^Segue$", "windowfocus", "--sync", "key", key)


def test_it_appears_plays_records_and_closes_whole(surroundings: dict[str, str], tmp_path: Path) -> None:
    begun = time.monotonic()
    app = start(surroundings)
    try:
        wait_until(lambda: is_shown(surroundings), app)
        print(f"the window was there after {time.monotonic() - begun:.2f} s")

        second = start(surroundings)
        assert second.wait(TIMEOUT_S) == 0, "it has let the first one come forward"
        assert app.poll() is None

        takes = tmp_path / "Music" / "Segue"
        press(surroundings, "space")  # play, as soon as there is a model; this key also ends the welcome
        press(surroundings, "r")

        def recorded() -> bool:
            # The model may have come after the key.
            files = list(takes.glob("*.wav"))
            if not files:
                press(surroundings, "r")
                time.sleep(1.0)
            return any(file.stat().st_size > 200_000 for file in files)

        wait_until(recorded, app)
        app.send_signal(signal.SIGTERM)
        assert app.wait(PATIENCE_S) == 0
        words = app.stdout.read() if app.stdout else ""
        assert "Traceback" not in words, words
        assert "failure of ours" not in words, words
    finally:
        app.kill()
        app.wait()
    scan = Library(takes).scan()
    assert scan.problems == ()
    assert [verify_take(take) for take in scan.takes] == [[]]
    assert scan.takes[0].interrupted == ""
    assert scan.takes[0].peak_dbfs > -60.0, "it has played"
