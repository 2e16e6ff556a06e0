"""The paper's experiment: music of one genre, steered towards another, beside every other way to get there.

Sources of a genre are continued from the same tokens, with the same seeds: left alone, steered without text, asked for in
words, steered at random, by another method, by other laws. What counts is how much more the judge hears of the target than
in the same sources left alone, and what the music lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch

from engine.control import Law
from engine.instrument import Instrument
from engine.steering.blend import Blend, Offset
from engine.steering.pack import ProbePack
from probes.background import Background
from probes.evaluate.distance import frechet, mmd, strangeness
from probes.evaluate.generate import UNSTEERED, words_for
from probes.evaluate.hearing import Hearing
from probes.evaluate.kept import Preserved, preserved
from probes.evaluate.stage import Stage, continued
from probes.evaluate.statistics import Mean, holm, mean_with_interval, paired_p
from probes.fit import fit_diffmean
from probes.moments import Doubles, Moments
from probes.residuals import ResidualReader

RING = (("classical", "electronic"), ("electronic", "jazz"), ("jazz", "rock"), ("rock", "classical"))
STRENGTHS = (0.5, 1.5, 2.0)  # of the knob, besides 1
LEFT_ALONE, STEERED, PROMPTED, RANDOM, DIFFMEAN = "unsteered", "steered", "prompted", "random", "diffmean"
#: the arms that the steered one has to beat
RIVALS = (LEFT_ALONE, RANDOM, PROMPTED)
NORM_SOURCES = 4
LEAST_FRECHET = 1e-9  # so that it can be divided by

#: unit directions, ``(L, G, H)``
Directions: TypeAlias = Doubles


@dataclass(frozen=True)
class Arm:
    """One way to treat the sources, and what came of it.

    Attributes:
        deltas: rise of the target's probability over the same source left alone, ``(n,)``; delta: their mean.
        share: mean probability of the target.
        quality: Fréchet distance to the target's music, in multiples of that of the model's own music of the target.
        mmd: squared maximum mean discrepancy from the target's music.
        strangeness: distance to the nearest music of any genre, in multiples of that of the model's own of the target.
        faulty: share of pieces with a fault.
        nats: what a frame costs the unsteered model.
    """

    name: str
    heard: Hearing
    deltas: Doubles
    delta: Mean
    share: float
    quality: float
    mmd: float
    strangeness: float
    faulty: float
    nats: float
    preserved: Preserved


@dataclass(frozen=True)
class Yardstick:
    """The model's own music of a genre, unsteered, against that genre's music; and how it is heard itself.

    Attributes:
        frechet, mmd: distances to the genre's music; strangeness: to the nearest of any genre.
        share: mean probability of the genre; faulty, nats: as of an arm.
    """

    frechet: float
    mmd: float
    strangeness: float
    share: float
    faulty: float
    nats: float


@dataclass(frozen=True)
class Transition:
    """From one genre to another.

    Attributes:
        own: of the target: the measure of quality.
        p_values: of the steered arm against each of :data:`RIVALS`, one-sided, corrected for all transitions together.
        chance: what unsteered pieces share with the sources of others.
    """

    source: str
    target: str
    sources: Hearing
    arms: dict[str, Arm]
    own: Yardstick
    p_values: dict[str, float]
    chance: Preserved


def steering_arms(
    stage: Stage, target: str, diffmean: Directions | None, norms: dict[int, float]
) -> dict[str, list[Blend]]:
    """How every arm that steers steers its n pieces."""
    full, count = stage.steered((target, 1.0)), stage.samples
    arms = {STEERED: [full] * count}
    arms |= {knob_arm(knob): [stage.steered((target, knob))] * count for knob in STRENGTHS}
    rng = np.random.default_rng(stage.pack.index(target))
    arms[RANDOM] = [along(full, lambda _: rng.standard_normal(stage.pack.model.hidden_size)) for _ in range(count)]
    if diffmean is not None:
        row = stage.pack.index(target)
        arms[DIFFMEAN] = [along(full, lambda layer: diffmean[layer, row])] * count
    arms |= {law.value: [by_law(full, law, norms)] * count for law in Law if law is not full.law}
    return arms


def knob_arm(knob: float) -> str:
    """Name of the arm at this strength."""
    return STEERED if knob == 1 else f"knob {knob:g}"


def along(steering: Blend, direction: Callable[[int], Doubles]) -> Blend:
    """Steering of the same norm at the same layers, along other directions ``(H,)``."""

    def turned(layer: int, offset: Offset) -> Offset:
        other = direction(layer)
        scale = np.linalg.norm(offset.vector) / np.linalg.norm(other)
        return Offset((other * scale).astype(np.float32), offset.total)

    return Blend(steering.law, {layer: turned(layer, offset) for layer, offset in steering.offsets.items()})


def by_law(steering: Blend, law: Law, norms: dict[int, float]) -> Blend:
    """The same steering under another law: a law that does not look at the residual's norm is given it."""

    def factor(layer: int) -> float:
        return norms[layer] ** ((law is Law.UNIT) - (steering.law is Law.UNIT))

    offsets = {
        layer: Offset((offset.vector * factor(layer)).astype(np.float32), offset.total * factor(layer))
        for layer, offset in steering.offsets.items()
    }
    return Blend(law, offsets)


