"""One gap is told of once, when it is over, and lies where the ear was."""

from __future__ import annotations

from dataclasses import dataclass

from engine.dropouts import Dropouts, Gap


@dataclass
class Output:
    underruns: int = 0
    missed_samples: int = 0
    starving: bool = False


def test_a_gap_of_several_blocks_is_one() -> None:
    output = Output(underruns=3, missed_samples=1000)
    dropouts = Dropouts(output)
    assert dropouts.look(500) is None
    output.underruns, output.starving = 4, True
    for missed in (1320, 2640, 3960):
        output.missed_samples = missed
        assert dropouts.look(700) is None
    output.missed_samples, output.starving = 4100, False
    assert dropouts.look(1340) == Gap(700, 3100)
    assert dropouts.look(2000) is None
    assert dropouts.count == 1


def test_gaps_between_two_looks_are_counted_and_told_of_together() -> None:
    output = Output()
    dropouts = Dropouts(output)
    output.underruns, output.missed_samples = 2, 640
    assert dropouts.look(900) == Gap(900, 640)
    assert dropouts.count == 2


def test_what_tore_before_belongs_to_the_performance_before() -> None:
    output = Output()
    dropouts = Dropouts(output)
    output.underruns, output.missed_samples = 1, 640
    assert dropouts.look(100) is not None
    output.underruns, output.missed_samples, output.starving = 2, 900, True
    dropouts.begin()
    assert dropouts.count == 0
    output.missed_samples, output.starving = 1000, False
    assert dropouts.look(0) is None
    output.underruns, output.missed_samples = 3, 1300
    dropouts.skip()
    assert dropouts.look(10) is None
    assert dropouts.count == 0
