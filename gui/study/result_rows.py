"""The lines of the results, from the object that ``segue study score --json`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.study.plan import SIGNIFICANCE, Arm

PLURALS = {"musician": "musicians", "listener": "listeners", None: "everybody"}


@dataclass(frozen=True)
class Heading:
    """A line that names those under it."""

    words: str


@dataclass(frozen=True)
class Row:
    """One figure with its interval and tests; ``p_holm`` is None where nothing is corrected."""

    name: str
    right: int
    trials: int
    share: float
    low: float
    high: float
    p: float
    p_holm: float | None
    power: float

    @property
    def significant(self) -> bool:
        """By the corrected p where there is one."""
        return (self.p if self.p_holm is None else self.p_holm) <= SIGNIFICANCE

    @property
    def figures(self) -> tuple[str, str, str, str, str]:
        """Power, corrected p, p, right of trials, share: from the right edge to the left."""
        holm = "" if self.p_holm is None else p_text(self.p_holm)
        return f"{self.power:.2f}", holm, p_text(self.p), f"{self.right}/{self.trials}", f"{self.share:.3f}"

    @property
    def words(self) -> str:
        """For screen readers."""
        tested = self.p if self.p_holm is None else self.p_holm
        return (
            f"{self.name}: {self.share:.3f}, {self.right} of {self.trials}, interval {self.low:.2f} to {self.high:.2f}, "
            f"p {p_text(tested)}"
        )


def p_text(p: float) -> str:
    """Three digits, as tables have them."""
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def rows_of(told: Mapping[str, Any]) -> list[Row | Heading]:
    """Preferences by group, then each arm as a whole."""
    rows: list[Row | Heading] = []
    cells = told["cells"]
    for group in PLURALS:
        mine = [cell for cell in cells if cell["source"] is not None and cell["group"] == group]
        if mine:
            rows.append(Heading(f"{Arm.PREFERENCE.words}: {PLURALS[group]}"))
            rows += [_row(f"{cell['source']} → {cell['target']}", cell) for cell in mine]
    for arm in Arm:
        mine = [cell for cell in cells if cell["source"] is None and cell["arm"] == arm.value]
        if mine:
            rows.append(Heading(f"{arm.words}: all transitions" if arm is Arm.PREFERENCE else arm.words))
            rows += [_row("those who passed the checks" if c["attentive"] else PLURALS[c["group"]], c) for c in mine]
    return rows


def _row(name: str, cell: Mapping[str, Any]) -> Row:
    return Row(
        name,
        cell["right"],
        cell["trials"],
        cell["share"],
        cell["ci_low"],
        cell["ci_high"],
        cell["p"],
        cell["p_holm"],
        cell["power"],
    )
