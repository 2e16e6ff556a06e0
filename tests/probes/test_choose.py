"""The choice of layer, law and strength, with an audition whose answers are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from engine.control import Law
from probes.choose import ALPHAS, FINALISTS, FINALISTS_OF_ONE_LAYER, LADDER, METHODS, TIE, Choice, choose, keeps_quality
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
        delta, frechet = self._answer(setting) if setting.alpha else (0.0, 1.0)
        heard = {g: Heard(delta, 0.25 + delta, setting.alpha * self._strange.get(g, 0.0), 1.0, 0.0) for g in GENRES}
        return Effect(setting, heard, frechet)


def choice(stage: Any, layers: Sequence[int] = (1, 2, 3)) -> Choice:
    audition = cast(Audition, stage)
    return choose(audition, audition, audition, GENRES, layers, NORMS)


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


def test_of_strengths_that_are_about_as_effective_the_mildest_is_taken() -> None:
    """From α = 0.1 on next to nothing is gained."""
    found = choice(Stage(lambda s: (s.law is not Law.UNIT and min(s.alpha, 0.1) * 5 + s.alpha / 100, 1.0)))
    factors = np.array(LADDER[1:]) * 0.4
    assert found.setting.alpha == pytest.approx(factors[factors >= 0.1].min())


def test_the_knob_map_straightens_what_the_ear_hears() -> None:
    """The probability rises with the square of the strength; the map undoes it, each genre's the same here."""
    found = choice(Stage(lambda s: (min(s.alpha / 0.4, 1.0) ** 2 * 0.6, 1.0 if s.alpha < 0.41 else 9.0)))
    assert found.setting.alpha == pytest.approx(0.4)
    asked = np.linspace(0.25, 1, 4)
    factors = np.array([found.knob_map.factor(0, knob) for knob in asked])
    np.testing.assert_allclose(factors**2, asked, atol=0.13)
    assert np.abs(factors**2 - asked).max() < np.abs(asked**2 - asked).max()


def test_straightness_is_told_without_the_map_and_with_it() -> None:
    found = choice(Stage(lambda s: (min(s.alpha / 0.4, 1.0) ** 2 * 0.6, 1.0 if s.alpha < 0.41 else 9.0)))
    factors, knobs, heard = found.answer(0, "jazz")
    np.testing.assert_allclose(factors, LADDER, rtol=1e-6)
    np.testing.assert_allclose([found.knob_map.factor(0, knob) for knob in knobs], factors, atol=1e-6)
    assert heard[0] == 0.25
    before, after = found.straightness(0, "jazz")
    assert before < after <= 1


def test_the_redline_is_a_knob_not_a_strength() -> None:
    """Collapse is heard past twice the chosen strength; the curve brings that to a knob nearer to 1."""
    stage = Stage(lambda s: (min(s.alpha, 0.2), 1.0 if s.alpha < 0.25 else 1.1), {"rock": 3.0})
    found = choice(stage)
    factor = found.knob_map.factor(1, float(found.redline[1]))
    strength = factor * found.setting.alpha
    assert strength <= 1.5 / 3.0 < strength * 1.5
    assert 1 < found.redline[1] < factor


def test_a_genre_that_collapses_before_the_others_has_its_redline_below_1() -> None:
    found = choice(Stage(lambda s: (s.alpha, 1.0 if s.alpha < 0.41 else 9.0), {"jazz": 7.0}))
    assert found.setting.alpha == pytest.approx(0.4)
    assert found.redline[0] < 0.6 < 1 <= found.redline[1]


def test_the_strength_is_the_strongest_that_keeps_quality() -> None:
    # Quality holds to α = 1.
    found = choice(Stage(lambda s: (0.0 if s.law is Law.UNIT else s.alpha / 2, 1.0 + s.alpha / 2)))
    assert found.setting.alpha == pytest.approx(2.0 * 0.4)
    np.testing.assert_allclose(found.redline, LADDER[-1] / 2.0, rtol=1e-5)
    assert keeps_quality(found.effect, 0.0)


def test_more_is_not_stronger_past_the_peak() -> None:
    found = choice(Stage(lambda s: (1 - 9 * (s.alpha - 0.2) ** 2, 1.0)))
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
    found = choice(Stage(lambda s: (1 - 9 * (s.alpha - 0.2) ** 2, 1.0), {"jazz": 5.0}))
    assert found.setting.alpha == pytest.approx(0.2)
    # A strangeness of 1.5 is passed between 1.4 × 0.2 and 2 × 0.2.
    factors = [found.knob_map.factor(row, float(knob)) for row, knob in enumerate(found.redline)]
    np.testing.assert_allclose(factors, [1.4, LADDER[-1]], rtol=1e-5)


