"""What every judge offers: batch of sounds in, probabilities and places in its own space out.

A judge never sees what the probes see: it hears samples, not residuals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from probes.moments import Doubles, Floats

#: a rest that is shorter than this share of a window is not heard
LEAST_SHARE = 0.5


@dataclass(frozen=True)
class Verdicts:
    """What was heard of n sounds.

    Attributes:
        shares: ``(n, G)`` probability of each of the judge's labels; rows sum to 1.
        places: ``(n, E)`` where the sounds lie in the judge's embedding, for distances between sets of sounds.
    """

    shares: Doubles
    places: Doubles


class Judge(Protocol):
    """Hears genres. Deterministic: the same sound is judged the same.

    Attributes:
        name: as the user asks for it.
        identity: names it with its weights and settings; verdicts that are kept carry it.
        labels: G genres, in the order of the shares.
        corpus: where real music of each label lies among the judge's places, ``(n, E)``; empty if it brings none.
    """

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def corpus(self) -> Mapping[str, Doubles]: ...

    def judge(self, sounds: Sequence[Floats], rate_hz: int) -> Verdicts:
        """Judge mono sounds ``(S,)`` of any length of at least a second."""


def in_windows(samples: Floats, length: int) -> list[Floats]:
    """Mono samples ``(S,)`` cut from the start; the last window may be shorter, and what is shorter than one is one."""
    starts = range(0, max(1, len(samples) - round(LEAST_SHARE * length) + 1), length)
    return [samples[start : start + length] for start in starts]
