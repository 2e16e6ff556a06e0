from __future__ import annotations

from collections import Counter

import pytest

from engine.errors import CorpusError
from probes.corpus.composed.exercise import EXERCISE_STYLE
from probes.corpus.composed.genres import GENRES, HELD_OUT_STYLES
from probes.corpus.composed.plan import Clip, Kind, plan_clip

COUNT = 700


@pytest.fixture(scope="module", params=list(GENRES))
def plans(request: pytest.FixtureRequest) -> list[Clip]:
    return [plan_clip(request.param, index) for index in range(COUNT)]


def test_a_plan_depends_on_its_number_alone(plans: list[Clip]) -> None:
    genre = plans[0].genre
    assert plan_clip(genre, 137) == plans[137]
    assert plan_clip(genre, 137, base_seed=1) != plans[137]


def test_every_clip_is_a_song_of_its_own(plans: list[Clip]) -> None:
    seeds = [seed for clip in plans for seed in clip.seeds]
    assert len(set(seeds)) == len(seeds)
    assert len({clip.name for clip in plans}) == COUNT


def test_genres_do_not_share_seeds() -> None:
    assert len({plan_clip(genre, 0).seeds for genre in GENRES}) == len(GENRES)


def test_styles_are_balanced(plans: list[Clip]) -> None:
    counts = Counter(clip.style for clip in plans if clip.kind is not Kind.EXERCISE)
    assert set(counts) == set(GENRES[plans[0].genre])
    assert max(counts.values()) < 1.3 * min(counts.values())


def test_one_clip_in_six_is_a_solo_and_a_third_of_those_an_exercise(plans: list[Clip]) -> None:
    kinds = Counter(clip.kind for clip in plans)
    assert 0.12 < 1 - kinds[Kind.BAND] / COUNT < 0.21
    assert 0.03 < kinds[Kind.EXERCISE] / COUNT < 0.08
    assert all((clip.style == EXERCISE_STYLE) == (clip.kind is Kind.EXERCISE) for clip in plans)


def test_a_whole_style_is_held_out_and_a_tenth_of_the_others(plans: list[Clip]) -> None:
    held_out = HELD_OUT_STYLES[plans[0].genre]
    assert all((clip.split == "style") == (clip.style == held_out) for clip in plans)
    splits = Counter(clip.split for clip in plans)
    assert set(splits) == {"train", "valid", "test", "style"}
    rest = COUNT - splits["style"]
    assert 0.03 < splits["valid"] / rest < 0.075
    assert 0.03 < splits["test"] / rest < 0.075


def test_unknown_genres_are_refused() -> None:
    with pytest.raises(CorpusError, match="unknown genre"):
        plan_clip("polka", 0)
