"""A score's moves as lanes and back: exact to the frame, and nothing before the take is touched."""

from __future__ import annotations

import json

import numpy as np
import pytest
from invented_performance import make_origin

from engine.automation import Automation
from engine.control import ControlState
from engine.takes.history import History
from engine.takes.moves import first_difference, frame_rate_hz, moves, same, with_lanes
from engine.takes.score import Score

START, END = 30, 330
CALM = ControlState(blend=(("jazz", 0.2),), prompt="a waltz")


def jazz(frame: int) -> float:
    return round(float(np.sin(frame / 40)), 3)


@pytest.fixture
def score() -> Score:
    """A knob that is turned without pause from frame 10 to 250, and a scalar that jumps at frame 100."""
    history = History(make_origin(), CALM.to_json())
    for frame in range(10, 250):
        blend = (("jazz", jazz(frame)),) + ((("rock", -0.4),) if frame >= 200 else ())
        state = CALM.changed(blend=blend, guidance=4.5 if frame >= 100 else 3.0)
        history.change(frame, state.to_json())
    score = history.score(start_frame=START, end_frame=END, start_sample=0, end_sample=1, codes_sha256="0" * 64)
    return Score.from_json(score.to_json(), "here")


def values(score: Score, name: str) -> list[float]:
    states = [ControlState.from_json(score.state_at(frame)) for frame in range(START, END)]
    if name == "guidance":
        return [state.guidance for state in states]
    return [dict(state.blend).get(name, 0.0) for state in states]


def test_lanes_without_tolerance_are_the_score_to_the_frame(score: Score) -> None:
    found = moves(score)
    assert set(found.lanes) == {"jazz", "rock", "guidance"}
    rate_hz = frame_rate_hz(score)
    for name in found.lanes:
        states = [found.at(ControlState(), frame / rate_hz) for frame in range(END - START)]
        played = [state.guidance if name == "guidance" else dict(state.blend)[name] for state in states]
        assert played == values(score, name)


def test_a_tolerance_saves_breakpoints_and_is_kept(score: Score) -> None:
    exact, fewer = moves(score), moves(score, 0.01)
    assert len(exact.lanes["jazz"]) > 200
    assert len(fewer.lanes["jazz"]) < 30
    assert len(fewer.lanes["guidance"]) == 3
    played = [dict(fewer.at(CALM, n / frame_rate_hz(score)).blend)["jazz"] for n in range(END - START)]
    np.testing.assert_allclose(played, values(score, "jazz"), atol=0.01 + 1e-9)


def test_its_own_lanes_change_nothing(score: Score) -> None:
    again = with_lanes(score, moves(score))
    assert first_difference(score, again) is None
    assert [same(*pair) for pair in zip(every(score), every(again), strict=True)] == [True] * END


def every(score: Score) -> list[ControlState]:
    return [ControlState.from_json(score.state_at(frame)) for frame in range(END)]


def test_one_lane_changed_from_a_place_on(score: Score) -> None:
    lane = moves(score).lanes["jazz"]
    place_s = 100 / frame_rate_hz(score)
    edited = (*[point for point in lane if point[0] <= place_s], (place_s + 0.02, -1.0))
    varied = with_lanes(score, Automation({"jazz": edited}))
    assert first_difference(score, varied) == START + 101
    assert values(varied, "jazz")[101:] == [-1.0] * (END - START - 101)
    assert values(varied, "guidance") == values(score, "guidance")
    assert values(varied, "rock") == values(score, "rock")
    assert {state.prompt for state in every(varied)} == {"a waltz"}
    assert varied.state_at(START - 1) == score.state_at(START - 1)
    stored = Score.from_json(json.loads(json.dumps(varied.to_json())), "there")
    assert first_difference(varied, stored) is None


def test_a_take_from_the_very_first_frame_has_its_beginning_moved(score: Score) -> None:
    history = History(make_origin(), CALM.to_json())
    whole = history.score(start_frame=0, end_frame=50, start_sample=0, end_sample=1, codes_sha256="0" * 64)
    assert moves(whole).lanes == {}
    varied = with_lanes(whole, Automation({"strength": ((0.0, 0.5), (0.5, 0.5), (1.0, 2.0))}))
    assert ControlState.from_json(varied.initial).strength == 0.5
    assert first_difference(whole, varied) == 0
    assert len(varied.changes) == 24, "level for the first half second, then a step a frame"


def test_what_is_the_same_music() -> None:
    one = ControlState(blend=(("rock", 0.0), ("jazz", 0.5)), number=4)
    assert same(one, ControlState(blend=(("jazz", 0.25), ("jazz", 0.25))))
    assert not same(one, ControlState(blend=(("jazz", 0.5), ("rock", 0.1))))
    assert not same(one, one.changed(guidance=1.0))
