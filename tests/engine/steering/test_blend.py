"""Knobs to offsets: the sum, its scales, and the orthogonal set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg

from engine.control import ControlState, Law
from engine.errors import ControlError, PackError
from engine.steering.blend import blend, cross_talk, orthogonalise
from engine.steering.knob_map import KnobMap
from engine.steering.pack import Floats, ModelIdentity, PackDefaults, ProbePack

LAYERS, HIDDEN = 3, 24
GENRES = ("classical", "electronic", "jazz", "rock")


def unit(array: np.ndarray) -> Floats:
    return (array / np.linalg.norm(array, axis=-1, keepdims=True)).astype(np.float32)


def make_pack(directions: Floats | None = None, **defaults: object) -> ProbePack:
    """Directions that share a good part, as fitted ones do."""
    rng = np.random.default_rng(0)
    if directions is None:
        directions = unit(rng.normal(size=(LAYERS, 4, HIDDEN)) + rng.normal(size=HIDDEN))
    return ProbePack(
        ModelIdentity("model", "digest", LAYERS, HIDDEN),
        GENRES,
        directions,
        readout=directions,
        readout_bias=np.zeros((LAYERS, 4), np.float32),
        accuracy=np.zeros(LAYERS, np.float32),
        redline=np.ones(4, np.float32),
        defaults=replace(PackDefaults(((1, 1.0),)), **defaults),  # type: ignore[arg-type]
        meter_layer=1,
        method="random",
    )


PACK = make_pack()


def test_offsets_are_the_sum_of_the_knobs() -> None:
    result = blend(ControlState(blend=(("jazz", 0.6), ("rock", -0.2))), PACK)
    assert result.law is Law.PRESERVE
    assert list(result.offsets) == [1]
    wide = PACK.directions[1].astype(np.float64)
    np.testing.assert_allclose(result.offsets[1].vector, 0.6 * wide[2] - 0.2 * wide[3], atol=1e-6)
    assert result.offsets[1].vector.dtype == np.float32
    assert result.offsets[1].total == pytest.approx(0.8)


def test_strength_and_the_packs_scale_multiply_every_knob() -> None:
    pack = make_pack(knob_scale=0.25)
    offset = blend(ControlState(blend=(("jazz", 0.6),), strength=2.0), pack).offsets[1]
    np.testing.assert_allclose(offset.vector, 0.3 * pack.directions[1, 2], atol=1e-6)
    assert offset.total == pytest.approx(0.3)


def bent() -> ProbePack:
    """Jazz alone has a curve, and a scale of a quarter."""
    line = np.tile(np.array([0, 0.5, 1, 1.5], np.float32), (4, 1))
    curves = line.copy()
    curves[2] = [0, 0.75, 1, 3]
    return replace(make_pack(knob_scale=0.25), knob_map=KnobMap(line, curves))


def test_the_knob_map_bends_each_knob_before_the_packs_scale() -> None:
    for knob, factor in ((0.5, 0.75), (1.0, 1.0), (1.5, 3.0), (2.0, 4.0), (-0.5, -0.75), (-1.0, -1.0)):
        offset = blend(ControlState(blend=(("jazz", knob), ("rock", 0.4))), bent()).offsets[1]
        wide = PACK.directions[1].astype(np.float64)
        np.testing.assert_allclose(offset.vector, 0.25 * (factor * wide[2] + 0.4 * wide[3]), atol=1e-6)
        assert offset.total == pytest.approx(0.25 * (abs(factor) + 0.4))


def test_strength_turns_every_knob_before_the_map() -> None:
    together = blend(ControlState(blend=(("jazz", 0.25),), strength=2.0), bent()).offsets[1]
    np.testing.assert_allclose(together.vector, 0.25 * 0.75 * PACK.directions[1, 2], atol=1e-6)


def test_a_map_that_changes_nothing_changes_no_bit() -> None:
    control = ControlState(blend=(("jazz", 0.37), ("rock", -1.9)), strength=0.7)
    straight = replace(PACK, knob_map=KnobMap.straight(4))
    np.testing.assert_array_equal(blend(control, straight).offsets[1].vector, blend(control, PACK).offsets[1].vector)


@pytest.mark.parametrize("knob", [0.0, -0.0])
def test_a_knob_at_rest_does_nothing_whatever_the_map(knob: float) -> None:
    assert blend(ControlState(blend=(("jazz", knob),)), bent()).offsets == {}


def test_each_layer_has_its_own_directions_and_weight() -> None:
    control = ControlState(blend=(("classical", 0.5), ("jazz", 0.5)), layers=((0, 1.0), (2, -0.5)))
    offsets = blend(control, PACK).offsets
    assert set(offsets) == {0, 2}
    for layer, weight in control.layers or ():
        expected = 0.5 * weight * (PACK.directions[layer, 0] + PACK.directions[layer, 2])
        np.testing.assert_allclose(offsets[layer].vector, expected, atol=1e-6)
        assert offsets[layer].total == pytest.approx(abs(weight))


def test_the_player_overrules_the_packs_law_and_layers() -> None:
    pack = make_pack(law=Law.ADD, layers=((0, 1.0), (1, 0.5)))
    knob = (("rock", 1.0),)
    own = blend(ControlState(blend=knob), pack)
    assert (own.law, set(own.offsets)) == (Law.ADD, {0, 1})
    asked = blend(ControlState(blend=knob, law=Law.UNIT, layers=((2, 1.0),)), pack)
    assert (asked.law, set(asked.offsets)) == (Law.UNIT, {2})
    assert blend(ControlState(blend=knob, layers=()), pack).offsets == {}


@pytest.mark.parametrize(
    "control",
    [
        ControlState(),
        ControlState(blend=(("jazz", 0.0),)),
        ControlState(blend=(("jazz", 0.6),), strength=0.0),
        ControlState(blend=(("jazz", 0.6),), layers=((1, 0.0),)),
        ControlState(blend=(("jazz", 0.6), ("jazz", -0.6))),
    ],
    ids=str,
)
@pytest.mark.parametrize("orthogonal", [False, True])
def test_nothing_asked_is_nothing_done(control: ControlState, orthogonal: bool) -> None:
    assert blend(control.changed(orthogonal=orthogonal), PACK).offsets == {}


def test_a_genre_named_twice_is_summed() -> None:
    twice = blend(ControlState(blend=(("jazz", 0.25), ("rock", 0.1), ("jazz", 0.5))), PACK).offsets[1]
    once = blend(ControlState(blend=(("rock", 0.1), ("jazz", 0.75))), PACK).offsets[1]
    np.testing.assert_array_equal(twice.vector, once.vector)
    assert twice.total == once.total


def test_equal_directions_with_opposite_knobs_give_no_offset() -> None:
    directions = PACK.directions.copy()
    directions[:, 3] = directions[:, 1]
    control = ControlState(blend=(("electronic", 0.37), ("rock", -0.37)))
    assert blend(control, make_pack(directions)).offsets == {}


def test_an_unknown_genre_is_named_beside_those_there_are() -> None:
    with pytest.raises(PackError, match=r"'polka'.*classical, electronic, jazz, rock"):
        blend(ControlState(blend=(("polka", 0.5),)), PACK)


@pytest.mark.parametrize("layer", [3, 500])
def test_a_layer_that_the_model_lacks_is_refused_even_at_rest(layer: int) -> None:
    with pytest.raises(ControlError, match=f"layer {layer} does not exist.*0 to 2"):
        blend(ControlState(layers=((layer, 1.0),)), PACK)


def test_the_orthogonal_set_is_the_nearest_orthonormal_one() -> None:
    """Which is the polar decomposition's factor (Higham, 1986)."""
    directions = PACK.directions[0]
    result = orthogonalise(directions)
    np.testing.assert_allclose(result @ result.T, np.eye(4), atol=1e-6)
    nearest, _ = scipy.linalg.polar(directions.astype(np.float64))
    np.testing.assert_allclose(result, nearest, atol=1e-6)