def test_a_genre_that_leaves_its_own_music_again_has_collapsed() -> None:
    """Far from its own music is where every genre starts; farther than it has been is another matter."""

    class Turning(Stage):
        def _effect(self, setting: Setting) -> Effect:
            effect = super()._effect(setting)
            own = 5.0 if setting.alpha < 0.19 else 1.0 if setting.alpha < 0.3 else 1.6
            jazz = replace(effect.genres["jazz"], frechet=own)
            return replace(effect, genres=effect.genres | {"jazz": jazz})

    found = choice(Turning(lambda s: (1 - 9 * (s.alpha - 0.2) ** 2, 1.0)))
    factors = [found.knob_map.factor(row, float(knob)) for row, knob in enumerate(found.redline)]
    np.testing.assert_allclose(factors, [1.4, LADDER[-1]], rtol=1e-5)


class Collapsing(Stage):
    """Jazz's pieces become like each other past a share of the chosen strength, and less strange with it."""

    def __init__(self, own: Callable[[float], float]) -> None:
        super().__init__(lambda s: (1 - 9 * (s.alpha - 0.2) ** 2, 1.0))
        self._own = own

    def _effect(self, setting: Setting) -> Effect:
        effect = super()._effect(setting)
        heard = Heard(effect.delta, 0.25 + effect.delta, 1 - setting.alpha, self._own(setting.alpha), 0.0)
        return replace(effect, genres=effect.genres | {"jazz": heard})


@pytest.mark.parametrize(
    ("own", "factor"),
    [
        # It came nearer up to 0.45 of the chosen strength, and leaves again before that is reached.
        (lambda alpha: 5.0 if alpha < 0.05 else 1.0 if alpha < 0.1 else 1.8, 0.45),
        # It never came nearer: what was unsteered is the measure.
        (lambda alpha: 1.0 + 4 * alpha, 0.45),
    ],
)
def test_pieces_that_grow_alike_before_a_knob_of_1_put_the_redline_below_it(
    own: Callable[[float], float], factor: float
) -> None:
    found = choice(Collapsing(own))
    assert found.setting.alpha == pytest.approx(0.2)
    assert found.redline[0] < 1 < found.redline[1]
    assert found.knob_map.factor(0, float(found.redline[0])) == pytest.approx(factor, rel=1e-5)


def test_where_nothing_keeps_quality_the_mildest_is_taken() -> None:
    found = choice(Stage(lambda s: (0.5, 2.0 + s.alpha)))
    assert found.setting.alpha <= min(ALPHAS)
    assert (found.redline > 0).all()


def test_a_lucky_candidate_is_found_out_on_more_music() -> None:
    """Layer 3 shone on little music; on more, layer 2 is better."""
    quick = Stage(lambda s: (0.9 if at(s) == 3 else 0.8 if at(s) == 2 else 0.1, 1.0))
    thorough = Stage(lambda s: (0.4 if at(s) == 3 else 0.7, 1.0))
    patient = Stage(lambda s: (min(s.alpha, 0.1) * 6, 1.0))
    first, second, third = (cast(Audition, stage) for stage in (quick, thorough, patient))
    found = choose(first, second, third, GENRES, (1, 2, 3), NORMS)
    assert at(found.setting) == 2
    assert 3 <= len(thorough.played) <= FINALISTS
    assert [at(setting) for setting in thorough.played].count(3) == FINALISTS_OF_ONE_LAYER
    assert found.effect.delta == pytest.approx(0.6, abs=TIE)
    assert len(patient.played) == len(found.ladder) == len(LADDER)


def test_several_layers_at_once_may_win() -> None:
    """Each layer alone moves the ear a little; the better half together, softly, moves it most."""
    gains = {1: 0.1, 2: 0.4, 3: 0.3, 4: 0.2}
    stage = Stage(lambda s: (sum(gains[layer] for layer, _ in s.layers) * min(10 * s.alpha, 1.0), 1.0 + s.alpha))
    found = choose(*[cast(Audition, stage)] * 3, GENRES, (1, 2, 3, 4), [1.0] * 5)
    assert [layer for layer, _ in found.setting.layers] == [2, 3]
    assert found.layers == (2, 3, 4, 1)
    assert len(found.by_layer) == 4
    alphas = {s.alpha for s in stage.played if len(s.layers) == 2}
    assert min(alphas - {0.0}) < ALPHAS[0], "each of them softer"


def test_in_the_finals_the_weakest_target_counts() -> None:
    """Layer 3 moves the ear more on the whole, but does nothing for jazz."""

    class Uneven(Stage):
        def _effect(self, setting: Setting) -> Effect:
            share = 0.6 if at(setting) == 2 else 0.5
            shares = {"jazz": 0.02, "rock": 1.0} if at(setting) == 3 else dict.fromkeys(GENRES, share)
            alpha = min(10 * setting.alpha, 1.0)
            heard = {g: Heard(alpha * shares[g], alpha * shares[g], 0.0, 1.0, 0.0) for g in GENRES}
            return Effect(setting, heard, 1.0)

    stage = Uneven(lambda s: (0.0, 1.0))
    found = choice(stage)
    assert 3 not in [layer for layer, _ in found.setting.layers[:1]]
    assert found.effect.weakest >= 0.5
