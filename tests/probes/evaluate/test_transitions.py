"""The transitions' arms and how they are counted: with a model that does as it is told, and with a tiny real one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch

from engine.control import ControlState, Law
from engine.instrument import Instrument
from engine.steering.blend import Blend, Offset, blend
from engine.steering.laws import steer
from engine.steering.pack import ModelIdentity, PackDefaults, ProbePack
from probes.background import Background
from probes.evaluate.distance import frechet, strangeness
from probes.evaluate.generate import UNSTEERED, Piece
from probes.evaluate.hearing import Hearing
from probes.evaluate.page import plain
from probes.evaluate.stage import Stage, continued
from probes.evaluate.statistics import mean_with_interval
from probes.evaluate.transition_report import change_of_all, kept_rows, reading, transitions, verdicts
from probes.evaluate.transitions import (
    DIFFMEAN,
    LEFT_ALONE,
    PROMPTED,
    RANDOM,
    RING,
    STEERED,
    Counter,
    Transition,
    along,
    by_law,
    diffmean_directions,
    hear_transitions,
    residual_norms,
)

GENRES = ("classical", "electronic", "jazz", "rock")
WIDTH, LAYERS, SAMPLES = 16, 2, 12
RATE_HZ = 24_000


def pack(law: Law = Law.PRESERVE) -> ProbePack:
    """Genre g's direction is axis g, at both layers."""
    directions = np.ascontiguousarray(np.broadcast_to(np.eye(4, WIDTH), (LAYERS, 4, WIDTH)), np.float32)
    zeros = np.zeros((LAYERS, 4), np.float32)
    some = PackDefaults(((1, 1.0),), law, 0.5)
    identity = ModelIdentity("obedient", "d", LAYERS, WIDTH)
    return ProbePack(identity, GENRES, directions, directions, zeros, zeros[:, 0], zeros[0], some, 1, "axes")


class Obedient:
    """A stage on which the target is heard by as much as the steering points along its axis; words do half as much."""

    samples = SAMPLES
    rate_hz = RATE_HZ
    judge = SimpleNamespace(name="reader", labels=GENRES)
    reference_name = "made up"
    instrument = cast(Instrument, None)

    def __init__(self) -> None:
        self.pack = pack()
        rng = np.random.default_rng(0)
        self.reference = {
            genre: rng.standard_normal((30, 4)) * 0.2 + 2 * np.eye(4)[g] for g, genre in enumerate(GENRES)
        }
        self.played: list[Piece] = []
        self._turns = count()
        self._own: dict[str, Hearing] = {}

    def own(self, genre: str) -> Hearing:
        if genre not in self._own:
            sources = self.sources(genre)
            seed = 1_000 * GENRES.index(genre)
            self._own[genre] = self.hear("own", continued(sources, [UNSTEERED] * len(sources), seed))
        return self._own[genre]

    def steered(self, *knobs: tuple[str, float]) -> Blend:
        return blend(ControlState(blend=knobs), self.pack)

    def sources(self, genre: str) -> Hearing:
        heard = self._hearing([Piece(number, prompt=genre) for number in range(SAMPLES)])
        heard.codes[:, 0] = GENRES.index(genre)
        return heard

    def share(self, heard: Hearing, genre: str) -> Any:
        return heard.shares[:, GENRES.index(genre)]

    def hear(self, name: str, pieces: Sequence[Piece]) -> Hearing:
        self.played += pieces
        return self._hearing(pieces)

    def sound(self, *_: Any) -> Any:
        return np.zeros(2_400, np.float32)

    def _hearing(self, pieces: Sequence[Piece]) -> Hearing:
        size, rng = len(pieces), np.random.default_rng(next(self._turns))
        pull = np.zeros((size, 4))
        for row, piece in enumerate(pieces):
            for offset in piece.blend.offsets.values():
                pull[row] += 4 * offset.vector[:4] / max(1.0, np.linalg.norm(offset.vector))
            pull[row] += [0.8 * (genre in piece.prompt) for genre in GENRES]
            if piece.prompt_codes is not None:
                pull[row, piece.prompt_codes[0, 0]] += 0.5
            pull[row] += 0.05 * np.random.default_rng(piece.seed).standard_normal(4)
        shares = np.exp(pull) / np.exp(pull).sum(1, keepdims=True)
        codes = np.stack([np.full((4, 6), piece.seed % 1000, np.int16) for piece in pieces])
        chroma = rng.random((size, 20, 12)).astype(np.float32)
        nothing = np.zeros((size, 5), np.uint8)
        return Hearing(codes, shares, 2 * shares, nothing, np.full(size, 9.0), np.full(size, 120.0), chroma)


@pytest.fixture(scope="module")
def stage() -> Obedient:
    return Obedient()


@pytest.fixture(scope="module")
def heard(stage: Obedient) -> list[Transition]:
    directions = np.broadcast_to(
        np.eye(4, WIDTH)[[1, 0, 2, 3]], (LAYERS, 4, WIDTH)
    )  # a method that mistakes two genres
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("probes.evaluate.transitions.residual_norms", lambda *_: {0: 10.0, 1: 10.0})
        return hear_transitions(cast(Stage, stage), RING, directions)


def test_all_arms_continue_the_same_sources_with_the_same_seeds(stage: Obedient, heard: list[Transition]) -> None:
    arms = list(heard[0].arms)
    assert set(arms) >= {LEFT_ALONE, STEERED, PROMPTED, RANDOM, DIFFMEAN, *Law} - {Law.PRESERVE}
    first = [
        (piece.seed, piece.prompt_codes.tolist()) for piece in stage.played[:SAMPLES] if piece.prompt_codes is not None
    ]
    assert len({seed for seed, _ in first}) == SAMPLES
    for arm in range(len(arms)):
        group = stage.played[arm * SAMPLES : (arm + 1) * SAMPLES]
        assert [(piece.seed, piece.prompt_codes.tolist()) for piece in group if piece.prompt_codes is not None] == first


def test_only_one_arm_has_words_and_it_is_not_steered(stage: Obedient, heard: list[Transition]) -> None:
    worded = [piece for piece in stage.played if piece.prompt]
    assert len(worded) == SAMPLES * len(RING)
    assert {piece.prompt for piece in worded} == {f"{source} and {target} music" for source, target in RING}
    assert not any(piece.blend.offsets for piece in worded)


def test_delta_is_the_rise_over_the_same_source_left_alone(stage: Obedient, heard: list[Transition]) -> None:
    for transition in heard:
        target = GENRES.index(transition.target)
        plain_shares = transition.arms[LEFT_ALONE].heard.shares[:, target]
        for arm in transition.arms.values():
            np.testing.assert_allclose(arm.deltas, arm.heard.shares[:, target] - plain_shares)
            assert arm.delta.value == pytest.approx(arm.deltas.mean())
            assert arm.delta.low <= arm.delta.value <= arm.delta.high
            assert arm.share == pytest.approx(arm.heard.shares[:, target].mean())


def test_a_model_that_obeys_passes_and_chance_does_not(heard: list[Transition]) -> None:
    for transition in heard:
        arms = transition.arms
        assert arms[STEERED].delta.value > arms[PROMPTED].delta.value > 0.05
        assert abs(arms[RANDOM].delta.value) < arms[STEERED].delta.value / 2
        assert arms["knob 0.5"].delta.value < arms[STEERED].delta.value
        assert all(p_value < 0.05 for p_value in transition.p_values.values())
    assert all(check.met for check in verdicts(heard, 1.0)[:3])
    assert [verdicts(heard, cost)[4].met for cost in (1.4, 1.6, np.nan)] == [True, False, False]


def test_quality_is_measured_by_the_models_own_music_of_the_target(stage: Obedient, heard: list[Transition]) -> None:
    for transition in heard:
        theirs, own = stage.reference[transition.target], stage.own(transition.target)
        everything = np.concatenate(list(stage.reference.values()))
        for arm in transition.arms.values():
            ratio = frechet(arm.heard.places, theirs) / frechet(own.places, theirs)
            assert arm.quality == pytest.approx(ratio)
            far = strangeness(arm.heard.places, everything) / strangeness(own.places, everything)
            assert arm.strangeness == pytest.approx(far)


