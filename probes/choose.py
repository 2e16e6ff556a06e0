"""Layer, law, directions and strength by effect: what an ear hears of short steered pieces, and what they cost.

The paper steers the layer whose probe is right most often. That a layer knows genre does not mean that pushing it moves
the music, so every candidate is played; both orders are reported, and the effect decides.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.control import Law
from engine.steering.knob_map import KnobMap
from engine.steering.pack import MAX_STRENGTH
from probes.evaluate.audition import Audition, Effect, Setting
from probes.evaluate.straighten import r_squared, straighten
from probes.fit import Method
from probes.moments import Doubles

log = logging.getLogger(__name__)

#: quality is kept while these hold against the same pieces unsteered
MOST_FRECHET = 1.5
MOST_STRANGENESS = 1.5
MORE_FAULTY = 0.1
ALPHAS = (0.1, 0.2, 0.4)
LADDER = (0.0, 0.15, 0.3, 0.45, 0.7, 1.0, 1.4, 2.0, 2.8)  # multiples of the best of those
#: a rise of the probability that is too small to pay for with quality
TIE = 0.02
BEST_LAYERS = 2  # that are heard with every method
#: a candidate that shone on little music may have been lucky: so many are heard again on more
FINALISTS, FINALISTS_OF_ONE_LAYER = 8, 3
METHODS = (Method.MSE_3, Method.MSE, Method.MSE_1, Method.DIFFMEAN)  # the first is heard at every layer
METHODS_TOGETHER = (Method.MSE_3, Method.MSE_1)


@dataclass(frozen=True)
class Choice:
    """What a pack's knobs do by default.

    Attributes:
        setting: directions, layer, law, and α at a knob of 1: the strongest effect that keeps quality.
        effect: of that setting.
        redline: for each genre of the pack the knob past which its quality collapses, ``(G,)``.
        knob_map: straightens every genre's knob.
        trials: everything that was played, in order; ladder: the chosen setting from nothing to too much.
        layers: layers by effect, best first; by_layer: the best setting of each, in that order, as heard on little music.
        usual: of the unsteered pieces: mean probability of the target, share of faulty ones.
    """

    setting: Setting
    effect: Effect
    redline: NDArray[np.float32]
    knob_map: KnobMap
    trials: tuple[Effect, ...]
    ladder: tuple[Effect, ...]
    layers: tuple[int, ...]
    by_layer: tuple[Effect, ...]
    usual: tuple[float, float]

    def answer(self, row: int, genre: str) -> tuple[Doubles, Doubles, Doubles]:
        """What the ladder says of one genre's knob: strengths as multiples of the one at 1, knobs that give them, and the
        probability that is heard there; ``(P,)`` each."""
        factors = np.array([effect.setting.alpha / self.setting.alpha for effect in self.ladder])
        knobs = np.array([self.knob_map.knob(row, factor) for factor in factors])
        return factors, knobs, np.array([effect.genres[genre].share for effect in self.ladder])

    def straightness(self, row: int, genre: str) -> tuple[float, float]:
        """R² of a straight line through what is heard up to the redline, without the knob map and with it. The map was made
        from the same music: an evaluation says more."""
        factors, knobs, heard = self.answer(row, genre)
        upto = knobs <= self.redline[row] + 1e-6
        return r_squared(factors[upto], heard[upto]), r_squared(knobs[upto], heard[upto])


def keeps_quality(effect: Effect, usual_faulty: float) -> bool:
    """Whether the steered pieces are about as good as the same pieces unsteered."""
    return effect.frechet <= MOST_FRECHET and effect.faulty <= usual_faulty + MORE_FAULTY


def strength(law: Law, alpha: float, norm: float) -> float:
    """α of a law that moves a residual of this norm as far as α times the norm would."""
    return alpha * norm if law is Law.UNIT else alpha


def choose(
    quick: Audition,
    thorough: Audition,
    patient: Audition,
    genres: Sequence[str],
    layers: Sequence[int],
    norms: Sequence[float],
) -> Choice:
    """Play settings from coarse to fine: every layer; the best with other laws and directions; the best few, and the better
    half, all at once; then finals; then strengths.

    In the finals the weakest target counts: a knob has to move whatever it is turned to. α is the mildest of the strengths
    that are about as effective as any that keeps quality.

    Args:
        quick: hears candidates; has packs of every method of :data:`METHODS`.
        thorough: hears the finalists, on more music.
        patient: hears the winner at every strength, on yet more.
        genres: of the packs.
        layers: candidates.
        norms: mean norm of the residual at every layer of the model, ``(L,)``.
    """
    trials: list[Effect] = []

    def hear(settings: Sequence[Setting], audition: Audition = quick) -> list[Effect]:
        effects = audition.hear(settings)
        trials.extend(effects)
        for effect in effects:
            log.info(
                "%s: Δ %+.3f, Fréchet × %.2f, faulty %.2f", effect.setting, effect.delta, effect.frechet, effect.faulty
            )
        return effects

    def settings(layer: int, law: Law, method: Method = METHODS[0]) -> list[Setting]:
        alphas = [strength(law, alpha, norms[layer]) for alpha in ALPHAS]
        return [Setting(method, ((layer, 1.0),), law, alpha) for alpha in alphas if alpha <= MAX_STRENGTH]

    def together(several: Sequence[int], method: Method) -> list[Setting]:
        """Layers at once; pushes in much the same direction add up, those in none of their own as their root."""
        weighted = tuple((layer, 1.0) for layer in sorted(several))
        return [Setting(method, weighted, Law.PRESERVE, alpha / len(several) ** 0.5) for alpha in ALPHAS]

    def best(
        effects: Sequence[Effect], audition: Audition = quick, value: Callable[[Effect], float] = lambda e: e.delta
    ) -> Effect:
        """The strongest of those that keep quality; where none does, the one that loses least."""
        kept = [effect for effect in effects if keeps_quality(effect, audition.usual[1])]
        return max(kept, key=value) if kept else min(effects, key=lambda e: e.frechet)

    by_layer = hear([setting for layer in layers for setting in settings(layer, Law.PRESERVE)])
    tops = {layer: best([e for e in by_layer if e.setting.layers[0][0] == layer]) for layer in layers}

    def rank(layer: int) -> tuple[bool, float]:
        return keeps_quality(tops[layer], quick.usual[1]), tops[layer].delta

    order = sorted(layers, key=rank, reverse=True)
    others = [settings(order[0], law) for law in (Law.RELATIVE, Law.ADD, Law.UNIT)]
    others += [settings(layer, Law.PRESERVE, method) for layer in order[:BEST_LAYERS] for method in METHODS[1:]]
    half = order[: max(len(order) // 2, 1)]
    if len(half) > 1:
        others += [together(half, method) for method in METHODS_TOGETHER]
    if len(half) > 2:
        others.append(together(order[:2], METHODS[0]))
    hear([setting for group in others for setting in group])
    won = best(hear(finalists(trials, best, quick.usual[1]), thorough), thorough, lambda e: e.weakest).setting
    steps = [won.alpha * factor for factor in LADDER]
    ladder = hear([replace(won, alpha=alpha) for alpha in steps if alpha <= MAX_STRENGTH], patient)
    usual = patient.usual
    strongest = best(ladder[1:], patient)
    enough = (e for e in ladder[1:] if e.delta >= strongest.delta - TIE and keeps_quality(e, usual[1]))
    final = next(enough, strongest)
    factors = [effect.setting.alpha / final.setting.alpha for effect in ladder]
    knob_map = straighten(factors, [[effect.genres[genre].share for effect in ladder] for genre in genres])
    limits = [_limit(genre, final, ladder, usual[1]) for genre in genres]
    redline = np.array([knob_map.knob(row, limit) for row, limit in enumerate(limits)], np.float32)
    tops_first = tuple(tops[layer] for layer in order)
    return Choice(
        final.setting, final, redline, knob_map, tuple(trials), tuple(ladder), tuple(order), tops_first, usual
    )


def finalists(
    trials: Sequence[Effect], best: Callable[[Sequence[Effect]], Effect], usual_faulty: float
) -> list[Setting]:
    """The strongest strength of each way to steer, of these the strongest few, not all of one layer."""
    families: dict[Setting, list[Effect]] = {}
    for effect in trials:
        families.setdefault(replace(effect.setting, alpha=0.0), []).append(effect)
    candidates = sorted(
        (best(family) for family in families.values()),
        key=lambda effect: (keeps_quality(effect, usual_faulty), effect.delta),
        reverse=True,
    )
    chosen: list[Setting] = []
    for effect in candidates:
        layers = [setting.layers for setting in chosen]
        if len(chosen) < FINALISTS and layers.count(effect.setting.layers) < FINALISTS_OF_ONE_LAYER:
            chosen.append(effect.setting)
    return chosen


def _limit(genre: str, chosen: Effect, ladder: Sequence[Effect], usual_faulty: float) -> float:
    """The last strength, in multiples of the chosen one, before the genre's quality collapses; at most what was played.

    Music far from any, or broken, is collapse. So is a distance to the genre's own music that grows again: pieces that become
    like each other are not strange, but soon further from it than they have been, or than they were unsteered.
    """
    first, *steered = ladder
    last, nearest = steered[0], first.genres[genre].frechet
    for effect in steered:
        heard = effect.genres[genre]
        nearest = min(nearest, heard.frechet)
        lost = heard.strangeness > MOST_STRANGENESS or heard.faulty > usual_faulty + MORE_FAULTY
        if lost or heard.frechet > MOST_FRECHET * nearest:
            break
        last = effect
    return last.setting.alpha / chosen.setting.alpha
