"""Scoring against the formulas by hand, and the paper's table as far as it holds whole counts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest

from engine.errors import StudyError
from engine.study.plan import Arm, Trial
from engine.study.sheet import Answer, Group, Sheet
from probes.study.design import RING, Transition, ring
from probes.study.score import Cell, count, read_sheets, score
from probes.study.statistics import Proportion, least_right, power
from probes.study.table import to_json, to_markdown

TRANSITIONS = ring(RING)
JAZZ_ROCK = Transition("jazz", "rock")
#: Table II of arXiv 2506.10225: share of trials in which the steered clip was preferred
PUBLISHED = {
    Group.MUSICIAN: {
        Transition("rock", "classical"): 0.805,
        Transition("classical", "electronic"): 0.738,
        Transition("electronic", "jazz"): 0.785,
        Transition("jazz", "rock"): 0.805,
    },
    Group.LISTENER: {
        Transition("rock", "classical"): 0.726,
        Transition("classical", "electronic"): 0.595,
        Transition("electronic", "jazz"): 0.696,
        Transition("jazz", "rock"): 0.700,
    },
}
PARTICIPANTS, PAIRS = 24, 6


def trial(arm: Arm = Arm.PREFERENCE, transition: Transition = JAZZ_ROCK, right: str = "a") -> Trial:
    return Trial(arm, transition.source, transition.target, "1", "2", right, "1" if arm is Arm.ABX else "")


def sheet(code: str, group: Group, answered: Iterable[tuple[Trial, bool]], unanswered: int = 0) -> Sheet:
    pairs = list(answered)
    other = {"a": "b", "b": "a"}
    answers = tuple(Answer(t.right if right else other[t.right], 1.0, {}) for t, right in pairs)
    trials = tuple(t for t, _ in pairs) + (trial(),) * unanswered
    return Sheet(Path(f"{code}.json"), "d" * 64, code, group, 0, trials, answers)


def sheets_with(group: Group, counts: Mapping[Transition, tuple[int, int]]) -> list[Sheet]:
    """Participants of six trials a transition, who together were right so often."""
    sheets = []
    sides = itertools.cycle("ab")
    left = {transition: [n < right for n in range(trials)] for transition, (right, trials) in counts.items()}
    for number in itertools.count():
        mine = [
            (trial(transition=each, right=next(sides)), right)
            for each, rest in left.items()
            for right in [rest.pop() for _ in range(min(PAIRS, len(rest)))]
        ]
        if not mine:
            return sheets
        sheets.append(sheet(f"{group}-{number}", group, mine))
    raise AssertionError("unreachable")


def published_as(proportion: Fraction) -> set[float]:
    """Three digits, rounded or cut off: the paper does not say which it does."""
    return {round(float(proportion), 3), math.floor(proportion * 1000) / 1000}


def whole_counts(share: float) -> dict[int, int]:
    """For how many participants the published share is a whole count of their trials, and which."""
    return {
        people: right
        for people in range(1, PARTICIPANTS + 1)
        for right in range(people * PAIRS + 1)
        if share in published_as(Fraction(right, people * PAIRS))
    }


#: What of the published table is a whole count of participants × 6 trials, and of how many participants at least: right, people
WHOLE = {
    (Group.MUSICIAN, Transition("rock", "classical")): (29, 6),
    (Group.MUSICIAN, Transition("classical", "electronic")): (31, 7),
    (Group.MUSICIAN, Transition("electronic", "jazz")): (33, 7),
    (Group.MUSICIAN, Transition("jazz", "rock")): (29, 6),
    (Group.LISTENER, Transition("rock", "classical")): (61, 14),
    (Group.LISTENER, Transition("classical", "electronic")): (25, 7),
    (Group.LISTENER, Transition("electronic", "jazz")): (46, 11),
    (Group.LISTENER, Transition("jazz", "rock")): (21, 5),
}


@pytest.mark.parametrize(("group", "transition"), WHOLE)
def test_the_papers_cells_come_out_of_counts(group: Group, transition: Transition) -> None:
    right, people = WHOLE[group, transition]
    share = PUBLISHED[group][transition]
    assert next(iter(whole_counts(share).items())) == (people, right)
    table = score(sheets_with(group, {transition: (right, people * PAIRS)}))
    assert table.participants == {group: people}
    assert share in published_as(Fraction(right, people * PAIRS))
    (cell,) = (cell for cell in table.cells if cell.transition == transition)
    assert cell.proportion == Proportion(right, people * PAIRS)
    assert abs(cell.proportion.share - share) < 0.001
    low, high = cell.proportion.interval
    assert low < share < high


def test_the_papers_cells_that_no_group_of_listeners_can_have_given() -> None:
    """What the published table leaves open, so that nobody reads more into it than it says.

    - No number of musicians from 1 to 24 makes all four of their shares whole counts of 6 trials each: .805 needs a multiple of
      6 people (29 of 36, cut off rather than rounded), .738 a multiple of 7, .785 one too, if it was cut off.
    - Nor does any number of listeners: .726 needs 14 people, .595 a multiple of 7, .696 11, 17, 22 or 23, .700 a multiple of 5.
    - Musicians' .805 is no rounded share of any such count at all.
    - Listeners' .595 has p = .140, .051 or .020 for the 7, 14 or 21 people that it is a whole count of, not the published .069.
    """
    for group, cells in PUBLISHED.items():
        possible = [set(whole_counts(share)) for share in cells.values()]
        assert all(possible), group
        assert not set.intersection(*possible), group
    assert set(whole_counts(0.805)) == {6, 12, 18, 24}
    assert set(whole_counts(0.738)) == {7, 14, 21}
    assert set(whole_counts(0.785)) == {7, 14, 21, 24}
    assert set(whole_counts(0.726)) == {14}
    assert set(whole_counts(0.595)) == {7, 14, 21}
    assert set(whole_counts(0.696)) == {11, 17, 22, 23}
    assert set(whole_counts(0.700)) == {5, 10, 15, 20}
    assert not any(
        round(right / (PAIRS * people), 3) == 0.805
        for people in range(1, PARTICIPANTS + 1)
        for right in range(PAIRS * people)
    )
    p_values = [Proportion(right, people * PAIRS).p_value for people, right in whole_counts(0.595).items()]
    assert p_values == pytest.approx([0.140, 0.051, 0.020], abs=0.0006)


# Statistics


def tail(right: int, trials: int, share: float) -> float:
    return sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(right, trials + 1))


@pytest.mark.parametrize(("right", "trials"), [(0, 6), (5, 6), (25, 42), (61, 84), (84, 84)])
def test_one_cell_by_hand(right: int, trials: int) -> None:
    proportion = Proportion(right, trials)
    assert proportion.p_value == pytest.approx(tail(right, trials, 0.5))
    z = 1.959963984540054
    p, half = right / trials, z * z / (2 * trials)
    middle = (p + half) / (1 + 2 * half)
    reach = z / (1 + 2 * half) * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials**2))
    assert proportion.interval == pytest.approx((max(middle - reach, 0), min(middle + reach, 1)), abs=1e-9)


def test_nothing_proves_nothing() -> None:
    nothing = Proportion(0, 0)
    assert math.isnan(nothing.share)
    assert (nothing.interval, nothing.p_value, nothing.power) == ((0.0, 1.0), 1.0, 0.0)


@pytest.mark.parametrize("trials", [1, 4, 5, 6, 42, 144])
def test_power_is_the_chance_of_significance(trials: int) -> None:
    least = least_right(trials)
    assert tail(least, trials, 0.5) <= 0.05 < tail(least - 1, trials, 0.5)
    assert power(trials, 0.7) == pytest.approx(tail(least, trials, 0.7))


# Sheets to cells


def find(cells: Iterable[Cell], arm: Arm, group: Group | None = None, attentive: bool = False) -> Cell:
    return next(c for c in cells if (c.arm, c.transition, c.group, c.attentive) == (arm, None, group, attentive))


def test_a_right_answer_is_right_on_either_side() -> None:
    answered = [(trial(right=side), right) for side in "ab" for right in (True, True, False)]
    assert count([sheet("x", Group.LISTENER, answered)], Arm.PREFERENCE) == Proportion(4, 6)


def test_arms_and_groups_are_kept_apart() -> None:
    musician = [(trial(), True)] * 6 + [(trial(Arm.RANDOM), False)] + [(trial(Arm.CHECK), True)]
    listener = [(trial(), False)] * 6 + [(trial(Arm.ABX), True)] * 2 + [(trial(Arm.CHECK), False)] * 2
    table = score([sheet("m", Group.MUSICIAN, musician), sheet("l", Group.LISTENER, listener, unanswered=3)])
    assert find(table.cells, Arm.PREFERENCE).proportion == Proportion(6, 12)
    assert find(table.cells, Arm.PREFERENCE, Group.MUSICIAN).proportion == Proportion(6, 6)
    assert find(table.cells, Arm.RANDOM, Group.MUSICIAN).proportion == Proportion(0, 1)
    assert find(table.cells, Arm.ABX).proportion == Proportion(2, 2)
    assert find(table.cells, Arm.CHECK).proportion == Proportion(1, 3)
    assert table.inattentive == (("l", 2, 2),)
    assert find(table.cells, Arm.PREFERENCE, attentive=True).proportion == Proportion(6, 6)
    assert table.unfinished == (("l", 10, 13),)
    by_group = [cell for cell in table.cells if cell.transition is not None]
    assert [(cell.group, cell.p_holm) for cell in by_group] == [
        (Group.MUSICIAN, pytest.approx(2 * 0.5**6)),
        (Group.LISTENER, 1.0),
    ]


def test_the_family_is_every_transition_of_both_groups() -> None:
    counts = dict.fromkeys(TRANSITIONS, (30, 42))
    table = score([*sheets_with(Group.MUSICIAN, counts), *sheets_with(Group.LISTENER, counts)])
    cells = [cell for cell in table.cells if cell.p_holm is not None]
    assert len(cells) == 8
    assert [cell.p_holm for cell in cells] == pytest.approx([8 * Proportion(30, 42).p_value] * 8)
    assert all(cell.p_holm is None for cell in table.cells if cell.transition is None)


def test_both_forms_of_the_table_say_the_same() -> None:
    table = score(sheets_with(Group.MUSICIAN, {JAZZ_ROCK: (29, 36)}))
    (cell, pooled) = to_json(table)["cells"]
    assert (cell["source"], cell["target"], cell["right"], cell["trials"]) == ("jazz", "rock", 29, 36)
    assert cell["share"] == pytest.approx(29 / 36)
    assert cell["ci_low"] < cell["share"] < cell["ci_high"]
    assert pooled["source"] is None
    text = to_markdown(table)
    assert "| jazz → rock | 29/36 | 0.806 | 0.650–0.902 | < .001 | < .001 | 0.74 |" in text
    assert "6 musicians." in text


def test_nothing_to_score() -> None:
    with pytest.raises(StudyError, match="no trial has been answered"):
        score([sheet("x", Group.LISTENER, [], unanswered=3)])


# Files


def test_sheets_of_several_computers_are_pooled(tmp_path: Path) -> None:
    paths = []
    for number in range(3):
        path = tmp_path / f"{number}.json"
        Sheet(path, "d" * 64, f"P{number}", Group.MUSICIAN, 0, (trial(),), (Answer("a", 1.0, {}),)).save()
        paths.append(path)
    assert find(score(read_sheets(paths)).cells, Arm.PREFERENCE, Group.MUSICIAN).proportion == Proportion(3, 3)
    Sheet(paths[1], "e" * 64, "P1", Group.MUSICIAN, 0, (trial(),)).save()
    with pytest.raises(StudyError, match="another study"):
        read_sheets(paths)
    Sheet(paths[1], "d" * 64, "p0", Group.MUSICIAN, 0, (trial(),)).save()
    with pytest.raises(StudyError, match="same participant"):
        read_sheets(paths)
    with pytest.raises(StudyError, match="does not exist"):
        read_sheets([tmp_path / "none.json"])


def test_who_has_answered_nothing_has_not_taken_part() -> None:
    here, gone = sheet("P1", Group.MUSICIAN, [(trial(), True)]), sheet("P2", Group.LISTENER, [], unanswered=3)
    table = score([here, gone])
    assert table.participants == {Group.MUSICIAN: 1}
    assert table.unfinished == (("P2", 0, 3),)
    assert to_markdown(table).splitlines()[2] == "1 musician."
