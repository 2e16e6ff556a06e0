"""A sweep over music that answers at one layer alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.control import Law
from engine.steering.pack import PackDefaults
from probes.choose import MORE_FAULTY
from probes.evaluate.audition import Effect, Heard, Setting
from probes.evaluate.sweep import OWN, PERIODS, SOURCES, STRENGTHS, Point, Step, frontier, hear, steps, sweep
from probes.moments import Doubles

NORMS = {0: 10.0, 1: 20.0}


def answer(alphas: Doubles) -> Doubles:
    return 0.1 + np.minimum(np.abs(alphas), 0.8)


@pytest.fixture
def stage(pretend: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("probes.evaluate.sweep.residual_norms", lambda *_: NORMS)
    return pretend(answer)


def point(delta: float, frechet: float) -> Point:
    setting = Setting("made", ((0, 1.0),), Law.ADD, 1.0)
    return Point(Step(setting, 0.1), Effect(setting, {"jazz": Heard(delta, delta, 1.0, 1.0, 0.0)}, frechet))


def test_every_law_at_every_layer_and_the_packs_own_at_every_period(stage: Any) -> None:
    found = steps(stage.pack, NORMS)
    ways = {(step.setting.layers, step.setting.law, step.setting.period) for step in found}
    assert ways == {(((layer, 1.0),), law, 1) for layer in range(2) for law in Law} | {
        (((1, 1.0),), Law.PRESERVE, period) for period in PERIODS
    }
    # The strength that the pack's knobs have at 1 is a point, at every period.
    assert len(found) == len(ways) * len(STRENGTHS) + len(PERIODS)
    (own,) = [step for step in found if step.own]
    assert own.setting == Setting("made", ((1, 1.0),), Law.PRESERVE, 0.25)
    assert own.strength == 0.25
    # The paper's law does not look at the residual's norm, so its strengths are given in it.
    assert [s.setting.alpha for s in found if s.setting.law is Law.UNIT][-5:] == [
        pytest.approx(20 * x) for x in STRENGTHS
    ]


def test_of_a_deep_model_some_layers_are_played_and_the_packs_own(stage: Any) -> None:
    deep = replace(stage.pack.model, layers=48)
    wide = np.ones((48, 4, 8), np.float32) / np.float32(np.sqrt(8))
    pack = replace(
        stage.pack,
        model=deep,
        directions=wide,
        readout=wide,
        readout_bias=wide[..., 0].copy(),
        accuracy=wide[:, 0, 0].copy(),
        defaults=replace(stage.pack.defaults, layers=((20, 1.0),)),
    )
    layers = {step.setting.layers[0][0] for step in steps(pack, dict.fromkeys(range(48), 1.0))}
    assert len(layers) == 7
    assert {0, 20, 47} <= layers


@pytest.mark.parametrize("law", [Law.PRESERVE, Law.UNIT])
def test_layers_of_the_packs_own_are_played_together(stage: Any, law: Law) -> None:
    defaults = PackDefaults(((0, 1.0), (1, 1.0)), law, 2.5)
    stage.pack = replace(stage.pack, defaults=defaults)
    found = steps(stage.pack, NORMS)
    together = [step.setting for step in found if len(step.setting.layers) == 2]
    assert {setting.law for setting in together} == {law}
    assert len(together) == len(PERIODS) * (len(STRENGTHS) + 1)
    (own,) = [step for step in found if step.own]
    assert own.setting.on(stage.pack).defaults == defaults
    assert own.strength == pytest.approx(0.25 if law is Law.UNIT else 2.5)


def test_a_deep_model_of_many_laws_is_swept_in_about_150_settings(stage: Any) -> None:
    wide = np.ones((8, 4, 8), np.float32) / np.float32(np.sqrt(8))
    changes = {
        "directions": wide,
        "readout": wide,
        "readout_bias": wide[..., 0].copy(),
        "accuracy": wide[:, 0, 0].copy(),
    }
    defaults = replace(stage.pack.defaults, layers=((6, 1.0), (7, 1.0)))
    pack = replace(stage.pack, model=replace(stage.pack.model, layers=8), defaults=defaults, **changes)
    assert 130 <= len(steps(pack, dict.fromkeys(range(8), 10.0))) <= 160


def test_an_effect_is_heard_where_the_music_answers(stage: Any) -> None:
    found = steps(stage.pack, NORMS)
    effects, _ = hear(stage, stage.pack.genres, found)
    by_setting = {step.setting: effect for step, effect in zip(found, effects, strict=True)}
    for setting, effect in by_setting.items():
        if setting.layers[0][0] == 0:
            assert effect.delta == pytest.approx(0.0, abs=1e-6)
        elif setting.law is Law.PRESERVE:
            assert effect.delta == pytest.approx(min(setting.alpha / setting.period, 0.8), abs=1e-4)


def test_all_settings_are_heard_on_the_same_pieces(stage: Any) -> None:
    found = steps(stage.pack, NORMS)[:3]
    hear(stage, stage.pack.genres, found)
    size = len(stage.played) // 4
    assert size == 4 * 3 * SOURCES
    groups = [stage.played[start : start + size] for start in range(0, len(stage.played), size)]
    assert not any(piece.blend.offsets for piece in groups[0])
    for group in groups[1:]:
        assert [piece.seed for piece in group] == [piece.seed for piece in groups[0]]
        assert all(piece.blend.offsets for piece in group)


def test_the_frontier_is_what_no_other_beats_in_both() -> None:
    points = [point(0.1, 1.0), point(0.5, 1.2), point(0.4, 1.1), point(0.3, 1.3), point(0.5, 1.5), point(0.05, 0.9)]
    best = frontier(points)
    assert [(p.effect.delta, p.effect.frechet) for p in best] == [(0.05, 0.9), (0.1, 1.0), (0.4, 1.1), (0.5, 1.2)]


def test_the_part_marks_the_frontier_and_the_packs_own(stage: Any) -> None:
    part = sweep(stage)
    facts: Any = part.facts["sweep"]
    marked = [row for row in facts if row["on_frontier"]]
    (own,) = [row for row in facts if row["own"]]
    assert own["alpha"] == 0.25
    assert len(facts) == len(steps(stage.pack, NORMS))
    told = [line for line in part.markdown.splitlines() if line.startswith("| ")][2:]
    assert len([line for line in told if line.startswith("| frontier")]) == len(marked) >= 1
    assert len([line for line in told if "the pack's own |" in line]) == 1
    assert part.html.count("<svg") == 2 == len(part.figures)
    assert all(OWN in figure.file.replace("&#x27;", "'") for figure in part.figures.values())


def test_what_falls_apart_is_not_on_the_frontier(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much of the target is heard in it."""
    usual, strongest = 0.05, 0.4

    def hear_faults(_: Any, genres: Any, everything: list[Step]) -> tuple[list[Effect], float]:
        effects = []
        for step in everything:
            faulty = usual + MORE_FAULTY + (0.01 if step.strength >= strongest else 0.0)
            heard = Heard(step.strength, step.strength, 1.0, 1.0, faulty)
            effects.append(Effect(step.setting, {"jazz": heard}, 1.0))
        return effects, usual

    monkeypatch.setattr("probes.evaluate.sweep.hear", hear_faults)
    facts: Any = sweep(stage).facts["sweep"]
    (best,) = [row for row in facts if row["on_frontier"]]
    assert best["strength"] == max(row["strength"] for row in facts if row["strength"] < strongest)
