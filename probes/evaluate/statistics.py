"""How sure a difference is: bootstrap intervals, paired tests, and a correction for asking many questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import wilcoxon

from probes.moments import Doubles

LEVEL = 0.95
DRAWS = 10_000


@dataclass(frozen=True)
class Mean:
    """A mean and its interval at :data:`LEVEL`; the bounds of a single value are not a number."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return (
            f"{self.value:+.2f} [{self.low:+.2f}, {self.high:+.2f}]" if np.isfinite(self.low) else f"{self.value:+.2f}"
        )


def mean_with_interval(values: Doubles, seed: int = 0) -> Mean:
    """Mean of ``(n,)`` with a percentile bootstrap interval (Efron, 1979). Paired differences are resampled as pairs."""
    if len(values) < 2:  # it says nothing of how far others would lie
        return Mean(float(values.mean()), float("nan"), float("nan"))
    drawn = np.random.default_rng(seed).integers(len(values), size=(DRAWS, len(values)))
    low, high = np.quantile(values[drawn].mean(1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Mean(float(values.mean()), float(low), float(high))


def paired_p(more: Doubles, less: Doubles) -> float:
    """One-sided Wilcoxon signed-rank test of n pairs: how easily chance alone would put ``more`` so far above ``less``.

    Pairs without a difference say nothing and are left out; the p-value of few others is exact.
    """
    differences = more - less
    differences = differences[differences != 0]
    if not len(differences):
        return 1.0
    return float(wilcoxon(differences, alternative="greater").pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted for their number (Holm, 1979): below 0.05 all together err in one of twenty worlds."""
    order = np.argsort(p_values, kind="stable")
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted
