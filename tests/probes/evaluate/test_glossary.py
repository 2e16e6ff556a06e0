"""Every word of the tables is explained."""

from __future__ import annotations

from typing import Any

import pytest

from engine.control import Law
from probes.evaluate import linearity, sweep, transition_report
from probes.evaluate.glossary import glossary
from probes.evaluate.hearing import FAULTS
from probes.fit import Method
from probes.moments import Doubles


@pytest.fixture
def told(pretend: Any) -> str:
    def deaf(alphas: Doubles) -> Doubles:
        return alphas

    stage = pretend(deaf)
    part = glossary(stage)
    assert not stage.played
    assert part.html.count("<dt>") == part.markdown.count("- **")
    return part.markdown


@pytest.mark.parametrize(
    "word",
    [
        *(name.removesuffix(" [95 %]") for name in transition_report.ARM_HEAD[1:]),
        *transition_report.KEPT_HEAD[1:],
        "redline",
        "R²",
        "without the map",
        "raw",
        "orthogonalised",
        "rank of pieces",
        "distance asked to heard",
        "judge",
        *FAULTS,
        *(f"`{each.value}`" for each in (*Law, *Method)),
    ],
)
def test_it_explains(word: str, told: str) -> None:
    assert word in told


def test_no_column_is_forgotten(told: str) -> None:
    """A new column of these tables needs a word here."""
    explained = {"genre", "", "layers", "law", "every nth frame", "strength", "at rest", "at 1"}
    for name in (*linearity.HEAD, *sweep.HEAD):
        first = name.split(" w")[0].split(" of")[0].split(" from")[0]
        assert first in told or name in explained
