"""What a parent process reads of our progress."""

from __future__ import annotations

import json

import pytest

from engine.progress import bars, lines


def test_lines_tell_beginning_and_end(capsys: pytest.CaptureFixture[str]) -> None:
    with lines("recording", 5) as advance:
        for _ in range(5):
            advance(1)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert told[0] == {"stage": "recording", "done": 0, "total": 5}
    assert told[-1] == {"stage": "recording", "done": 5, "total": 5}
    assert len(told) <= 4, "lines are held back between"


def test_bars_write_nothing_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with bars("recording", 2) as advance:
        advance(2)
    captured = capsys.readouterr()
    assert not captured.out
    assert "recording" in captured.err
