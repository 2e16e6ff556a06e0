"""What is compared with what, and in which order it is heard.

The paper's study is two-alternative forced choice: 24 trials, 6 pairs for each of 4 transitions, drawn from 20 sources, order
and sides random. Three arms are added. Control trials ask the same question in the same block, so nobody knows which they
are: one a transition where the other clip was pushed as far in a random direction (is it *this* direction?), and one where
unsteered music of the source stands against the target's own (was anybody listening?). An ABX block follows, since its task is
another: it tells whether the steering can be heard at all, in pairs that differ by nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import gcd

from engine.errors import StudyError
from engine.study.plan import Arm, Trial

RING = ("classical", "electronic", "jazz", "rock")
PAIRS = 6  # of the preference arm, for each transition
ABX_PAIRS = 2
PER_BOOKLET = PAIRS + 1 + ABX_PAIRS  # with that of the random arm: items of a transition that one participant hears
BOOKLETS = 24  # as many as the paper had participants
MOST_SOURCES = 400


class Version(StrEnum):
    """How a source is continued."""

    STEERED = "steered"
    PROMPTED = "prompted"
    UNSTEERED = "unsteered"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Transition:
    """From one genre to another."""

    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


@dataclass(frozen=True, slots=True)
class Source:
    """The ``number``-th piece of a genre."""

    genre: str
    number: int


@dataclass(frozen=True, slots=True)
class Item:
    """A source continued towards the transition's target; ``round`` tells several continuations of one source apart."""

    transition: Transition
    source: Source
    round: int


@dataclass(frozen=True)
class Design:
    """What is to be made, and what is played.

    Attributes:
        sources: pieces from which everything starts; they are also the check trials' clips.
        items: each in every :class:`Version`.
        names: file name of every clip, drawn at random so that it says nothing.
        booklets: trials in playing order.
    """

    sources: tuple[Source, ...]
    items: tuple[Item, ...]
    names: dict[Source | tuple[Item, Version], str]
    booklets: tuple[tuple[Trial, ...], ...]


def ring(genres: Sequence[str]) -> tuple[Transition, ...]:
    """Each genre once a source and once a target."""
    return tuple(Transition(source, target) for source, target in zip(genres, [*genres[1:], genres[0]], strict=True))


def parse_transitions(text: str) -> tuple[Transition, ...]:
    """``jazz:rock,rock:jazz``.

    Raises:
        StudyError: not pairs of two genres, or one twice.
    """
    found = []
    for part in text.split(","):
        source, _, target = (word.strip() for word in part.partition(":"))
        if not source or not target or source == target:
            raise StudyError(f"'{part.strip()}' is no transition: write them like jazz:rock,rock:classical")
        found.append(Transition(source, target))
    if len(set(found)) < len(found):
        raise StudyError(f"'{text}' names a transition twice")
    return tuple(found)


