"""Knob moves over time: straight lines between breakpoints, and nothing that cannot be played."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import automation as automation_module
from engine.automation import Automation, Lanes, states
from engine.control import ControlState
from engine.errors import ControlError

BASE = ControlState(blend=(("jazz", 0.5), ("rock", 0.2)), guidance=3.0)


def lanes(**points: list[list[float]]) -> Automation:
    return Automation.from_json({"lanes": points})


@pytest.mark.parametrize(
    ("second", "value"), [(0, 0.0), (1, 0.0), (2, 0.25), (3, 0.5), (4, 1.0), (5, -1.0), (100, -1.0)]
)
def test_straight_lines_join_the_breakpoints_and_the_ends_stay(second: float, value: float) -> None:
    state = lanes(jazz=[[1, 0], [3, 0.5], [4, 1], [5, -1]]).at(BASE, second)
    assert dict(state.blend) == {"jazz": value, "rock": 0.2}


def test_a_step_is_two_points_at_one_time() -> None:
    step = lanes(jazz=[[0, 0], [2, 0], [2, 1], [3, 1]])
    assert dict(step.at(BASE, 1.999).blend)["jazz"] == pytest.approx(0.0)
    assert dict(step.at(BASE, 2.001).blend)["jazz"] == pytest.approx(1.0)


def test_scalars_move_as_well() -> None:
    automation = lanes(
        strength=[[0, 0], [2, 1]], guidance=[[0, 3], [2, 1]], temperature=[[0, 1], [2, 0]], top_p=[[0, 1], [2, 0.5]]
    )
    state = automation.at(BASE, 1)
    assert (state.strength, state.guidance, state.temperature, state.top_p) == (0.5, 2.0, 0.5, 0.75)
    assert state.blend == BASE.blend


def test_a_lane_takes_a_knob_over_and_leaves_the_others() -> None:
    twice = BASE.changed(blend=(("jazz", 0.1), ("rock", 0.3), ("jazz", 0.2), ("rock", 0.4)))
    assert sorted(lanes(jazz=[[0, 0.9]]).at(twice, 0).blend) == [("jazz", 0.9), ("rock", 0.3), ("rock", 0.4)]
    assert lanes().at(twice, 0) is twice


def test_where_nothing_moves_the_state_is_the_same_object() -> None:
    assert lanes(rock=[[0, 0.2]], guidance=[[0, 3]]).at(BASE, 1) is BASE
    played = list(states(BASE, lanes(jazz=[[0, 0], [0.1, 0.5], [0.3, 0.5], [0.4, 1]]), 30, 50.0))
    assert len(played) == 30
    assert len({id(state) for state in played[5:16]}) == 1, "at rest from 0.1 s to 0.3 s"
    assert len({state.blend for state in played[15:21]}) == 6, "moving from 0.3 s to 0.4 s"
    numbers = [state.number for state in played]
    assert numbers == sorted(numbers)


def test_every_frame_has_a_state() -> None:
    assert list(states(BASE, None, 3, 50.0)) == [BASE] * 3
    values = [dict(state.blend)["jazz"] for state in states(BASE, lanes(jazz=[[0, 0], [1, 1]]), 11, 10.0)]
    np.testing.assert_allclose(values, np.linspace(0, 1, 11))


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"lanes": []},
        {"lanes": {"jazz": 1}},
        {"lanes": {"jazz": [1, 2]}},
        {"lanes": {"jazz": [[0, 1, 2]]}},
        {"lanes": {"jazz": [[0, "loud"]]}},
        {"lanes": {"jazz": [[0, None]]}},
        {"lanes": {"jazz": [[0, 10**400]]}},
    ],
    ids=str,
)
def test_another_form_is_refused_and_shown_how(data: Any) -> None:
    with pytest.raises(ControlError, match="automation must look like"):
        Automation.from_json(data)


@pytest.mark.parametrize("points", [[], [[-1, 0]], [[2, 0], [1, 0]], [[0, float("nan")]], [[float("inf"), 0]]], ids=str)
def test_times_start_at_zero_or_later_and_rise(points: list[list[float]]) -> None:
    with pytest.raises(ControlError, match="the lane of jazz is not in order: begin it at 0 s"):
        lanes(jazz=points)


@pytest.mark.parametrize(
    ("points", "complaint"),
    [
        ({"jazz": [[0, 0], [5, 1e9]]}, "the knob of jazz"),
        ({"guidance": [[0, 3], [5, -1]]}, "guidance"),
        ({"top_p": [[0, 1], [5, 2]]}, "top-p"),
    ],
)
def test_a_lane_that_leaves_its_range_is_refused_before_it_plays(
    points: dict[str, list[list[float]]], complaint: str
) -> None:
    with pytest.raises(ControlError, match=complaint):
        lanes(**points)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "moves.json"
    path.write_text(json.dumps({"lanes": {"jazz": [[0, 0], [2, 1]]}}), encoding="utf-8")
    assert Automation.load(path).lanes == {"jazz": ((0.0, 0.0), (2.0, 1.0))}


def test_what_is_written_can_be_read() -> None:
    moves = lanes(jazz=[[0, 0], [2, 1]], guidance=[[0.5, 3]])
    assert Automation.from_json(json.loads(json.dumps(moves.to_json()))) == moves


@pytest.mark.parametrize("content", [b"", b"lanes: jazz", b"\xff\xfe\x00", b"[" * 100_000], ids=len)
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "moves.json"
    path.write_bytes(content)
    with pytest.raises(ControlError, match="is not JSON: automation must look like"):
        Automation.load(path)


def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ControlError, match=r"cannot be read .*: give a file of lanes"):
        Automation.load(tmp_path / "missing.json")
    with pytest.raises(ControlError, match=r"cannot be read .*: give a file of lanes"):
        Automation.load(tmp_path)
    monkeypatch.setattr(automation_module, "MAX_BYTES", 10)
    (tmp_path / "large.json").write_text('{"lanes": {}}', encoding="utf-8")
    with pytest.raises(ControlError, match="too large for an automation file: give one"):
        Automation.load(tmp_path / "large.json")


def test_lanes_keep_one_state_while_nothing_moves() -> None:
    running = Lanes(lanes(jazz=[[0, 0], [1, 1], [2, 1]]), None, 100, 50.0)
    moving = [running.at(BASE, frame) for frame in range(100, 150)]
    assert len({id(state) for state in moving}) == 50
    still = [running.at(BASE, frame) for frame in range(150, 400)]
    assert len({id(state) for state in still}) == 1
    assert dict(still[0].blend) == {"jazz": 1.0, "rock": 0.2}
    other = BASE.changed(guidance=1.0)
    assert running.at(other, 400).guidance == 1.0, "what no lane moves is the player's"


def test_lanes_begin_again() -> None:
    running = Lanes(lanes(jazz=[[0, 0], [1, 1]]), 1.0, 10, 50.0)
    assert running.place_s(10 + 75) == pytest.approx(0.5)
    assert dict(running.at(BASE, 85).blend)["jazz"] == pytest.approx(0.5)
    assert running.place_s(3) == 0.0
    running = running.restarted()
    assert running.place_s(25) == pytest.approx(0.5)


@pytest.mark.parametrize("loop_s", [0.0, -1.0, 0.001, float("nan"), float("inf")])
def test_a_loop_has_a_length(loop_s: float) -> None:
    with pytest.raises(ControlError, match="loop"):
        Lanes(lanes(jazz=[[0, 0]]), loop_s, 0, 50.0)
