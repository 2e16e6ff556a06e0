"""What is edited of a take, and what is rendered: exact wherever nothing was touched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.control import ControlState
from engine.takes.history import History
from engine.takes.moves import first_difference, with_lanes
from engine.takes.pcm import Measurement
from engine.takes.score import Origin
from engine.takes.take import Take
from gui.automation.take_moves import TOLERANCE, TakeMoves

RATE_HZ = 50.0


@pytest.fixture
def take() -> Take:
    """Ten seconds in which jazz is turned back and forth for six."""
    origin = Origin("Segue", "m", "a" * 64, "", "", "", "cpu", "fp32", 0, 32_000, 1, 4, 640)
    history = History(origin, ControlState(strength=0.9).to_json())
    for frame in range(1, 300):
        state = ControlState(strength=0.9, blend=(("jazz", round(float(np.sin(frame / 30)), 3)),))
        history.change(frame, state.to_json())
    score = history.score(start_frame=0, end_frame=500, start_sample=0, end_sample=320_000, codes_sha256="0" * 64)
    return Take(Path("jam-1.wav"), "jam-1", "", 32_000, 1, Measurement(320_000, 0.0, -14.0, "0" * 64), score=score)


def test_few_points_are_shown_and_the_rest_is_kept(take: Take) -> None:
    moves = TakeMoves.of(take)
    assert set(moves.shown) == {"jazz"}
    assert len(moves.shown["jazz"]) < 60 < len(moves.exact["jazz"])
    assert moves.resting["strength"] == 0.9
    assert moves.changes(moves.shown).lanes == {}
    assert not moves.differs(moves.shown)
    assert moves.differs({})
    assert moves.differs({**moves.shown, "rock": ((0.0, 1.0),)})


def test_an_edit_changes_nothing_before_it(take: Take) -> None:
    moves = TakeMoves.of(take)
    lane = moves.shown["jazz"]
    index = next(n for n, point in enumerate(lane) if point[0] > 3.0)
    edited = (*lane[:index], (lane[index][0], -2.0), *lane[index + 1 :])
    changes = moves.changes({"jazz": edited})
    difference = first_difference(take.score, with_lanes(take.score, changes))
    assert difference is not None
    before = round(lane[index - 1][0] * RATE_HZ)
    assert before < difference <= before + 1 + TOLERANCE * RATE_HZ
    after = with_lanes(take.score, changes)
    last = round(lane[index + 1][0] * RATE_HZ)
    for frame in (last, last + 20, 499):
        assert after.state_at(frame)["blend"] == take.score.state_at(frame)["blend"]


def test_a_new_lane_and_a_cleared_one(take: Take) -> None:
    moves = TakeMoves.of(take)
    changes = moves.changes({"strength": ((2.0, 0.5),)})
    assert changes.lanes["strength"] == ((2.0, 0.5),)
    assert changes.lanes["jazz"] == ((0.0, 0.0),), "cleared: it rests where it was when the take began"
