"""The hooks: which rows, which layers, which frames; and that nothing asked is nothing done, to the bit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from engine.control import ControlState, Law
from engine.instrument import Instrument
from engine.model.decoder import Decoder
from engine.model.stream import TokenStream
from engine.steering.blend import Blend, blend
from engine.steering.laws import steer
from engine.steering.pack import ProbePack
from engine.steering.steerer import Steerer

FRAMES = 60
LAYER = 1


@pytest.fixture(scope="module")
def decoder(tiny_instrument: Instrument) -> Decoder:
    return tiny_instrument.decoder


def open_stream(decoder: Decoder, batch: int = 1) -> TokenStream:
    stream = TokenStream(decoder, 128, batch)
    stream.sampling.write(3.0, 1.0, 250, 1.0)
    stream.start(list(range(5, 5 + batch)))
    return stream


def play(decoder: Decoder, asked: Blend | None) -> Tensor:
    """Sampled frames ``(K, FRAMES)`` under a blend, or with no steerer at all."""
    stream = open_stream(decoder)
    steerer = Steerer(decoder, batch=1)
    if asked is not None:
        steerer.apply(asked)
    try:
        frames = [frame[0] for _ in range(FRAMES + 3) if (frame := stream.step()) is not None]
    finally:
        steerer.remove()
    return torch.stack(frames, dim=1)


@pytest.fixture(scope="module")
def plain(decoder: Decoder) -> Tensor:
    return play(decoder, None)


@pytest.mark.parametrize("law", Law)
@pytest.mark.parametrize("knobs", [(), (("jazz", 0.0),), (("jazz", 0.6), ("jazz", -0.6))], ids=str)
def test_at_rest_every_token_is_as_without_a_hook(
    knobs: tuple[tuple[str, float], ...], law: Law, decoder: Decoder, tiny_pack: ProbePack, plain: Tensor
) -> None:
    assert torch.equal(play(decoder, blend(ControlState(blend=knobs, law=law), tiny_pack)), plain)


def test_a_knob_that_comes_back_to_rest_leaves_no_hook(decoder: Decoder, tiny_pack: ProbePack, plain: Tensor) -> None:
    steerer = Steerer(decoder, batch=1)
    for alpha in (0.8, 0.0):
        steerer.apply(blend(ControlState(blend=(("jazz", alpha),)), tiny_pack))
    assert steerer.layers == ()
    assert torch.equal(play(decoder, None), plain)


def test_both_signs_steer_and_differently(decoder: Decoder, tiny_pack: ProbePack, plain: Tensor) -> None:
    towards, away = (play(decoder, blend(ControlState(blend=(("jazz", alpha),)), tiny_pack)) for alpha in (0.5, -0.5))
    for one, other in ((towards, plain), (away, plain), (towards, away)):
        assert (one != other).float().mean() > 0.3


@pytest.fixture
def entering(decoder: Decoder) -> Iterator[dict[int, Tensor]]:
    """The residual entering each layer at the last step, as it was before any hook of that layer."""
    seen: dict[int, Tensor] = {}
    handles = [
        layer.register_forward_pre_hook(lambda _, args, index=index: seen.update({index: args[0].clone()}))
        for index, layer in enumerate(decoder.layers)
    ]
    yield seen
    for handle in handles:
        handle.remove()


@pytest.mark.parametrize("law", Law)
def test_only_the_conditional_rows_are_moved(
    law: Law, decoder: Decoder, tiny_pack: ProbePack, entering: dict[int, Tensor]
) -> None:
    """Seen where it enters the next layer; with two streams in lockstep, rows 0 and 1 of four are conditional."""
    asked = blend(ControlState(blend=(("jazz", 0.4), ("rock", -0.2)), law=law), tiny_pack)
    open_stream(decoder, batch=2).step()
    before = dict(entering)
    steerer = Steerer(decoder, batch=2)
    steerer.apply(asked)
    open_stream(decoder, batch=2).step()
    steerer.remove()
    assert torch.equal(entering[LAYER], before[LAYER])
    assert torch.equal(entering[LAYER + 1][2:], before[LAYER + 1][2:])
    assert (entering[LAYER + 1][:2] - before[LAYER + 1][:2]).norm(dim=-1).min() > 0.1


def test_what_the_layer_gets_is_what_the_law_says(decoder: Decoder, tiny_pack: ProbePack) -> None:
    asked = blend(ControlState(blend=(("jazz", 0.4),), layers=((0, 1.0), (2, -0.5)), law=Law.RELATIVE), tiny_pack)
    seen: list[Tensor] = []
    first = decoder.layers[2].register_forward_pre_hook(lambda _, args: seen.append(args[0].clone()))
    steerer = Steerer(decoder, batch=1)
    steerer.apply(asked)
    second = decoder.layers[2].register_forward_pre_hook(lambda _, args: seen.append(args[0].clone()))
    open_stream(decoder).step()
    for removable in (first, second, steerer):
        removable.remove()
    before, after = seen
    offset = asked.offsets[2]
    expected = steer(Law.RELATIVE, before[:1].clone(), torch.from_numpy(offset.vector), torch.tensor(0.2))
    torch.testing.assert_close(after[:1], expected)
    assert torch.equal(after[1:], before[1:])


def test_several_layers_are_steered_at_once(decoder: Decoder, tiny_pack: ProbePack) -> None:
    def steered(*layers: int) -> Tensor:
        control = ControlState(blend=(("jazz", 0.3),), layers=tuple((layer, 1.0) for layer in layers))
        return play(decoder, blend(control, tiny_pack))

    both = steered(0, 2)
    assert (both != steered(0)).any()
    assert (both != steered(2)).any()


def test_a_pause_leaves_everything_as_it_is(decoder: Decoder, tiny_pack: ProbePack, plain: Tensor) -> None:
    steerer = Steerer(decoder, batch=1)
    steerer.apply(blend(ControlState(blend=(("jazz", 0.9),)), tiny_pack))
    steerer.paused = True
    try:
        assert torch.equal(play(decoder, None), plain)
    finally:
        steerer.remove()


def test_numbers_do_not_change_the_program(decoder: Decoder, tiny_pack: ProbePack) -> None:
    steerer = Steerer(decoder, batch=1)

    def program(**changes: object) -> object:
        control = ControlState(blend=(("jazz", 0.5),), law=Law.ADD).changed(**changes)
        steerer.apply(blend(control, tiny_pack))
        return steerer.program

    start = program()
    assert program(blend=(("jazz", -0.7), ("rock", 0.1))) == start
    assert program(strength=3.0, orthogonal=True) == start
    others = [
        program(law=Law.UNIT),
        program(layers=((0, 1.0),)),
        program(layers=((0, 1.0), (1, 1.0))),
        program(blend=()),
    ]
    assert len({start, *others}) == 5
    assert program() == start, "a graph that has been captured is used again"
    steerer.paused = True
    assert program() == others[-1], "what a pause leaves is what there is without a hook"
    steerer.remove()


def test_removing_takes_every_hook_off(decoder: Decoder, tiny_pack: ProbePack) -> None:
    hooks = [len(layer._forward_pre_hooks) for layer in decoder.layers]
    steerer = Steerer(decoder, batch=1)
    steerer.apply(blend(ControlState(blend=(("jazz", 0.5),), layers=((0, 1.0), (1, 1.0), (2, 1.0))), tiny_pack))
    assert [len(layer._forward_pre_hooks) for layer in decoder.layers] == [count + 1 for count in hooks]
    steerer.apply(blend(ControlState(blend=(("jazz", 0.5),), layers=((2, 1.0),)), tiny_pack))
    assert steerer.layers == (2,)
    steerer.remove()
    assert [len(layer._forward_pre_hooks) for layer in decoder.layers] == hooks
