"""Qt aborts where it finds no display: the question is asked in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
DISPLAY_NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def obstacle_with(**environment: str) -> str:
    return told_by("from gui.display import obstacle; print(obstacle())", **environment)


def told_by(code: str, **environment: str) -> str:
    base = {name: value for name, value in os.environ.items() if name not in DISPLAY_NAMES}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**base, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.strip()


@linux
def test_no_display_is_named_as_such() -> None:
    assert obstacle_with() == "no display"


@linux
@pytest.mark.parametrize("platform", ["xcb", "no-such-platform"])
def test_a_display_that_does_not_answer_ends_in_words_and_not_in_an_abort(platform: str) -> None:
    assert obstacle_with(DISPLAY=":4711", QT_QPA_PLATFORM=platform) == "Qt cannot open the display"


def test_a_window_can_open_where_qt_starts() -> None:
    assert obstacle_with(QT_QPA_PLATFORM="offscreen") == "None"


def test_python_imports_as_before_once_qt_is_there() -> None:
    code = "import builtins; ours = builtins.__import__; from gui.display import obstacle; obstacle()"
    assert told_by(f"{code}; print(builtins.__import__ is ours)", QT_QPA_PLATFORM="offscreen") == "True"
