"""Table II in Markdown and JSON."""

from __future__ import annotations

from typing import Any

from engine.study.plan import Arm
from engine.study.sheet import Group
from probes.study.score import MOST_MISSED, Cell, Table
from probes.study.statistics import EFFECT

PLURALS = {Group.MUSICIAN: "musicians", Group.LISTENER: "listeners", None: "everybody"}
HEAD = "| | right | share | 95 % interval | p | p, Holm | power |\n|---|---|---|---|---|---|---|"
NOTE = (
    "Shares of right answers; guessing gives .5. Intervals are Wilson's; p is exact, binomial and one-sided; Holm's correction "
    f"covers the transitions of all groups; power is that of as many trials to find a true share of {EFFECT:g} at p ≤ .05."
)


def to_json(table: Table) -> dict[str, Any]:
    """The object of ``segue study score --json``."""
    return {
        "study": table.study,
        "participants": {group.value: count for group, count in table.participants.items()},
        "effect": EFFECT,
        "cells": [_cell_json(cell) for cell in table.cells],
        "unfinished": [
            {"participant": code, "answered": answered, "trials": trials} for code, answered, trials in table.unfinished
        ],
        "inattentive": [
            {"participant": code, "missed": missed, "checks": checks} for code, missed, checks in table.inattentive
        ],
        "markdown": to_markdown(table),
    }


def _cell_json(cell: Cell) -> dict[str, Any]:
    proportion = cell.proportion
    low, high = proportion.interval
    return {
        "arm": cell.arm.value,
        "source": None if cell.transition is None else cell.transition.source,
        "target": None if cell.transition is None else cell.transition.target,
        "group": None if cell.group is None else cell.group.value,
        "attentive": cell.attentive,
        "right": proportion.right,
        "trials": proportion.trials,
        "share": proportion.share,
        "ci_low": low,
        "ci_high": high,
        "p": proportion.p_value,
        "p_holm": cell.p_holm,
        "power": proportion.power,
    }


def to_markdown(table: Table) -> str:
    """Preferences by group and transition, then the pooled rows, then the control arms."""
    lines = ["# Blind listening study", "", _participants(table), ""]
    for group in table.participants:
        rows = [cell for cell in table.cells if cell.transition is not None and cell.group is group]
        if rows:
            lines += [f"## {Arm.PREFERENCE.words.capitalize()}: {PLURALS[group]}", "", HEAD]
            lines += [_row(str(cell.transition), cell) for cell in rows] + [""]
    lines += ["## All transitions, and the control arms", "", HEAD]
    for cell in table.cells:
        if cell.transition is None:
            who = "those who passed the check trials" if cell.attentive else PLURALS[cell.group]
            lines.append(_row(f"{cell.arm.words}: {who}", cell))
    lines += ["", NOTE, ""]
    if table.inattentive:
        named = ", ".join(f"{code} ({missed} of {checks})" for code, missed, checks in table.inattentive)
        lines += [f"More than {MOST_MISSED} check trial missed, counted all the same: {named}.", ""]
    if table.unfinished:
        named = ", ".join(f"{code} ({answered} of {trials})" for code, answered, trials in table.unfinished)
        lines += [f"Unfinished, counted as far as they go: {named}.", ""]
    lines.append(f"Study {table.study[:12]}.")
    return "\n".join(lines) + "\n"


def _participants(table: Table) -> str:
    counts = [f"{count} {PLURALS[group] if count != 1 else group.value}" for group, count in table.participants.items()]
    return " and ".join(counts) + "."


def _row(name: str, cell: Cell) -> str:
    proportion = cell.proportion
    low, high = proportion.interval
    holm = "" if cell.p_holm is None else _p(cell.p_holm)
    return (
        f"| {name} | {proportion.right}/{proportion.trials} | {proportion.share:.3f} | {low:.3f}–{high:.3f} "
        f"| {_p(proportion.p_value)} | {holm} | {proportion.power:.2f} |"
    )


def _p(value: float) -> str:
    return "< .001" if value < 0.001 else f"{value:.3f}"
