"""What clip number i of a genre is: style, seed, solo or not, split. A pure function of (base seed, genre, i)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from probes.corpus.composed.exercise import EXERCISE_STYLE
from probes.corpus.composed.genres import GENRES, HELD_OUT_STYLES, styles_of

SOLO_SHARE = 1 / 6
EXERCISE_SHARE_OF_SOLOS = 1 / 3
VALID_SHARE = TEST_SHARE = 0.05
# Attempts at a clip that came out silent; each has a seed of its own.
ATTEMPTS = 5


class Kind(StrEnum):
    """What is rendered."""

    BAND = "band"
    SOLO = "solo"
    EXERCISE = "exercise"


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip to make. Every clip is a song of its own, so the split by clip is a split by song."""

    genre: str
    index: int
    style: str
    kind: Kind
    split: str
    seeds: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its id and file's stem."""
        return f"{self.genre}-{self.index:05d}"


def plan_clip(genre: str, index: int, base_seed: int = 0) -> Clip:
    """Plan clip ``index`` of a genre.

    The styles take turns, in a new order every round; one whole style is the split ``style``.

    Raises:
        CorpusError: the genre is unknown.
    """
    styles = tuple(styles_of(genre))
    ordinal = tuple(GENRES).index(genre)
    turn, place = divmod(index, len(styles))
    order = np.random.default_rng((base_seed, ordinal, 0, turn)).permutation(len(styles))
    style = styles[int(order[place])]
    rng = np.random.default_rng((base_seed, ordinal, 1, index))
    seeds = tuple(int(seed) for seed in rng.integers(2**31, size=ATTEMPTS))
    solo, exercise, split_draw = rng.random(3)
    kind = Kind.BAND if solo >= SOLO_SHARE else Kind.EXERCISE if exercise < EXERCISE_SHARE_OF_SOLOS else Kind.SOLO
    if kind is Kind.EXERCISE:
        style = EXERCISE_STYLE
    if style == HELD_OUT_STYLES[genre]:
        split = "style"
    else:
        split = "valid" if split_draw < VALID_SHARE else "test" if split_draw < VALID_SHARE + TEST_SHARE else "train"
    return Clip(genre, index, style, kind, split, seeds)
