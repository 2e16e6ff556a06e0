"""Linearity of the knob: the judged probability against what is asked, with the pack's knob map and without it.

Each genre's knob is turned from rest to its redline on music of all other genres, and from rest to -1 on music of its own.
The sources are not those that the map was made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.control import ControlState
from engine.steering.blend import blend
from engine.steering.knob_map import KnobMap
from engine.steering.pack import ProbePack
from probes.evaluate.answers import answers
from probes.evaluate.charts import Figure, Line, line_chart
from probes.evaluate.page import html_table, markdown_table
from probes.evaluate.part import Part
from probes.evaluate.stage import Stage, judged_genres
from probes.evaluate.statistics import Mean, mean_with_interval
from probes.evaluate.straighten import r_squared
from probes.moments import Doubles

STEPS, STEPS_AWAY = 4, 3
#: pieces at each position, as a share of the sources of a genre: a line is drawn through several positions
PIECES_SHARE = 0.7
#: of the knobs in the window
MOST_KNOB = 2.0
READING = (
    "Each knob is turned from rest to its redline on music of all other genres, and from rest to -1 on music of its own. R² is "
    "that of a straight line through the mean probabilities, 0 where they move the wrong way; of pieces, that of a line "
    "through what is heard of every single one, with the map."
)
HEAD = ("genre", "redline", "at rest", "at 1", "R² without the map", "R² with it", "R² of pieces", "R² from rest to -1")


@dataclass(frozen=True)
class Curve:
    """A knob's answer: what is heard of the same n pieces at each of its positions.

    Attributes:
        knobs: ``(P,)``.
        pieces: ``(P, n)``.
    """

    knobs: Doubles
    pieces: Doubles

    @cached_property
    def heard(self) -> tuple[Mean, ...]:
        """Over the pieces."""
        return tuple(mean_with_interval(each) for each in self.pieces)

    @property
    def values(self) -> Doubles:
        """The means alone."""
        return self.pieces.mean(1)

    @property
    def r2(self) -> float:
        """How straight it is, on the average."""
        return r_squared(self.knobs, self.values)

    @property
    def r2_of_pieces(self) -> float:
        """How much of what single pieces do the knob explains along a straight line."""
        return r_squared(np.repeat(self.knobs, self.pieces.shape[1]), self.pieces.ravel())

    def at(self, knob: float) -> float:
        """What is heard there, between positions along the straight line."""
        order = np.argsort(self.knobs)
        return float(np.interp(knob, self.knobs[order], self.values[order]))


@dataclass(frozen=True)
class Linearity:
    """One genre's knob.

    Attributes:
        before: without the map, over the same strengths; its knobs are multiples of the strength at 1.
        after: with the map, up to the redline; away: to -1, on the genre's own music.
    """

    genre: str
    redline: float
    before: Curve
    after: Curve
    away: Curve


def linearity(stage: Stage) -> Part:
    """The section."""
    curves = [hear_knob(stage, genre) for genre in judged_genres(stage)]
    rows = [
        (
            curve.genre,
            f"{curve.redline:.2f}",
            f"{curve.after.at(0):.2f}",
            f"{curve.after.at(1):.2f}",
            f"{curve.before.r2:.3f}",
            f"{curve.after.r2:.3f}",
            f"{curve.after.r2_of_pieces:.3f}",
            f"{curve.away.r2:.3f}",
        )
        for curve in curves
    ]
    drawn = {f"linearity-{place}": chart(curve) for place, curve in enumerate(curves, 1)}
    return Part(
        "Linearity of the knob",
        {"linearity": {curve.genre: knob_facts(curve) for curve in curves}},
        f"{READING}\n\n{markdown_table(HEAD, rows)}",
        f'<p>{READING}</p>{html_table(HEAD, rows)}<div class="charts">{"".join(drawn.values())}</div>',
        drawn,
    )


def hear_knob(stage: Stage, genre: str) -> Linearity:
    """Turn one genre's knob."""
    pack, row = stage.pack, stage.pack.index(genre)
    plain = replace(pack, knob_map=None)
    redline = min(float(pack.redline[row]), MOST_KNOB)
    bends = pack.knob_map or KnobMap.straight(len(pack.genres))
    others = [other for other in judged_genres(stage) if other != genre] or [genre]
    up = np.linspace(0, 1, STEPS + 1)

    def turn(name: str, sources: Sequence[str], knobs: Doubles, with_pack: ProbePack, count: int) -> Doubles:
        blends = [blend(ControlState(blend=((genre, float(knob)),)), with_pack) for knob in knobs]
        heard = answers(stage, f"{genre} knob {name}", sources, blends, count)
        return np.stack([stage.share(pieces, genre) for pieces in heard])

    count = round(PIECES_SHARE * stage.samples)
    after = turn("with its map", others, up * redline, pack, count)
    strengths = up * bends.factor(row, redline)
    # The ends are the same music with the map and without it.
    before = turn("without its map", others, strengths[1:-1], plain, count)
    down = -np.linspace(0, 1, STEPS_AWAY + 1)
    away = turn("turned away", [genre], down, pack, max(1, stage.samples // 2))
    return Linearity(
        genre,
        redline,
        Curve(strengths, np.concatenate([after[:1], before, after[-1:]])),
        Curve(up * redline, after),
        Curve(down, away),
    )


def knob_facts(curve: Linearity) -> dict[str, object]:
    """For JSON."""

    def told(part: Curve) -> dict[str, object]:
        intervals = [[mean.low, mean.high] for mean in part.heard]
        return {
            "knobs": part.knobs,
            "heard": part.values,
            "intervals": intervals,
            "r2": part.r2,
            "r2_of_pieces": part.r2_of_pieces,
        }

    return {
        "redline": curve.redline,
        "r2_before": curve.before.r2,
        "r2_after": curve.after.r2,
        "before": told(curve.before),
        "after": told(curve.after),
        "away": told(curve.away),
    }


def chart(curve: Linearity) -> Figure:
    """A figure: before and after over the same ends."""

    def line(name: str, part: Curve, scale: float = 1.0, dashed: bool = False) -> Line:
        order = np.argsort(part.knobs)
        points = [(float(part.knobs[i]) * scale, part.heard[i].value) for i in order]
        bars = [] if dashed else [(part.heard[i].low, part.heard[i].high) for i in order]
        return Line(name, points, bars, dashed)

    ends = curve.after.knobs[-1] / curve.before.knobs[-1]
    caption = (
        f"{curve.genre}: R² {curve.before.r2:.2f} without the map (stretched to the same ends), "
        f"{curve.after.r2:.2f} with it."
    )
    lines = [
        line("with the map", curve.after),
        line("without it", curve.before, float(ends), dashed=True),
        line("away from its own music", curve.away),
    ]
    return line_chart(caption, "knob", f"probability of {curve.genre}", lines)