def test_the_orthogonal_set_favours_no_genre() -> None:
    order = [2, 0, 3, 1]
    np.testing.assert_allclose(
        orthogonalise(PACK.directions[0][order]), orthogonalise(PACK.directions[0])[order], atol=1e-6
    )


def test_directions_that_sum_to_zero_are_spread_evenly() -> None:
    """As the rows of a probe on one-hot targets do: four directions in three dimensions become a regular simplex."""
    rows = np.random.default_rng(3).normal(size=(4, HIDDEN)) * [[1.0], [2.0], [0.5], [1.0]]
    directions = unit(rows - rows.mean(0))
    assert np.linalg.matrix_rank(directions, tol=1e-4) == 3
    result = orthogonalise(directions)
    np.testing.assert_allclose(np.linalg.norm(result, axis=1), 1, atol=1e-6)
    before, after = (cross_talk(set_) - np.eye(4) for set_ in (directions, result))
    assert np.ptp(after[np.triu_indices(4, 1)]) < np.ptp(before[np.triu_indices(4, 1)])
    # With one length for all rows, the null vector is even, and so are the cosines.
    equal = np.eye(4) - 0.25
    np.testing.assert_allclose(cross_talk(orthogonalise(unit(equal))), np.eye(4) * 4 / 3 - 1 / 3, atol=1e-6)
    assert all(result[n] @ directions[n] > 0.8 for n in range(4)), "each keeps close to what it was"


def test_orthogonal_knobs_are_blended_from_that_set() -> None:
    control = ControlState(blend=(("jazz", 0.5),), orthogonal=True)
    np.testing.assert_allclose(
        blend(control, PACK).offsets[1].vector, 0.5 * orthogonalise(PACK.directions[1])[2], atol=1e-6
    )


def test_equal_directions_cannot_be_orthogonalised() -> None:
    directions = PACK.directions.copy()
    directions[1, 3] = directions[1, 1]
    with pytest.raises(ControlError, match="two of them are the same"):
        blend(ControlState(blend=(("jazz", 0.5),), orthogonal=True), make_pack(directions))


def test_cross_talk_is_the_cosine() -> None:
    rng = np.random.default_rng(1)
    directions = rng.normal(size=(3, 8)).astype(np.float32)
    talk = cross_talk(directions)
    for i in range(3):
        for j in range(3):
            a, b = directions[i].astype(np.float64), directions[j].astype(np.float64)
            assert talk[i, j] == pytest.approx(a @ b / np.sqrt((a @ a) * (b @ b)), abs=1e-6)
