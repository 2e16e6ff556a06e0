"""The sweep: strength × layer × law, and periods, on the same few pieces; and the frontier of effect against quality.

Pieces are played in batches across settings, and the stage keeps what was heard, so that a sweep that is stopped goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.control import ControlState, Law
from engine.errors import CorpusError
from engine.steering.blend import blend
from engine.steering.pack import MAX_STRENGTH, ProbePack
from probes.choose import MORE_FAULTY, strength
from probes.evaluate.audition import Effect, Setting, weigh
from probes.evaluate.charts import Figure, Line, line_chart
from probes.evaluate.generate import UNSTEERED, Piece
from probes.evaluate.hearing import Hearing
from probes.evaluate.page import html_table, markdown_table
from probes.evaluate.part import Part
from probes.evaluate.stage import Stage, continued, judged_genres
from probes.evaluate.transitions import residual_norms
from probes.moments import Doubles

STRENGTHS = (0.05, 0.1, 0.2, 0.4, 0.8)  # shares of the residual's norm
PERIODS = (1, 2, 5, 25)  # at the pack's own layers and law; the authors steer every 25th step
MOST_LAYERS = 6  # and the pack's own
#: of each genre, for each target
SOURCES = 2
FEWEST_PIECES = 2  # that have a spread
HEAD = ("", "layers", "law", "every nth frame", "strength", "Δ target", "target", "Fréchet ×", "faulty")
FRONTIER, OWN = "frontier", "the pack's own"

Layers: TypeAlias = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Step:
    """A setting with its strength as a share of the residual's norm, which laws can be compared by.

    Attributes:
        own: whether it is what the pack's knobs do by default at 1.
    """

    setting: Setting
    strength: float
    own: bool = False


@dataclass(frozen=True)
class Point:
    """A step and what came of it."""

    step: Step
    effect: Effect


def steps(pack: ProbePack, norms: dict[int, float]) -> list[Step]:
    """Everything that is played: every law at every layer, of a large model at some; at the pack's own layers and law every
    period, and the pack's own strength as well."""
    own, law_of_own, count = pack.defaults.layers, pack.defaults.law, pack.model.layers
    full = pack.defaults.knob_scale
    own_share = full / strength(law_of_own, 1.0, norms[own[0][0]])
    spread = {round(float(layer)) for layer in np.linspace(0, count - 1, min(count, MOST_LAYERS))}
    candidates = sorted(spread | {layer for layer, _ in own})
    ways: list[tuple[Layers, Law, int]] = [(((layer, 1.0),), law, 1) for layer in candidates for law in Law]
    ways += [way for period in PERIODS if (way := (own, law_of_own, period)) not in ways]
    found = []
    for layers, law, period in ways:
        alphas = {strength(law, share, norms[layers[0][0]]): share for share in STRENGTHS}
        if (layers, law) == (own, law_of_own):
            alphas |= {full: own_share}
        for alpha, share in alphas.items():
            if alpha <= MAX_STRENGTH:
                setting = Setting(pack.method, layers, law, alpha, period)
                found.append(Step(setting, share, setting == Setting(pack.method, own, law_of_own, full)))
    return found


def sweep(stage: Stage) -> Part:
    """The section."""
    genres = judged_genres(stage)
    everything = steps(stage.pack, residual_norms(stage.instrument, stage.sources(genres[0])))
    effects, usual_faulty = hear(stage, genres, everything)
    points = [Point(step, effect) for step, effect in zip(everything, effects, strict=True)]
    sound = [point for point in points if point.effect.faulty <= usual_faulty + MORE_FAULTY]
    best = frontier(sound)
    rows = [row(point, point in best) for point in [*best, *(p for p in points if p.step.own and p not in best)]]
    drawn = charts(sound, best, [point for point in points if point.step.own])
    told = reading(len(points), len(points) - len(sound))
    return Part(
        "Sweep",
        {"sweep": [point_facts(point) | {"on_frontier": point in best} for point in points]},
        f"{told}\n\n{markdown_table(HEAD, rows)}",
        f'<p>{told}</p>{html_table(HEAD, rows)}<div class="charts">{"".join(drawn.values())}</div>',
        drawn,
    )


def reading(count: int, faulty: int) -> str:
    """How to read the table."""
    return (
        f"{count} settings of layer, law, period and strength, the latter as a share of the residual's norm. On the frontier "
        f"no other setting has more effect at less cost. {faulty} settings cannot lie there, since more of their pieces are "
        f"faulty than of the unsteered ones, by over {MORE_FAULTY:.0%} of all."
    )


