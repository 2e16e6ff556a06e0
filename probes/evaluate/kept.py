"""What pieces keep of the sources that they continue, piece by piece, so that two ways to continue them can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from probes.evaluate.hearing import Hearing
from probes.evaluate.preservation import chroma_correlation, key, melody_similarity, same_tempo
from probes.evaluate.statistics import Mean, mean_with_interval
from probes.moments import Doubles, Labels


@dataclass(frozen=True)
class Preserved:
    """How much of its source each piece keeps, ``(n,)`` each; of tempo and key 0 or 1. Not numbers where it is not known."""

    tempo: Doubles
    key: Doubles
    chroma: Doubles
    melody: Doubles

    @classmethod
    def unknown(cls, count: int) -> Preserved:
        """Of n pieces."""
        return cls(*np.full((len(fields(cls)), count), np.nan))

    @classmethod
    def joined(cls, parts: Sequence[Preserved]) -> Preserved:
        """All pieces of several."""
        return cls(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)))

    @property
    def means(self) -> dict[str, float]:
        """Over the pieces, by what is kept."""
        return {each.name: float(getattr(self, each.name).mean()) for each in fields(self)}

    def over(self, other: Preserved) -> dict[str, Mean]:
        """How much more of the same sources is kept than by other pieces, with intervals."""
        return {
            each.name: mean_with_interval(getattr(self, each.name) - getattr(other, each.name)) for each in fields(self)
        }


def preserved(heard: Hearing, sources: Hearing, partner: Labels) -> Preserved:
    """What piece i keeps of source ``partner[i]``."""
    pairs = [(heard.chroma[row], sources.chroma[other]) for row, other in enumerate(partner)]
    return Preserved(
        same_tempo(heard.tempo_bpm, sources.tempo_bpm[partner]).astype(np.float64),
        np.array([float(key(ours) == key(theirs)) for ours, theirs in pairs]),
        np.array([chroma_correlation(ours, theirs) for ours, theirs in pairs]),
        np.array([melody_similarity(ours, theirs) for ours, theirs in pairs]),
    )