def test_the_targets_own_music_is_the_best_quality_and_half_way_is_not() -> None:
    """Against music of both genres, half of each would look best, and the target alone as bad as the source alone."""
    stage, rng = Obedient(), np.random.default_rng(0)
    stage.reference = {g: stage.own(g).places + 0.02 * rng.standard_normal((SAMPLES, 4)) for g in GENRES}
    counter = Counter(cast(Stage, stage), stage.sources("jazz"), "rock", stage.own("jazz"))
    jazz, rock = stage.own("jazz"), stage.own("rock")
    half = Hearing.joined([jazz[: SAMPLES // 2], rock[SAMPLES // 2 :]])
    arms = [counter("x", heard) for heard in (rock, half, jazz)]
    assert arms[0].quality == pytest.approx(1)
    assert arms[0].strangeness == pytest.approx(1)
    assert arms[0].quality < arms[1].quality < arms[2].quality
    assert arms[0].mmd < arms[1].mmd < arms[2].mmd


def test_quality_is_checked_in_every_transition(heard: list[Transition]) -> None:
    def with_quality(transition: Transition, quality: float) -> Transition:
        return replace(transition, arms=transition.arms | {STEERED: replace(transition.arms[STEERED], quality=quality)})

    good = [with_quality(transition, 1.4) for transition in heard]
    assert verdicts(good, 1.0)[-1].met
    check = verdicts([*good[:2], with_quality(heard[2], 3.29), good[3]], 1.0)[-1]
    assert not check.met
    assert "(not in jazz → rock)" in check.words
    assert not verdicts([with_quality(heard[0], np.nan)], 1.0)[-1].met


def test_what_is_kept_less_has_an_interval(heard: list[Transition]) -> None:
    arms = heard[0].arms
    change = arms[STEERED].preserved.over(arms[LEFT_ALONE].preserved)
    for kept, mean in change.items():
        ours, theirs = (getattr(arms[arm].preserved, kept) for arm in (STEERED, LEFT_ALONE))
        assert mean == mean_with_interval(ours - theirs)
    assert change["tempo"].value == 0
    assert change["melody"].low < change["melody"].value < change["melody"].high
    (row,) = [row for row in kept_rows(heard[0])[1] if row[0].startswith("steered − unsteered")]
    assert row[4] == str(change["melody"])
    together = change_of_all(heard)["melody"]
    assert together.high - together.low < change["melody"].high - change["melody"].low


def test_p_values_are_corrected_for_all_transitions_together(heard: list[Transition]) -> None:
    """Twelve questions, and the surest sign test of twelve pairs is one in 4096."""
    smallest = min(p_value for transition in heard for p_value in transition.p_values.values())
    assert smallest == pytest.approx(12 / 4096, rel=0.01)


def test_a_check_that_fails_says_where(heard: list[Transition]) -> None:
    weak = replace(heard[0], arms=heard[0].arms | {STEERED: replace(heard[0].arms[STEERED], share=0.1)})
    check = verdicts([weak, *heard[1:]], 1.0)[3]
    assert not check.met
    assert "classical → electronic" in check.words


def test_random_and_other_methods_push_as_hard() -> None:
    full = blend(ControlState(blend=(("jazz", 1.0),)), pack())
    rng = np.random.default_rng(0)
    other = along(full, lambda _: rng.standard_normal(WIDTH))
    for layer, offset in full.offsets.items():
        assert np.linalg.norm(other.offsets[layer].vector) == pytest.approx(np.linalg.norm(offset.vector), rel=1e-5)
        assert other.offsets[layer].total == offset.total
        assert abs(other.offsets[layer].vector[2]) < offset.vector[2]


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("base", list(Law))
def test_laws_turn_the_residual_equally_far(law: Law, base: Law) -> None:
    """They differ in the norm that they leave, not in where they point."""
    rng = np.random.default_rng(0)
    residual = torch.from_numpy(rng.standard_normal((1, 1, WIDTH)).astype(np.float32)) * 7
    norms = {0: float(residual.norm())}
    factor = norms[0] if base is Law.UNIT else 1.0
    direction = rng.standard_normal(WIDTH).astype(np.float32)
    start = Blend(base, {0: Offset(direction * factor, float(np.linalg.norm(direction)) * factor)})
    turned = by_law(start, law, norms).offsets[0]
    ours = steer(law, residual.clone(), torch.from_numpy(turned.vector), torch.tensor(turned.total))
    theirs = steer(Law.ADD, residual.clone(), torch.from_numpy(direction), torch.tensor(1.0))
    cosine = torch.nn.functional.cosine_similarity(ours.flatten(), theirs.flatten(), dim=0)
    assert float(cosine) == pytest.approx(1, abs=1e-5)


def test_differences_in_means_from_the_sample_beside_the_pack() -> None:
    rng = np.random.default_rng(0)
    targets = np.repeat(np.arange(4), 10)
    centres = rng.standard_normal((4, LAYERS, WIDTH))
    means = (centres[targets] + 0.01 * rng.standard_normal((40, LAYERS, WIDTH))).astype(np.float32)
    held_out = np.zeros(40, np.int64)
    held_out[::10] = 1
    means[held_out == 1] = 1e3  # what was held out is not learnt from
    labels = ("rock", "jazz", "electronic", "classical")
    background = Background(pack().model, labels, means, targets, held_out)
    directions = diffmean_directions(pack(), background)
    assert directions.shape == (LAYERS, 4, WIDTH)
    for row, genre in enumerate(GENRES):
        index = labels.index(genre)
        away = centres[index] - centres[[i for i in range(4) if i != index]].mean(0)
        cosine = (directions[:, row] * away).sum(1) / np.linalg.norm(away, axis=1)
        assert (cosine > 0.999).all()


def test_norms_are_those_of_the_residuals_that_enter(tiny_instrument: Instrument) -> None:
    codes = np.random.default_rng(0).integers(0, 64, (3, 4, 30)).astype(np.int16)
    hearing = cast(Hearing, SimpleNamespace(codes=codes))
    norms = residual_norms(tiny_instrument, hearing)
    assert set(norms) == {0, 1, 2}
    assert all(norm > 0 for norm in norms.values())
    assert len(set(norms.values())) == 3


def test_the_report_tells_it_three_times(
    stage: Obedient, heard: list[Transition], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.evaluate.transition_report.hear_transitions", lambda *_: heard)
    part = transitions(cast(Stage, stage), RING, None)
    facts: Mapping[str, Any] = json.loads(json.dumps(plain(part.facts), allow_nan=False))
    assert [(t["source"], t["target"]) for t in facts["transitions"]] == list(RING)
    for transition, told in zip(heard, facts["transitions"], strict=True):
        steered = told["arms"][STEERED]
        keys = {"delta", "ci_low", "ci_high", "target_share", "quality"}
        assert keys <= set(steered)
        assert steered["delta"] == pytest.approx(transition.arms[STEERED].delta.value)
        assert set(told["arms"]) >= {LEFT_ALONE, STEERED, PROMPTED, RANDOM, DIFFMEAN}
        row = f"| {transition.source} → {transition.target} | {transition.arms[STEERED].delta}"
        assert row in part.markdown
        assert f"| {transition.target} of its own | – |" in part.markdown
    players = sum(len(transition.arms) + 2 for transition in heard)
    assert part.html.count("<audio") == players
    assert part.html.count('<figure class="chart">') == 2
    assert list(part.figures) == ["transitions-effect", "transitions-quality"]
    assert len(part.checks) == 6


def test_one_sample_is_enough_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Obedient()
    monkeypatch.setattr(stage, "samples", 1)
    monkeypatch.setattr(stage, "sources", one_of(stage.sources))
    monkeypatch.setattr("probes.evaluate.transitions.residual_norms", lambda *_: {0: 10.0, 1: 10.0})
    part = transitions(cast(Stage, stage), [("jazz", "rock")], None)
    json.dumps(plain(part.facts), allow_nan=False)
    assert part.facts["quality_of_all_transitions"] == {}
    facts: Any = plain(part.facts)
    assert facts["transitions"][0]["preserved_by_chance"]["key"] is None, "another's source would be its own"
    assert facts["transitions"][0]["arms"][STEERED]["ci_low"] is None
    assert "| unsteered, another's source | – | – | – | – |" in part.markdown
    assert "nan" not in part.markdown


def one_of(sources: Callable[[str], Hearing]) -> Callable[[str], Hearing]:
    return lambda genre: sources(genre)[:1]


def test_an_ear_that_chose_the_setting_is_no_judge_of_its_own() -> None:
    stage = Obedient()
    assert not any("The same ear" in line for line in reading(cast(Stage, stage)))
    stage.judge = SimpleNamespace(name="ear", labels=GENRES)
    stage.pack = replace(stage.pack, provenance={"rule": "effect"})
    assert any("The same ear chose" in line for line in reading(cast(Stage, stage)))
