"""Draws of a seeded composer: everything random in a song comes from one generator through these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from numpy.random import Generator

T = TypeVar("T")


def pick(rng: Generator, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
    """One of ``options``; ``weights`` need not sum to one."""
    if weights is None:
        return options[int(rng.integers(len(options)))]
    total = sum(weights)
    return options[int(rng.choice(len(options), p=[weight / total for weight in weights]))]


def pick_some(rng: Generator, options: Sequence[T], count: int) -> list[T]:
    """``count`` different options, in random order."""
    return [options[int(index)] for index in rng.permutation(len(options))[:count]]


def happens(rng: Generator, probability: float) -> bool:
    """True with the given probability."""
    return bool(rng.random() < probability)