def lay_out(transitions: Sequence[Transition], sources: int, seed: int) -> Design:
    """Draw everything that is random in a study.

    Args:
        transitions: at least one.
        sources: in all; the source genres get equal shares, the first ones the remainder.
        seed: everything follows from it.

    Raises:
        StudyError: fewer sources than genres that are started from, or too many.
    """
    starts = list(dict.fromkeys(transition.source for transition in transitions))
    if not len(starts) <= sources <= MOST_SOURCES:
        raise StudyError(
            f"{sources} sources are not enough or too many: give {len(starts)} (one for each genre that is started from) "
            f"to {MOST_SOURCES}"
        )
    rng = random.Random(f"segue study {seed}")
    pool = {
        genre: [Source(genre, n) for n in range(sources // len(starts) + (place < sources % len(starts)))]
        for place, genre in enumerate(starts)
    }
    # The check trials also need music of genres that are only ever a target.
    for transition in transitions:
        pool.setdefault(transition.target, [Source(transition.target, n) for n in range(len(pool[starts[0]]))])
    items = {transition: _items(transition, pool[transition.source]) for transition in transitions}
    everything: list[Source | tuple[Item, Version]] = [source for genre in pool.values() for source in genre]
    everything += [(item, version) for each in items.values() for item in each for version in Version]
    numbers = rng.sample(range(1, len(everything) + 1), len(everything))
    names = {clip: f"{number:04}.flac" for clip, number in zip(everything, numbers, strict=True)}
    for each in items.values():
        rng.shuffle(each)
    booklets = tuple(_Booklet(items, pool, names, number, rng).trials() for number in range(BOOKLETS))
    return Design(
        tuple(source for genre in pool.values() for source in genre),
        tuple(item for each in items.values() for item in each),
        names,
        booklets,
    )


def _items(transition: Transition, sources: Sequence[Source]) -> list[Item]:
    """Every source equally often, as often as it takes for a booklet in which no item comes twice."""
    rounds = -(-PER_BOOKLET // len(sources))
    return [Item(transition, source, number) for number in range(rounds) for source in sources]


@dataclass(frozen=True)
class _Booklet:
    """The trials of one participant.

    Consecutive booklets deal the preference arm from the items as from a deck, and the control arms from what such a hand
    leaves, one further on each time the hands come round. So every arm uses its items alike: within one of each other in the
    preference and the random arm, and for the usual numbers of sources in the ABX arm. No clip comes in two trials, but a
    source in two check trials where its genre has fewer of them than check trials that need one.
    """

    items: dict[Transition, list[Item]]
    pool: dict[str, list[Source]]
    names: dict[Source | tuple[Item, Version], str]
    number: int
    rng: random.Random

    def trials(self) -> tuple[Trial, ...]:
        blind: list[list[Trial]] = []
        abx: list[list[Trial]] = []
        # Over the transitions, too, as many right answers lie on the one side as on the other.
        control_sides = self._sides(len(self.items)), self._sides(len(self.items))
        checks = self._deal_checks()
        for place, (transition, deck) in enumerate(self.items.items()):
            hand, (pushed, *told) = self._deal(deck)
            trials = [
                self._versus(Arm.PREFERENCE, item, Version.PROMPTED, side)
                for item, side in zip(hand, self._sides(PAIRS), strict=True)
            ]
            trials.append(self._versus(Arm.RANDOM, pushed, Version.RANDOM, control_sides[0][place]))
            trials.append(self._check(transition, checks, control_sides[1][place]))
            blind.append(trials)
            sides = zip(told, self._sides(ABX_PAIRS), self._sides(ABX_PAIRS), strict=True)
            abx.append([self._abx(item, steered, right) for item, steered, right in sides])
        first_block = self._interleave(blind)
        return (*first_block, *self._interleave(abx, after=first_block[-1]))

    def _turn(self, count: int, size: int) -> int:
        """How often hands of ``count`` cards have come round a deck of ``size``, to where the first one began."""
        return self.number // (size // gcd(count, size))

    def _deal(self, deck: list[Item]) -> tuple[list[Item], list[Item]]:
        """The items of the preference arm; that of the random arm and those of the ABX arm."""
        first, size = self.number * PAIRS, len(deck)
        dealt = [deck[(first + n) % size] for n in range(size)]
        hand, rest = dealt[:PAIRS], dealt[PAIRS:]
        turn = self._turn(PAIRS, size) % len(rest)
        return hand, (rest[turn:] + rest[:turn])[: 1 + ABX_PAIRS]

    def _deal_checks(self) -> dict[tuple[Transition, str], Source]:
        """A source for each genre of each transition; those who need one of the same genre take turns at who draws first."""
        drawn: dict[tuple[Transition, str], Source] = {}
        for genre, deck in self.pool.items():
            needs = [transition for transition in self.items if genre in (transition.source, transition.target)]
            for place, transition in enumerate(needs):
                nth = (place + self._turn(len(needs), len(deck))) % len(needs)
                drawn[transition, genre] = deck[(self.number * len(needs) + nth) % len(deck)]
        return drawn

    def _sides(self, count: int) -> list[str]:
        """Both sides equally often, in random order."""
        sides = ["a", "b"] * (count // 2) + [self.rng.choice("ab")] * (count % 2)
        self.rng.shuffle(sides)
        return sides

    def _interleave(self, by_transition: list[list[Trial]], after: Trial | None = None) -> list[Trial]:
        """In every round each transition once; where a round begins, not the one that has just been heard."""
        for trials in by_transition:
            self.rng.shuffle(trials)
        order: list[Trial] = []
        for nth in zip(*by_transition, strict=True):
            round_ = list(nth)
            self.rng.shuffle(round_)
            if after is not None and (after.source, after.target) == (round_[0].source, round_[0].target):
                round_.append(round_.pop(0))
            order += round_
            after = order[-1]
        return order

    def _trial(self, arm: Arm, transition: Transition, right: str, good: str, other: str) -> Trial:
        a, b = (good, other) if right == "a" else (other, good)
        return Trial(arm, transition.source, transition.target, a, b, right)

    def _versus(self, arm: Arm, item: Item, other: Version, right: str) -> Trial:
        steered, rival = self.names[item, Version.STEERED], self.names[item, other]
        return self._trial(arm, item.transition, right, steered, rival)

    def _check(self, transition: Transition, sources: dict[tuple[Transition, str], Source], right: str) -> Trial:
        good, other = (self.names[sources[transition, genre]] for genre in (transition.target, transition.source))
        return self._trial(Arm.CHECK, transition, right, good, other)

    def _abx(self, item: Item, steered: str, right: str) -> Trial:
        trial = self._versus(Arm.ABX, item, Version.UNSTEERED, steered)
        return Trial(
            Arm.ABX,
            trial.source,
            trial.target,
            trial.a,
            trial.b,
            right,
            trial.a if right == "a" else trial.b,
        )
