"""How often a probe is right, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.fit import LinearProbe
from probes.moments import Floats, Labels


@dataclass(frozen=True)
class Accuracy:
    """Right answers among n, with the Wilson interval at 95 %."""

    right: int
    count: int

    @classmethod
    def of(cls, probe: LinearProbe, rows: Floats, targets: Labels) -> Accuracy:
        """Judge a probe on labelled rows."""
        return cls(int((probe.predict(rows) == targets).sum()), len(targets))

    @property
    def share(self) -> float:
        """Of right answers; not a number without any."""
        return self.right / self.count if self.count else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson (1927): sound for shares near one, where the normal interval is not."""
        if not self.count:
            return math.nan, math.nan
        z = 1.959964
        centre = self.share + z**2 / (2 * self.count)
        reach = z * math.sqrt(self.share * (1 - self.share) / self.count + z**2 / (4 * self.count**2))
        scale = 1 + z**2 / self.count
        return (centre - reach) / scale, (centre + reach) / scale


def confusion(probe: LinearProbe, rows: Floats, targets: Labels) -> NDArray[np.int64]:
    """Counts ``(G, G)``: row true, column told."""
    counts = np.zeros((len(probe.bias),) * 2, np.int64)
    np.add.at(counts, (targets, probe.predict(rows)), 1)
    return counts