def hear(stage: Stage, genres: Sequence[str], everything: Sequence[Step]) -> tuple[list[Effect], float]:
    """Every step towards every genre, on music of all others; and the share of faulty pieces among the unsteered."""
    each = min(SOURCES, stage.samples)
    if each * (len(genres) - 1) < FEWEST_PIECES:
        raise CorpusError("a sweep of two genres judges too little by one source of each: ask for --samples 2 or more")
    turns = [(target, source) for target in genres for source in genres if source != target]
    targets = np.repeat([genres.index(target) for target, _ in turns], each)

    def pieces(setting: Setting | None) -> list[Piece]:
        made: list[Piece] = []
        for target, source in turns:
            full = ControlState(blend=((target, 1.0),))
            steering = UNSTEERED if setting is None else blend(full, setting.on(stage.pack))
            first_seed = 1_000 * stage.pack.index(source)
            period = 1 if setting is None else setting.period
            made += continued(stage.sources(source)[:each], [steering] * each, first_seed, period=period)
        return made

    groups = [pieces(None), *(pieces(step.setting) for step in everything)]
    heard = stage.hear("sweep", [piece for group in groups for piece in group])
    size = len(targets)
    columns = [stage.judge.labels.index(genre) for genre in genres]
    parts = [_Columns(heard[start : start + size], columns) for start in range(0, size * len(groups), size)]
    corpus = {genre: stage.reference[genre] for genre in genres}
    effects = [
        weigh(step.setting, genres, targets, part, parts[0], corpus)
        for step, part in zip(everything, parts[1:], strict=True)
    ]
    return effects, float(parts[0].faulty.mean())


@dataclass(frozen=True)
class _Columns:
    """What was heard, with the columns of some of the judge's labels."""

    heard: Hearing
    columns: Sequence[int]

    @property
    def shares(self) -> Doubles:
        return self.heard.shares[:, self.columns]

    @property
    def places(self) -> Doubles:
        return self.heard.places

    @property
    def faulty(self) -> NDArray[np.bool_]:
        return self.heard.faulty


def frontier(points: Sequence[Point]) -> list[Point]:
    """Those that no other beats in effect and in quality both, the mildest first (Pareto)."""
    best: list[Point] = []
    for point in sorted(points, key=lambda p: (p.effect.frechet, -p.effect.delta)):
        if not best or point.effect.delta > best[-1].effect.delta:
            best.append(point)
    return best


def named(layers: Layers) -> str:
    """``6 + 7``."""
    return " + ".join(str(layer) for layer, _ in layers)


def row(point: Point, best: bool) -> Sequence[str]:
    """Of the table."""
    setting, effect = point.step.setting, point.effect
    which = ", ".join([FRONTIER] * best + [OWN] * point.step.own)
    figures = (f"{effect.delta:+.2f}", f"{effect.share:.2f}", f"{effect.frechet:.2f}", f"{effect.faulty:.0%}")
    return which, named(setting.layers), setting.law.value, str(setting.period), f"{point.step.strength:.2g}", *figures


def point_facts(point: Point) -> dict[str, object]:
    """For JSON."""
    setting, effect = point.step.setting, point.effect
    return {
        "layers": [layer for layer, _ in setting.layers],
        "law": setting.law.value,
        "period": setting.period,
        "strength": point.step.strength,
        "alpha": setting.alpha,
        "own": point.step.own,
        "delta": effect.delta,
        "target_share": effect.share,
        "frechet": effect.frechet,
        "faulty": effect.faulty,
    }


def charts(points: Sequence[Point], best: Sequence[Point], own: Sequence[Point]) -> dict[str, Figure]:
    """Effect against cost: the best of each law, with the frontier; and of each layer under the law that keeps the norm.

    Args:
        own: the pack's own setting, marked in both.
    """

    def curve(name: str, several: Sequence[Point], dashed: bool = False) -> Line:
        return Line(name, [(point.effect.frechet, point.effect.delta) for point in frontier(several)], dashed=dashed)

    every = [point for point in points if point.step.setting.period == 1]
    by_law = [curve(law.value, [p for p in every if p.step.setting.law is law]) for law in Law]
    preserving = [point for point in every if point.step.setting.law is Law.PRESERVE]
    layers = sorted({point.step.setting.layers for point in preserving})
    by_layer = [
        curve(f"layer {named(each)}", [p for p in preserving if p.step.setting.layers == each]) for each in layers
    ]
    axes = ("Fréchet distance, × unsteered", "rise of the target's probability")
    mark = curve(OWN, own)
    laws = [*by_law, curve(FRONTIER, best, dashed=True), mark]
    return {
        "sweep-laws": line_chart("What each law gains and costs at its best layers.", *axes, laws),
        "sweep-layers": line_chart("What each layer gains and costs under `preserve`.", *axes, [*by_layer, mark]),
    }
