"""The map that straightens a knob, from what was heard at each of its strengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.isotonic import IsotonicRegression

from engine.steering.knob_map import KnobMap
from probes.moments import Doubles

#: a genre whose knob raises its probability by less than this has no curve to straighten
LEAST_RISE = 0.05
#: share of the straight line in a map: where nothing is heard of a knob's move, the map is steep but not vertical
STRAIGHT = 0.15
#: past a knob of 1 little more is heard, and quality goes: there the strength does not run away faster than this
STEEPEST = 4.0


def straighten(factors: Sequence[float], heard: Sequence[Sequence[float]]) -> KnobMap:
    """The map under which equal moves of a knob are heard as equal moves.

    What is heard rises with the strength, but for noise (isotonic regression), and its rise from nothing to a factor of 1
    is the measure: the knob at which a strength is reached is the share of that rise which it gives.

    Args:
        factors: strengths that were heard, P of them, rising from 0, with 1 among them.
        heard: ``(G, P)`` mean probability of each genre when its own knob alone is at that strength.
    """
    strengths = np.asarray(factors, np.float64)
    one = int(np.abs(strengths - 1).argmin())
    rows = []
    for shares in heard:
        risen = IsotonicRegression().fit_transform(strengths, shares)
        rise = risen[one] - risen[0]
        if rise < LEAST_RISE:
            rows.append(strengths)
        else:
            knobs = ((risen - risen[0]) / rise + STRAIGHT * strengths) / (1 + STRAIGHT)
            for point in range(one + 1, len(knobs)):
                least = (strengths[point] - strengths[point - 1]) / STEEPEST
                knobs[point] = max(knobs[point], knobs[point - 1] + least)
            rows.append(knobs)
    bent = np.array(rows, np.float32)
    return KnobMap(bent, np.tile(strengths.astype(np.float32), (len(rows), 1)))


def r_squared(asked: Doubles, heard: Doubles) -> float:
    """Of the straight line that fits best: 1 where equal moves up are heard as equal moves up, 0 where they are heard as
    moves down."""
    return max(0.0, float(np.corrcoef(asked, heard)[0, 1])) ** 2 if np.ptp(heard) > 0 else 0.0
