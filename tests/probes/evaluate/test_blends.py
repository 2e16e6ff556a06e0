"""Blends of music that answers as it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from probes.evaluate.blends import SHARES, Mixtures, blends, hear_mixtures, hear_pairs, rank, ranks, verdicts
from probes.moments import Doubles


def faithful(alphas: Doubles) -> Doubles:
    """What is heard is what is asked."""
    return np.maximum(alphas, 1e-3) / np.maximum(alphas, 1e-3).sum(1, keepdims=True)


def stubborn(alphas: Doubles) -> Doubles:
    """Always the same."""
    return np.full_like(alphas, 0.25)


def test_faithful_pairs_are_heard_as_asked(pretend: Any) -> None:
    stage = pretend(faithful)
    pairs = hear_pairs(stage, stage.pack.genres, orthogonal=False)
    assert len(pairs) == 6
    for pair in pairs:
        np.testing.assert_allclose(pair.means, SHARES, atol=0.01)
    assert ranks(pairs) == (pytest.approx(1.0), pytest.approx(1.0))


def test_a_pair_is_played_on_music_of_the_others(pretend: Any) -> None:
    stage = pretend(faithful)
    hear_pairs(stage, stage.pack.genres, orthogonal=False)
    each = len(stage.played) // 6
    for pair in range(6):
        for piece in stage.played[pair * each : (pair + 1) * each]:
            asked = {row for row in range(4) for offset in piece.blend.offsets.values() if offset.vector[row]}
            assert int(piece.prompt_codes[0, 0]) not in asked


def test_two_genres_are_played_on_their_own_music(pretend: Any) -> None:
    stage = pretend(faithful)
    (pair,) = hear_pairs(stage, ["jazz", "rock"], orthogonal=False)
    assert {int(piece.prompt_codes[0, 0]) for piece in stage.played} == {2, 3}
    assert pair.heard.shape[0] == len(SHARES)


def test_music_that_does_not_answer_has_no_rank(pretend: Any) -> None:
    part = blends(pretend(stubborn))
    facts: Any = part.facts["blends"]
    assert facts["raw"]["rank"] == 0.0
    assert not any(check.met for check in part.checks)


def test_two_genres_that_are_hardly_heard_are_no_blend(pretend: Any) -> None:
    """Their share of each other is as asked, but nearly all that is heard is another."""

    def faint(alphas: Doubles) -> Doubles:
        shares = 0.05 * faithful(alphas)
        shares[:, 0] += 0.95  # classical
        return shares

    stage = pretend(faint)
    part = blends(stage)
    of_all, of_each = verdicts(hear_pairs(stage, ["electronic", "jazz", "rock"], orthogonal=False))
    assert of_all.met
    assert not of_each.met
    assert "electronic – jazz" in of_each.words
    facts: Any = part.facts["blends"]["raw"]  # type: ignore[index]
    heard = {tuple(pair["genres"]): pair["heard_at_all"] for pair in facts["pairs"]}
    np.testing.assert_allclose(heard["electronic", "jazz"], 0.05, atol=0.001)
    assert "0.50 (0.05)" in part.markdown


def test_the_part_tells_raw_and_orthogonalised(pretend: Any) -> None:
    part = blends(pretend(faithful))
    facts: Any = part.facts["blends"]
    assert set(facts) == {"raw", "orthogonalised"}
    # These directions are orthogonal already.
    np.testing.assert_allclose(
        facts["raw"]["mixtures"]["heard"], facts["orthogonalised"]["mixtures"]["heard"], atol=1e-6
    )
    assert [check.met for check in part.checks] == [True, True]
    assert part.html.count("<svg") == 4 == len(part.figures)


def test_mixtures_of_four_are_in_thirds_and_add_up(pretend: Any) -> None:
    stage = pretend(faithful)
    mixtures = hear_mixtures(stage, stage.pack.genres, orthogonal=False)
    assert mixtures.asked.shape == (20, 4)
    np.testing.assert_allclose(mixtures.asked.sum(1), 1)
    assert len({tuple(row) for row in mixtures.asked}) == 20
    assert mixtures.distance < 0.02
    assert mixtures.rank == pytest.approx(1.0, abs=0.1)


def test_the_distance_is_that_of_distributions() -> None:
    asked = np.array([[1.0, 0.0], [0.5, 0.5]])
    assert Mixtures(("a", "b"), asked, asked).distance == 0.0
    assert Mixtures(("a", "b"), asked, asked[:, ::-1]).distance == pytest.approx(0.5)


def test_one_genre_is_no_blend(pretend: Any) -> None:
    stage = pretend(faithful)
    stage.judge.labels = ("rock",)
    assert blends(stage).facts == {"blends": {}}
    assert not stage.played


def test_rank_is_spearmans() -> None:
    assert rank(np.arange(5.0), np.exp(np.arange(5.0))) == pytest.approx(1.0)
    assert rank(np.arange(5.0), -np.arange(5.0)) == pytest.approx(-1.0)
    assert rank(np.arange(5.0), np.ones(5)) == 0.0


def test_orthogonalised_knobs_push_along_other_directions(pretend: Any) -> None:
    stage = pretend(faithful)
    leaning = stage.pack.directions.copy()
    leaning[:, 0, :2] = np.sqrt(0.5)
    stage.pack = replace(stage.pack, directions=leaning)
    vectors = []
    for orthogonal in (False, True):
        stage.played.clear()
        hear_pairs(stage, stage.pack.genres, orthogonal)
        vectors.append([piece.blend.offsets[1].vector for piece in stage.played])
    between = [abs(np.dot(group[0], leaning[1, 0])) for group in vectors]  # the first piece is all electronic
    assert between[1] < between[0]
