"""Edits of a lane: times always rise, and nothing changes but what was touched."""

from __future__ import annotations

import numpy as np
import pytest

from engine.automation import Automation
from engine.breakpoints import Lane, value_at
from gui.automation.lane_edits import drawn, moved, with_point, without_point
from gui.automation.lane_model import LONGEST_S, LaneModel

LANE: Lane = ((1.0, 0.0), (2.0, 1.0), (4.0, -1.0))


def test_value_on_the_line() -> None:
    assert [value_at(LANE, second) for second in (0, 1, 1.5, 2, 3, 4, 9)] == [0.0, 0.0, 0.5, 1.0, 0.0, -1.0, -1.0]


def test_points_come_and_go() -> None:
    lane, index = with_point(LANE, (3.0, 0.3))
    assert (lane[index], index) == ((3.0, 0.3), 2)
    assert without_point(lane, index) == LANE
    assert with_point((), (3.0, 0.3)) == (((3.0, 0.3),), 0)
    assert with_point(LANE, (2.0, 0.5))[1] == 2, "at the same time as another it comes after: a step"


@pytest.mark.parametrize(("second", "there"), [(-5.0, 1.0), (1.5, 1.5), (99.0, 4.0)])
def test_a_point_stays_between_its_neighbours(second: float, there: float) -> None:
    assert moved(LANE, 1, second, 0.2) == (LANE[0], (there, 0.2), LANE[2])
    assert moved(LANE, 0, -3.0, 0.0)[0] == (0.0, 0.0)
    assert moved(LANE, 2, 99.0, 0.0)[2] == (99.0, 0.0)


def test_a_stroke_holds_where_it_was_drawn_and_nowhere_else() -> None:
    stroke = [(1.5 + n / 100, 0.25) for n in range(100)]
    lane = drawn(LANE, stroke, 0.01)
    Automation.from_json({"lanes": {"jazz": lane}})  # times rise
    for second in np.linspace(0, 6, 601):
        inside = 1.5 <= second < stroke[-1][0] - 1e-9
        assert value_at(lane, second) == pytest.approx(0.25 if inside else value_at(LANE, second), abs=0.011)
    assert len(lane) == 6, "two ends, two of the stroke, a step into it and one out of it; what it crossed is gone"


def test_where_a_stroke_turns_back_the_later_part_holds() -> None:
    there = [(n / 10, 1.0) for n in range(20)]
    back = [(1.9 - n / 10, -1.0) for n in range(1, 10)]
    lane = drawn((), [*there, *back], 0.01)
    assert value_at(lane, 0.5) == 1.0
    assert value_at(lane, 1.4) == -1.0
    times = [second for second, _ in lane]
    assert times == sorted(times)


def test_a_stroke_of_one_point_and_one_over_everything() -> None:
    assert drawn((), [(1.0, 0.5)], 0.01) == ((1.0, 0.5),)
    assert drawn(LANE, [(0.0, 0.5), (9.0, 0.5)], 0.01) == ((0.0, 0.5), (9.0, 0.5))


def test_the_model_keeps_gestures_as_steps(qapp: object) -> None:
    model = LaneModel()
    model.edit("jazz", LANE)
    model.begin()
    for value in (0.1, 0.2, 0.3):
        model.edit("jazz", moved(LANE, 1, 2.0, value))
    model.end()
    model.edit("rock", ((0.0, 1.0),))
    for key in (0.4, 0.5):
        model.edit("rock", ((0.0, key),), "point 0")
    assert dict(model.lanes) == {"jazz": moved(LANE, 1, 2.0, 0.3), "rock": ((0.0, 0.5),)}
    model.undo()
    assert model.lane("rock") == ((0.0, 1.0),)
    model.undo()
    model.undo()
    assert dict(model.lanes) == {"jazz": LANE}
    model.undo()
    assert not model.can_undo
    for _ in range(4):
        model.redo()
    assert model.lane("rock") == ((0.0, 0.5),)
    model.edit("rock", ())
    assert "rock" not in model.lanes
    model.set_length(1e9)
    assert model.length_s == LONGEST_S
    model.take_up({"jazz": LANE, "rock": ()}, 8.0)
    assert dict(model.automation.lanes) == {"jazz": LANE}
    model.undo()
    assert model.length_s == LONGEST_S
