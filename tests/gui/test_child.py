"""Commands of ours beside the window: real processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.child import NICENESS, Child


@pytest.fixture
def child(qtbot: QtBot) -> Child:
    return Child()


def test_a_command_ends_with_its_result(qtbot: QtBot, child: Child, tmp_path: Path) -> None:
    with qtbot.waitSignal(child.finished, timeout=60_000) as done:
        child.start(["takes", "list", "--folder", str(tmp_path)])
        assert child.running
    assert done.args[0]["takes"] == []
    assert not child.running


def test_a_refusal_comes_back_in_words(qtbot: QtBot, child: Child, tmp_path: Path) -> None:
    with qtbot.waitSignal(child.failed, timeout=60_000) as failed:
        child.start(["render", str(tmp_path / "out.txt")])
    assert "must end in .wav or .flac" in failed.args[0]
    assert not failed.args[0].startswith("segue")


def test_progress_arrives_and_a_stop_is_told(qtbot: QtBot, child: Child, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    with qtbot.waitSignal(
        child.progressed, timeout=60_000, check_params_cb=lambda stage, done, total: done > 0
    ) as told:
        child.start(["render", str(out), "--seconds", "600"])
    assert told.args[2] == 600
    process = child._process
    assert process is not None
    if sys.platform != "win32":
        mine = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, process.processId()) == max(NICENESS, mine)
    with qtbot.waitSignal(child.stopped, timeout=30_000):
        child.stop()
    assert out.exists(), "what was made so far is a whole file"


def test_work_that_was_done_when_it_was_asked_to_stop_is_finished(qtbot: QtBot, child: Child, tmp_path: Path) -> None:
    with qtbot.waitSignal(child.finished, timeout=60_000):
        child.start(["takes", "list", "--folder", str(tmp_path)])
        child._asked_to_stop = True  # the signal comes after the last line of the command


def test_a_letter_that_arrives_in_two_parts_is_one(
    qtbot: QtBot, child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, time\n"
        "line = 'segue: zu gro\u00df\\n'.encode()\n"
        "for part in (line[:-2], line[-2:]):\n"
        "    sys.stderr.buffer.write(part); sys.stderr.flush(); time.sleep(0.3)\n"
        "sys.exit(2)\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("gui.child.MAIN", program)
    with qtbot.waitSignal(child.failed, timeout=60_000) as failed:
        child.start([])
    assert failed.args == ["zu groß"]
    assert not child.crashed


def test_it_ends_when_nobody_holds_it_any_more(qtbot: QtBot, child: Child, tmp_path: Path) -> None:
    """As on Windows when it is stopped, and anywhere when the window's process dies."""
    out = tmp_path / "out.wav"
    with qtbot.waitSignal(child.progressed, timeout=60_000, check_params_cb=lambda stage, done, total: done > 0):
        child.start(["render", str(out), "--seconds", "600"])
    process = child._process
    assert process is not None
    with qtbot.waitSignal(process.finished, timeout=30_000) as ended:
        process.closeWriteChannel()
    assert ended.args[0] == 130
    assert out.exists(), "what was made so far is a whole file"


def test_what_is_found_on_the_way_is_neither_progress_nor_last_words(qtbot: QtBot, child: Child) -> None:
    found: list[object] = []
    child.told.connect(found.append)
    with qtbot.waitSignal(child.progressed) as progress:
        for line in (
            '{"finding": {"layer": 1}}',
            '{"stage": 3}',
            "7",
            "words",
            '{"stage": "x", "done": 1, "total": 2}',
        ):
            child._hear(line)
    assert found == [{"finding": {"layer": 1}}, {"stage": 3}]
    assert progress.args == ["x", 1.0, 2.0]
    assert child._last_words == "words"


def test_closing_waits_for_the_end(qtbot: QtBot, child: Child, tmp_path: Path) -> None:
    child.start(["render", str(tmp_path / "out.wav"), "--seconds", "600"])
    qtbot.waitSignal(child.progressed, timeout=60_000).wait()
    child.close()
    assert not child.running
    assert not child._patience.isActive(), "it is over, and its process is no more"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks otherwise")
def test_one_that_does_not_listen_is_ended_the_hard_way(
    qtbot: QtBot, child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('{\"deaf\": 1}', file=sys.stderr, flush=True)\n"
        "time.sleep(60)\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("gui.child.MAIN", program)
    child._patience.setInterval(100)
    with qtbot.waitSignal(child.told, timeout=60_000):
        child.start([])
    with qtbot.waitSignal(child.stopped, timeout=30_000):
        child.stop()
    assert child.crashed
