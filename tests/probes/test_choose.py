"""The choice of layer, law and strength, with an audition whose answers are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import pytest

from engine.control import Law
from probes.choose import ALPHAS, LADDER, METHODS, Choice, choose, keeps_quality
from probes.evaluate.audition import Audition, Effect, Heard, Setting
from probes.fit import Method

GENRES = ("jazz", "rock")
NORMS = [1.0, 10.0, 20.0, 30.0]


class Stage:
    """Answers like an audition, from formulas."""

    usual = (0.25, 0.0)

    def __init__(
        self, answer: Callable[[Setting], tuple[float, float]], strange: dict[str, float] | None = None
    ) -> None:
        self._answer, self._strange = answer, strange or {}
        self.played: list[Setting] = []

    def hear(self, settings: Sequence[Setting]) -> list[Effect]:
        self.played += settings
        return [self._effect(setting) for setting in settings]

    def _effect(self, setting: Setting) -> Effect:
        delta, frechet = self._answer(setting)
        heard = {g: Heard(delta, 0.25 + delta, setting.alpha * self._strange.get(g, 0.0), 1.0, 0.0) for g in GENRES}
        return Effect(setting, heard, frechet)


def choice(stage: Any, layers: Sequence[int] = (1, 2, 3)) -> Choice:
    return choose(cast(Audition, stage), cast(Audition, stage), GENRES, layers, NORMS)


def at(setting: Setting) -> int:
    return setting.layers[0][0]


def test_the_layer_with_the_strongest_effect_wins() -> None:
    gains = {1: 0.2, 2: 0.6, 3: 0.4}
    found = choice(Stage(lambda s: (gains[at(s)] * min(s.alpha, 0.8), 1.0)))
    assert found.layers == (2, 3, 1)
    assert [at(effect.setting) for effect in found.by_layer] == [2, 3, 1]
    assert [effect.delta for effect in found.by_layer] == pytest.approx([0.24, 0.16, 0.08])
    assert at(found.setting) == 2


def test_an_effect_that_costs_quality_does_not_count() -> None:
    """Layer 3 moves the ear most, by falling apart."""
    found = choice(Stage(lambda s: (0.9, 5.0) if at(s) == 3 else (0.1 * at(s), 1.0)))
    assert at(found.setting) == 2
    assert found.layers[-1] == 3


def test_the_strength_is_the_strongest_that_keeps_quality() -> None:
    # Quality holds to α = 1.
    found = choice(Stage(lambda s: (0.0 if s.law is Law.UNIT else s.alpha / 10, 1.0 + s.alpha / 2)))
    assert found.setting.alpha == pytest.approx(2.0 * 0.4)
    np.testing.assert_allclose(found.redline, LADDER[-1] / 2.0)
    assert keeps_quality(found.effect, 0.0)


def test_more_is_not_stronger_past_the_peak() -> None:
    found = choice(Stage(lambda s: (1 - (s.alpha - 0.2) ** 2, 1.0)))
    assert found.setting.alpha == pytest.approx(0.2)


@pytest.mark.parametrize("law", list(Law))
def test_any_law_may_win(law: Law) -> None:
    assert choice(Stage(lambda s: (0.5 if s.law is law else 0.1, 1.0))).setting.law is law


@pytest.mark.parametrize("method", METHODS)
def test_any_direction_may_win(method: Method) -> None:
    assert choice(Stage(lambda s: (0.5 if s.method is method else 0.1, 1.0))).setting.method is method


def test_unit_strengths_are_in_units_of_the_residual() -> None:
    """Eq. 6 adds α·v to a residual of norm 20: an α of 0.2 would be nothing."""
    stage = Stage(lambda s: (0.1, 1.0))
    choice(stage, layers=[2])
    alphas = [setting.alpha for setting in stage.played if setting.law is Law.UNIT]
    assert alphas[: len(ALPHAS)] == [pytest.approx(alpha * 20) for alpha in ALPHAS]


def test_each_genre_has_its_redline() -> None:
    """Jazz is as strange as its strength is high; rock never."""
    found = choice(Stage(lambda s: (1 - (s.alpha - 0.2) ** 2, 1.0), {"jazz": 5.0}))
    assert found.setting.alpha == pytest.approx(0.2)
    # A strangeness of 1.5 is passed between 1.4 × 0.2 and 2 × 0.2.
    np.testing.assert_allclose(found.redline, [1.4, LADDER[-1]])


def test_where_nothing_keeps_quality_the_mildest_is_taken() -> None:
    found = choice(Stage(lambda s: (0.5, 2.0 + s.alpha)))
    assert found.setting.alpha <= min(ALPHAS)
    assert (found.redline >= 1).all()


def test_a_lucky_candidate_is_found_out_on_more_music() -> None:
    """Layer 3 shone on little music; on more, layer 2 is better."""
    quick = Stage(lambda s: (0.9 if at(s) == 3 else 0.8 if at(s) == 2 else 0.1, 1.0))
    thorough = Stage(lambda s: (0.4 if at(s) == 3 else 0.7, 1.0))
    found = choose(cast(Audition, quick), cast(Audition, thorough), GENRES, (1, 2, 3), NORMS)
    assert at(found.setting) == 2
    assert found.effect.delta == pytest.approx(0.7)
    assert len(thorough.played) == 4 + len(LADDER)
