"""Counts to what they prove: shares with Wilson intervals, exact binomial tests, power."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import binom, binomtest

from engine.study.plan import SIGNIFICANCE

CHANCE = 0.5
#: the share that a study should not miss, of the order of what the paper reports
EFFECT = 0.7
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Proportion:
    """``right`` of ``trials``, against guessing.

    Trials are taken to be independent, as the paper takes them; several trials of one person are not quite.
    """

    right: int
    trials: int

    @property
    def share(self) -> float:
        return self.right / self.trials if self.trials else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval at :data:`CONFIDENCE`."""
        if not self.trials:
            return 0.0, 1.0
        found = binomtest(self.right, self.trials).proportion_ci(CONFIDENCE, method="wilson")
        return float(found.low), float(found.high)

    @property
    def p_value(self) -> float:
        """Exact, one-sided: how often guessing does as well or better."""
        return float(binomtest(self.right, self.trials, CHANCE, "greater").pvalue) if self.trials else 1.0

    @property
    def power(self) -> float:
        """How often so many trials would be significant (one-sided, uncorrected) if the true share were :data:`EFFECT`."""
        return power(self.trials, EFFECT)


def least_right(trials: int) -> int:
    """The smallest count that guessing reaches with a probability of at most :data:`SIGNIFICANCE`; may exceed ``trials``."""
    return int(binom.isf(SIGNIFICANCE, trials, CHANCE)) + 1 if trials else 1


def power(trials: int, share: float) -> float:
    """Probability of :func:`least_right` or more where each trial is right with probability ``share``. Exact."""
    return float(binom.sf(least_right(trials) - 1, trials, share))