def residual_norms(instrument: Instrument, sources: Hearing) -> dict[int, float]:
    """Mean norm of the residual entering each layer while it plays such music."""
    norms: dict[int, list[torch.Tensor]] = {}

    def visit(layer: int, _: int, hidden: torch.Tensor) -> None:
        norms.setdefault(layer, []).append(hidden.float().norm(dim=-1))

    codes = torch.from_numpy(sources.codes[:NORM_SOURCES].astype(np.int64))
    ResidualReader(instrument.decoder, instrument.window_frames).read(codes, visit)
    return {layer: float(torch.cat(parts, 1).mean()) for layer, parts in norms.items()}


def diffmean_directions(pack: ProbePack, background: Background) -> Directions:
    """Differences in means, from the corpus sample that lies beside the pack."""
    rows = background.held_out == 0
    order = [background.labels.index(genre) for genre in pack.genres]
    means, targets = background.means[rows], background.targets[rows]
    probes = [
        fit_diffmean(Moments.of(means[:, layer], targets, len(background.labels))) for layer in range(pack.model.layers)
    ]
    return np.stack([probe.directions[order] for probe in probes])


def hear_transition(
    stage: Stage, source: str, target: str, diffmean: Directions | None, norms: dict[int, float]
) -> Transition:
    """Play every arm of one transition, in as few batches as it takes."""
    sources, first_seed, words = stage.sources(source), 1_000 * stage.pack.index(source), words_for(source, target)
    # Apart from what is steered: words are heard once, whatever the pack.
    prompted = continued(sources, [UNSTEERED] * len(sources), first_seed, words)
    heard = {LEFT_ALONE: stage.own(source), PROMPTED: stage.hear(f"{source} → {target} in words", prompted)}
    arms = {
        name: continued(sources, blends, first_seed)
        for name, blends in steering_arms(stage, target, diffmean, norms).items()
    }
    together = stage.hear(f"{source} → {target}", [piece for pieces in arms.values() for piece in pieces])
    for place, name in enumerate(arms):
        heard[name] = together[place * len(sources) : (place + 1) * len(sources)]
    count = Counter(stage, sources, target, heard[LEFT_ALONE])
    counted = {name: count(name, hearing) for name, hearing in heard.items()}
    another = np.roll(np.arange(len(sources)), 1)
    alone = len(sources) < 2  # then another's source would be its own
    chance = Preserved.unknown(len(sources)) if alone else preserved(heard[LEFT_ALONE], sources, another)
    return Transition(source, target, sources, counted, count.own, {}, chance)


class Counter:
    """From what was heard to an arm's figures.

    The same sources left alone are the measure of the effect; the model's own music of the target is that of quality, since
    a distance to the target's music would otherwise say how much of the way was gone, and not how well.
    """

    def __init__(self, stage: Stage, sources: Hearing, target: str, plain: Hearing) -> None:
        self._stage, self._sources, self._plain, self._target = stage, sources, plain, target
        self._theirs = stage.reference[target]
        self._all = np.concatenate(list(stage.reference.values()))
        own = stage.own(target)
        self.own = Yardstick(
            *self._distances(own),
            float(stage.share(own, target).mean()),
            float(own.faulty.mean()),
            float(own.nats.mean()),
        )

    def _distances(self, heard: Hearing) -> tuple[float, float, float]:
        """Fréchet distance, maximum mean discrepancy, strangeness."""
        several = len(heard) > 1  # a distance between sets needs two sounds
        return (
            max(frechet(heard.places, self._theirs), LEAST_FRECHET) if several else float("nan"),
            mmd(heard.places, self._theirs) if several else float("nan"),
            strangeness(heard.places, self._all),
        )

    def __call__(self, name: str, heard: Hearing) -> Arm:
        shares, before = (self._stage.share(each, self._target) for each in (heard, self._plain))
        distance, discrepancy, strange = self._distances(heard)
        return Arm(
            name,
            heard,
            shares - before,
            mean_with_interval(shares - before),
            float(shares.mean()),
            distance / self.own.frechet,
            discrepancy,
            strange / self.own.strangeness,
            float(heard.faulty.mean()),
            float(heard.nats.mean()),
            preserved(heard, self._sources, np.arange(len(heard))),
        )


def frechet_ratio(heard: Hearing, plain: Hearing, reference: Doubles) -> float:
    """Fréchet distance to a reference, in multiples of that of as many unsteered pieces."""
    return frechet(heard.places, reference) / max(frechet(plain.places, reference), LEAST_FRECHET)


def hear_transitions(stage: Stage, pairs: Sequence[tuple[str, str]], diffmean: Directions | None) -> list[Transition]:
    """Play and test all of them; p-values are corrected for their number."""
    norms = residual_norms(stage.instrument, stage.sources(pairs[0][0]))
    heard = [hear_transition(stage, source, target, diffmean, norms) for source, target in pairs]
    questions = [(transition, rival) for transition in heard for rival in RIVALS]
    raw = [paired_p(t.arms[STEERED].deltas, t.arms[rival].deltas) for t, rival in questions]
    for (transition, rival), p_value in zip(questions, holm(raw), strict=True):
        transition.p_values[rival] = p_value
    return heard


def pooled(stage: Stage, transitions: Sequence[Transition], name: str) -> float:
    """Fréchet distance of an arm's pieces of all transitions to all music, in multiples of the unsteered pieces'.

    Fair where every genre is a source once and a target once: then both sides should hold the same genres.
    """
    arm, plain = (Hearing.joined([t.arms[arm].heard for t in transitions]) for arm in (name, LEFT_ALONE))
    return frechet_ratio(arm, plain, np.concatenate(list(stage.reference.values())))
