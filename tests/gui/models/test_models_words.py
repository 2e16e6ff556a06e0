"""What is said of a model, in its words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.model.catalogue import Entry, Machine
from engine.model.precision import Precision
from gui.models import words

MACHINE = Machine("cpu", Precision.INT8, 4_000_000_000)
ENTRY = Entry("facebook/musicgen-small", "cc-by-nc-4.0", 2_360_000_000, 2_700_000_000, here=False, fits=True)


def test_names(tmp_path: Path) -> None:
    folder = str(tmp_path / "my model")
    names = ("pocket", "facebook/musicgen-small", folder)
    assert [words.title(name) for name in names] == ["Pocket", "musicgen-small", "my model"]
    assert [words.origin(name) for name in names] == ["built in", "facebook", str(tmp_path)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("cc-by-nc-4.0", "CC-BY-NC 4.0: not for commercial use"),
        ("CC0-1.0", "CC0 1.0: free for any use"),
        ("openrail", "licence openrail"),
        ("", ""),
    ],
)
def test_licences(code: str, expected: str) -> None:
    assert words.licence(code) == expected


def test_a_card_that_lies_idle_is_told() -> None:
    assert words.machine(MACHINE) == "This machine: CPU, int8, 4.0 GB of memory free"
    assert (
        words.machine(replace(MACHINE, idle_card="a card is idle: run pip")).splitlines()[1]
        == "a card is idle: run pip"
    )


def test_what_it_takes() -> None:
    assert words.disk(ENTRY) == "about 2.4 GB to download"
    assert words.disk(replace(ENTRY, here=True, disk_bytes=23_400_000)) == "23 MB on disk"
    assert words.memory(ENTRY, MACHINE) == "Needs 2.7 GB of memory in int8: fits"
    large = replace(ENTRY, memory_bytes=9_800_000_000, fits=False)
    assert words.memory(large, MACHINE) == "Needs 9.8 GB of memory in int8: does not fit, 4.0 GB are free"


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        (None, "speed not yet measured here"),
        (3.72, "3.7 × real time here"),
        (1.1, "1.1 × real time here: sound may break up"),
        (0.4, "0.4 × real time here: too slow to play live"),
    ],
)
def test_speeds(factor: float | None, expected: str) -> None:
    assert words.speed(factor) == expected
