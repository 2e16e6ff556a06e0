"""The linearity of knobs whose answers are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from probes.evaluate.linearity import STEPS, STEPS_AWAY, Curve, hear_knob, linearity
from probes.evaluate.straighten import straighten
from probes.moments import Doubles

LADDER = [0.0, 0.15, 0.3, 0.45, 0.7, 1.0, 1.4, 2.0]


def bent(alphas: Doubles) -> Doubles:
    """Little at first, then all at once: α / 0.25 to the third, to half the probability at a knob of 1."""
    return 0.2 + 0.5 * np.sign(alphas) * np.abs(alphas / 0.25) ** 3


@pytest.fixture
def stage(pretend: Any) -> Any:
    made = pretend(bent)
    heard = [[0.2 + 0.5 * factor**3 for factor in LADDER]] * 4
    made.pack = replace(made.pack, knob_map=straighten(LADDER, heard))
    return made


def test_the_map_makes_the_knob_straighter(stage: Any) -> None:
    found = hear_knob(stage, "jazz")
    assert found.before.r2 < 0.9 < 0.97 < found.after.r2
    # Both end at the same strength, the redline's.
    assert found.after.knobs[-1] == pytest.approx(1.5)
    assert found.before.values[-1] == pytest.approx(found.after.values[-1], rel=1e-3)
    assert found.after.at(1.0) == pytest.approx(0.7, abs=0.05)


def test_a_pack_without_a_map_is_heard_as_it_is(pretend: Any) -> None:
    found = hear_knob(pretend(bent), "jazz")
    np.testing.assert_allclose(found.before.values, found.after.values)
    np.testing.assert_allclose(found.before.knobs, found.after.knobs)


def test_it_is_turned_up_on_other_music_and_down_on_its_own(stage: Any) -> None:
    hear_knob(stage, "jazz")
    sources: dict[str, set[int]] = {}
    first = 0
    for name, count in zip(stage.names, (6 * (STEPS + 1), 6 * (STEPS - 1), 3 * (STEPS_AWAY + 1)), strict=True):
        sources[name] = {int(piece.prompt_codes[0, 0]) for piece in stage.played[first : first + count]}
        first += count
    assert first == len(stage.played)
    assert sources == {
        "jazz knob without its map": {0, 1, 3},
        "jazz knob with its map": {0, 1, 3},
        "jazz knob turned away": {2},
    }


def test_every_position_is_heard_on_the_same_pieces(stage: Any) -> None:
    hear_knob(stage, "rock")
    groups = [stage.played[start : start + 6] for start in range(0, 6 * 2 * STEPS, 6)]
    for group in groups:
        assert [piece.seed for piece in group] == [piece.seed for piece in groups[0]]
    assert len({piece.seed for piece in groups[0]}) == 6
    assert [any(piece.blend.offsets for piece in group) for group in groups] == [False] + [True] * (2 * STEPS - 1)


def test_a_redline_past_the_windows_knobs_is_not_played(stage: Any) -> None:
    stage.pack = replace(stage.pack, redline=np.full(4, 9, np.float32))
    assert hear_knob(stage, "jazz").after.knobs.max() == 2.0


def test_the_part_has_a_curve_for_every_genre_that_the_judge_knows(stage: Any) -> None:
    part = linearity(stage)
    facts: Any = part.facts["linearity"]
    assert list(facts) == list(stage.pack.genres)
    assert facts["rock"]["r2_after"] > facts["rock"]["r2_before"]
    assert part.html.count("<svg") == 4 == len(part.figures)
    assert part.markdown.count("\n| ") == 6


def test_single_pieces_are_less_straight_than_their_mean() -> None:
    rng = np.random.default_rng(0)
    knobs = np.linspace(0, 1, 5)
    curve = Curve(knobs, knobs[:, None] + 0.3 * rng.standard_normal((5, 40)))
    assert curve.r2 > 0.95
    assert curve.r2_of_pieces == pytest.approx(np.corrcoef(np.repeat(knobs, 40), curve.pieces.ravel())[0, 1] ** 2)
    assert curve.r2_of_pieces < 0.75


def test_a_knob_that_takes_away_is_not_straight(pretend: Any) -> None:
    found = hear_knob(pretend(lambda alphas: 0.5 - alphas), "jazz")
    assert (found.after.r2, found.before.r2) == (0.0, 0.0)
    assert found.away.r2 == 0.0, "turned away there should be less of it"
    assert hear_knob(pretend(lambda alphas: 0.5 + alphas), "jazz").away.r2 == pytest.approx(1.0)
