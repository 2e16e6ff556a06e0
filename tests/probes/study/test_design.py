"""The order of a study: balanced where it must be, random where it may be, the same from the same seed."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from engine.errors import StudyError
from engine.study.plan import Arm, Trial
from probes.study.design import BOOKLETS, RING, Design, Source, Transition, Version, lay_out, parse_transitions, ring

TRANSITIONS = ring(RING)


@pytest.fixture(scope="module")
def design() -> Design:
    return lay_out(TRANSITIONS, 20, seed=5)


def test_the_ring() -> None:
    assert [str(transition) for transition in TRANSITIONS] == [
        "classical → electronic",
        "electronic → jazz",
        "jazz → rock",
        "rock → classical",
    ]


def transition(trial: Trial) -> Transition:
    return Transition(trial.source, trial.target)


def test_every_booklet_is_the_papers_study_and_its_controls(design: Design) -> None:
    assert len(design.booklets) == BOOKLETS
    for booklet in design.booklets:
        arms = Counter((trial.arm, transition(trial)) for trial in booklet)
        for each in TRANSITIONS:
            assert [arms[arm, each] for arm in Arm] == [6, 1, 1, 2]
        assert len(booklet) == 40


def test_sides_are_balanced(design: Design) -> None:
    for booklet in design.booklets:
        for arm, most in ((Arm.PREFERENCE, 24), (Arm.RANDOM, 4), (Arm.CHECK, 4), (Arm.ABX, 8)):
            sides = Counter(trial.right for trial in booklet if trial.arm is arm)
            assert sides == {"a": most // 2, "b": most // 2}
        for each in TRANSITIONS:
            sides = Counter(
                trial.right for trial in booklet if trial.arm is Arm.PREFERENCE and transition(trial) == each
            )
            assert sides == {"a": 3, "b": 3}


def test_transitions_are_interleaved_and_abx_comes_last(design: Design) -> None:
    for booklet in design.booklets:
        assert all(one != other for one, other in pairwise(map(transition, booklet)))
        for first in range(0, 40, 4):
            assert len({transition(trial) for trial in booklet[first : first + 4]}) == 4
        assert [trial.arm is Arm.ABX for trial in booklet] == [False] * 32 + [True] * 8


def test_controls_cannot_be_told_by_their_place(design: Design) -> None:
    for arm in (Arm.RANDOM, Arm.CHECK):
        places = Counter(place for booklet in design.booklets for place, t in enumerate(booklet) if t.arm is arm)
        assert len(places) > 20
        assert max(places.values()) < BOOKLETS / 2


def test_pairs_are_what_the_arm_says(design: Design) -> None:
    kind = {name: clip for clip, name in design.names.items()}
    for booklet in design.booklets:
        heard: list[str] = []
        for trial in booklet:
            right, other = (kind[trial.a], kind[trial.b]) if trial.right == "a" else (kind[trial.b], kind[trial.a])
            if trial.arm is Arm.CHECK:
                assert isinstance(right, Source)
                assert isinstance(other, Source)
                assert (right.genre, other.genre) == (trial.target, trial.source)
                continue
            assert isinstance(right, tuple)
            assert isinstance(other, tuple)
            assert right[0] == other[0], "both continue the same source with the same seed"
            assert right[0].transition == transition(trial)
            versions = {right[1], other[1]}
            if trial.arm is Arm.ABX:
                assert versions == {Version.STEERED, Version.UNSTEERED}
                assert trial.x == (trial.a if trial.right == "a" else trial.b)
            else:
                rival = Version.PROMPTED if trial.arm is Arm.PREFERENCE else Version.RANDOM
                assert (right[1], other[1]) == (Version.STEERED, rival)
            heard.append(trial.a if kind[trial.a][1] is Version.STEERED else trial.b)  # type: ignore[index]
        assert len(set(heard)) == len(heard), "nobody hears a steered clip in two trials"


def test_items_are_used_alike(design: Design) -> None:
    used = Counter(
        trial.a if trial.right == "a" else trial.b
        for booklet in design.booklets
        for trial in booklet
        if trial.arm is Arm.PREFERENCE
    )
    assert len(used) == 40
    assert set(used.values()) <= {14, 15}


def test_names_tell_nothing(design: Design) -> None:
    names = [name for clip, name in design.names.items() if isinstance(clip, tuple) and clip[1] is Version.STEERED]
    assert len(set(design.names.values())) == len(design.names) == 20 + 4 * 10 * 4
    assert {len(name) for name in names} == {9}
    numbers = sorted(int(name[:4]) for name in names)
    assert numbers[0] < 40
    assert numbers[-1] > 140
    assert len({number % 4 for number in numbers}) == 4


def test_the_seed_decides() -> None:
    assert lay_out(TRANSITIONS, 20, 5) == lay_out(TRANSITIONS, 20, 5)
    assert lay_out(TRANSITIONS, 20, 5).booklets != lay_out(TRANSITIONS, 20, 6).booklets
    booklets = lay_out(TRANSITIONS, 20, 5).booklets
    assert len(set(booklets)) == BOOKLETS


@pytest.mark.parametrize(("sources", "items"), [(4, 36), (8, 40), (20, 40), (24, 48), (7, 39), (30, 60)])
def test_few_or_many_sources(sources: int, items: int) -> None:
    design = lay_out(TRANSITIONS, sources, 0)
    assert len(design.sources) == sources
    assert len(design.items) == items


def test_one_transition_alone() -> None:
    design = lay_out((Transition("jazz", "rock"),), 6, 0)
    assert Counter(source.genre for source in design.sources) == {"jazz": 6, "rock": 6}
    assert [len(booklet) for booklet in design.booklets] == [10] * BOOKLETS


@pytest.mark.parametrize("sources", [0, 3, -1, 401])
def test_numbers_that_cannot_be(sources: int) -> None:
    with pytest.raises(StudyError, match="give 4"):
        lay_out(TRANSITIONS, sources, 0)


@pytest.mark.parametrize("text", ["", "jazz", "jazz:", ":", "jazz:jazz", "jazz:rock,jazz:rock", "jazz>rock"])
def test_words_that_are_no_transitions(text: str) -> None:
    with pytest.raises(StudyError, match="transition"):
        parse_transitions(text)


def test_words_that_are() -> None:
    assert parse_transitions("jazz:rock, hip-hop:jazz") == (Transition("jazz", "rock"), Transition("hip-hop", "jazz"))


@pytest.mark.parametrize("sources", [4, 8, 12, 16, 20, 24, 32])
def test_every_arm_uses_all_items_alike(sources: int) -> None:
    design = lay_out(TRANSITIONS, sources, seed=2)
    kind = {name: clip for clip, name in design.names.items()}
    used: dict[tuple[object, ...], Counter[object]] = {}
    for booklet in design.booklets:
        for trial in booklet:
            good, other = (trial.a, trial.b) if trial.right == "a" else (trial.b, trial.a)
            if trial.arm is Arm.CHECK:
                for role, name in (("target", good), ("source", other)):
                    clip = kind[name]
                    assert isinstance(clip, Source)
                    used.setdefault((role, clip.genre), Counter())[clip] += 1
            else:
                clip = kind[trial.a]
                assert isinstance(clip, tuple)
                used.setdefault((trial.arm, clip[0].transition), Counter())[clip[0]] += 1
    assert len(used) == 3 * 4 + 2 * 4
    for (arm, what), counts in used.items():
        cards: list[object] = (
            [source for source in design.sources if source.genre == what]
            if isinstance(what, str)
            else [item for item in design.items if item.transition == what]
        )
        times = [counts[card] for card in cards]
        assert max(times) - min(times) <= 1, (arm, what)
        assert min(times) > 0, (arm, what)


@pytest.mark.parametrize("sources", [4, 8, 12, 16, 20, 24, 32])
def test_no_clip_is_heard_in_two_trials(sources: int) -> None:
    design = lay_out(TRANSITIONS, sources, seed=2)
    for booklet in design.booklets:
        # One source a genre: the check trials that start from it and that lead to it have but that one.
        trials = [trial for trial in booklet if sources >= 8 or trial.arm is not Arm.CHECK]
        heard = [name for trial in trials for name in (trial.a, trial.b)]
        assert len(set(heard)) == len(heard)
