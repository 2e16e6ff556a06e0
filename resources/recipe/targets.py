"""What Pocket is meant to reach, and whether measured figures do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MEASURES_NAME = "measure.json"


@dataclass(frozen=True)
class Target:
    """A bound on one figure.

    Attributes:
        path: keys that lead to the figure in what ``recipe.measure`` writes.
        at_least: the bound is a lower one.
    """

    name: str
    path: tuple[str, ...]
    bound: float
    at_least: bool

    def value(self, measures: Mapping[str, Any]) -> float | None:
        """The figure, or None where it was not measured."""
        found: Any = measures
        for key in self.path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return None if found is None else float(found)

    def is_met(self, value: float) -> bool:
        """Whether the bound holds."""
        return value >= self.bound if self.at_least else value <= self.bound


TARGETS = (
    Target("log-mel distance of held-out songs, dB", ("codec", "songs", "log_mel_distance_db"), 5.0, False),
    Target("chroma correlation of held-out songs", ("codec", "songs", "chroma_correlation"), 0.75, True),
    Target("onset F-measure of held-out songs", ("codec", "songs", "onset_f_measure"), 0.8, True),
    Target("notes of scales recovered within 50 cents", ("codec", "scales", "all"), 0.75, True),
    Target("least used codebook, share of entries", ("codec", "least_used_share"), 0.6, True),
    Target("genre accuracy, passthrough against originals", ("genre", "songs", "ratio"), 0.9, True),
    Target("text-prompted generations judged as asked", ("text", "judged_as_asked"), 0.85, True),
    Target("faulty generations (silence, noise, loops, clipping)", ("text", "faults", "any"), 0.05, False),
    Target("share of 60 s plays that survive", ("endurance", "survived_share"), 1.0, True),
)


def table(measures: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Rows of name, measured value, target and verdict."""
    rows = []
    for target in TARGETS:
        value = target.value(measures)
        sign = "≥" if target.at_least else "≤"
        shown = "not measured" if value is None else f"{value:.3g}"
        verdict = "–" if value is None else "met" if target.is_met(value) else "missed"
        rows.append((target.name, shown, f"{sign} {target.bound:g}", verdict))
    return rows
