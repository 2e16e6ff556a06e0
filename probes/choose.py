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
from engine.steering.pack import MAX_STRENGTH
from probes.evaluate.audition import Audition, Effect, Setting
from probes.fit import Method

log = logging.getLogger(__name__)

#: quality is kept while these hold against the same pieces unsteered
MOST_FRECHET = 1.5
MOST_STRANGENESS = 1.5
MORE_FAULTY = 0.1
ALPHAS = (0.1, 0.2, 0.4)
LADDER = (0.7, 1.4, 2.0, 2.8, 4.0)  # multiples of the best of those
BEST_LAYERS = 2  # that are heard with every method
#: a candidate that shone on little music may have been lucky: so many are heard again on more
FINALISTS = 4
METHODS = (Method.MSE_3, Method.MSE, Method.MSE_1, Method.MSE_10, Method.DIFFMEAN)  # the first is heard at every layer


@dataclass(frozen=True)
class Choice:
    """What a pack's knobs do by default.

    Attributes:
        setting: directions, layer, law, and α at a knob of 1: the strongest effect that keeps quality.
        effect: of that setting.
        redline: for each genre of the pack the knob past which its quality collapses, ``(G,)``, at least 1.
        trials: everything that was played, in order; ladder: the chosen setting at rising strengths.
        layers: layers by effect, best first; by_layer: the best setting of each, in that order, as heard on little music.
        usual: of the unsteered pieces: mean probability of the target, share of faulty ones.
    """

    setting: Setting
    effect: Effect
    redline: NDArray[np.float32]
    trials: tuple[Effect, ...]
    ladder: tuple[Effect, ...]
    layers: tuple[int, ...]
    by_layer: tuple[Effect, ...]
    usual: tuple[float, float]


def keeps_quality(effect: Effect, usual_faulty: float) -> bool:
    """Whether the steered pieces are about as good as the same pieces unsteered."""
    return effect.frechet <= MOST_FRECHET and effect.faulty <= usual_faulty + MORE_FAULTY


def strength(law: Law, alpha: float, norm: float) -> float:
    """α of a law that moves a residual of this norm as far as α times the norm would."""
    return alpha * norm if law is Law.UNIT else alpha


def choose(
    quick: Audition, thorough: Audition, genres: Sequence[str], layers: Sequence[int], norms: Sequence[float]
) -> Choice:
    """Play settings from coarse to fine: every layer; for the best, other laws and directions; then finals; then strengths.

    Args:
        quick: hears candidates; has packs of every method of :data:`METHODS`.
        thorough: hears the finalists, and the winner at several strengths, on more music.
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

    def best(effects: Sequence[Effect], audition: Audition = quick) -> Effect:
        """The strongest of those that keep quality; where none does, the one that loses least."""
        kept = [effect for effect in effects if keeps_quality(effect, audition.usual[1])]
        return max(kept, key=lambda e: e.delta) if kept else min(effects, key=lambda e: e.frechet)

    tops = {layer: best(hear(settings(layer, Law.PRESERVE))) for layer in layers}

    def rank(layer: int) -> tuple[bool, float]:
        return keeps_quality(tops[layer], quick.usual[1]), tops[layer].delta

    order = sorted(layers, key=rank, reverse=True)
    for law in (Law.RELATIVE, Law.ADD, Law.UNIT):
        hear(settings(order[0], law))
    for layer in order[:BEST_LAYERS]:
        for method in METHODS[1:]:
            hear(settings(layer, Law.PRESERVE, method))
    final_round = hear(finalists(trials, best, quick.usual[1]), thorough)
    won = best(final_round, thorough)
    steps = [won.setting.alpha * factor for factor in LADDER]
    higher = hear([replace(won.setting, alpha=alpha) for alpha in steps if alpha <= MAX_STRENGTH], thorough)
    ladder = sorted([won, *higher], key=lambda effect: effect.setting.alpha)
    final, usual = best(ladder, thorough), thorough.usual
    redline = np.array([_redline(genre, final, ladder, usual[1]) for genre in genres], np.float32)
    by_layer = tuple(tops[layer] for layer in order)
    return Choice(final.setting, final, redline, tuple(trials), tuple(ladder), tuple(order), by_layer, usual)


def finalists(
    trials: Sequence[Effect], best: Callable[[Sequence[Effect]], Effect], usual_faulty: float
) -> list[Setting]:
    """The strongest strength of each way to steer, of these the strongest few, no more than two of one layer."""
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
        if len(chosen) < FINALISTS and layers.count(effect.setting.layers) < 2:
            chosen.append(effect.setting)
    return chosen


def _redline(genre: str, chosen: Effect, ladder: Sequence[Effect], usual_faulty: float) -> float:
    """The strength, in multiples of the chosen one, before the genre's quality collapses; at most what was played."""
    last = 1.0
    for effect in ladder:
        factor, heard = effect.setting.alpha / chosen.setting.alpha, effect.genres[genre]
        collapsed = (
            heard.strangeness > MOST_STRANGENESS
            or heard.frechet > MOST_FRECHET * chosen.genres[genre].frechet
            or heard.faulty > usual_faulty + MORE_FAULTY
        )
        if factor > 1 and collapsed:
            break
        last = max(last, factor)
    return last
