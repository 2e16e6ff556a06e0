"""Measured speeds outlive the window; what is no measurement is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.status import State, Status
from gui.models.speeds import TRUSTED_AFTER_FRAMES, Speeds


def playing(frame: int, factor: float = 3.0, seed: int = 1) -> Status:
    return Status(state=State.PLAYING, frame=frame, seed=seed, realtime_factor=factor)


def test_what_was_measured_is_there_at_the_next_start(tmp_path: Path) -> None:
    Speeds(tmp_path / "new" / "speeds.json").note("pocket", 3.7)
    assert Speeds(tmp_path / "new" / "speeds.json").measured("pocket") == 3.7
    assert Speeds(tmp_path / "new" / "speeds.json").measured("other") is None


def test_a_performance_is_noted_once_when_it_has_gone_on_for_a_while(tmp_path: Path) -> None:
    speeds = Speeds(tmp_path / "speeds.json")
    speeds.follow("pocket", playing(TRUSTED_AFTER_FRAMES - 1))
    assert speeds.measured("pocket") is None
    speeds.follow("pocket", playing(TRUSTED_AFTER_FRAMES))
    speeds.follow("pocket", playing(TRUSTED_AFTER_FRAMES + 1, factor=9.0))
    assert speeds.measured("pocket") == 3.0
    speeds.follow("pocket", playing(TRUSTED_AFTER_FRAMES, factor=2.0, seed=2))
    assert speeds.measured("pocket") == 2.0


@pytest.mark.parametrize("content", ["rubbish", "[1]", '{"pocket": "fast"}', '{"pocket": -1}', '{"pocket": 1e999}'])
def test_rubbish_is_no_measurement(tmp_path: Path, content: str) -> None:
    path = tmp_path / "speeds.json"
    path.write_text(content, encoding="utf-8")
    assert Speeds(path).measured("pocket") is None
