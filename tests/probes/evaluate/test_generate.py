"""Batches against single streams, and rows against each other: an experiment in one batch is that many experiments."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from engine.control import ControlState, Law
from engine.instrument import Instrument
from engine.model.stream import TokenStream
from engine.performance import Performance
from engine.steering.blend import Blend, Offset, blend
from engine.steering.pack import PackDefaults, ProbePack
from engine.steering.steerer import Steerer
from probes.evaluate.generate import UNSTEERED, Generator, Piece
from probes.evaluate.row_steering import RowSteerer

FRAMES = 30


def unit(seed: int, width: int = 64) -> Any:
    vector = np.random.default_rng(seed).standard_normal(width)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


@pytest.fixture(scope="module")
def pack(tiny_instrument: Instrument) -> ProbePack:
    directions = np.stack([[unit(10 * layer + genre) for genre in range(2)] for layer in range(3)])
    return ProbePack(
        tiny_instrument.identity,
        ("a", "b"),
        directions,
        np.zeros_like(directions),
        np.zeros((3, 2), np.float32),
        np.ones(3, np.float32),
        np.ones(2, np.float32),
        PackDefaults(((1, 1.0),), Law.PRESERVE, 0.8),
        1,
        "made up",
    )


def alone(instrument: Instrument, pack: ProbePack, seed: int, control: ControlState, prompt: Any) -> Any:
    """One stream, steered as a performance steers it."""
    stream, steerer = TokenStream(instrument.decoder, instrument.window_frames), Steerer(instrument.decoder, batch=1)
    stream.sampling.write(control.guidance, control.temperature, control.top_k, control.top_p)
    steerer.apply(blend(control, pack))
    steerer.paused = True
    stream.start([seed], None if prompt is None else torch.from_numpy(prompt)[None])
    steerer.paused = False
    frames = [stream.step() for _ in range(FRAMES + stream.pattern.span)]
    steerer.remove()
    return torch.stack([frame[0] for frame in frames if frame is not None], dim=1)


@pytest.mark.parametrize("with_prompt", [False, True])
def test_every_row_is_what_one_stream_would_play(
    with_prompt: bool, tiny_instrument: Instrument, pack: ProbePack
) -> None:
    """Greedy, so that the last bits of batched arithmetic cannot choose another token by chance alone."""
    control = ControlState(temperature=0.0)
    states = [control, replace(control, blend=(("a", 1.0),)), replace(control, blend=(("b", -1.0),), law=Law.ADD)]
    prompt = np.random.default_rng(0).integers(0, 64, (4, 20)) if with_prompt else None
    pieces = [Piece(seed, blend(state, pack), prompt_codes=prompt) for seed, state in enumerate(states)]
    codes = Generator(tiny_instrument, control).codes(pieces, FRAMES)
    for seed, state in enumerate(states):
        np.testing.assert_array_equal(codes[seed], alone(tiny_instrument, pack, seed, state, prompt))
    assert (codes[0] != codes[1]).any()
    assert (codes[0] != codes[2]).any()


def test_rows_do_not_touch_each_other(tiny_instrument: Instrument) -> None:
    decoder = tiny_instrument.decoder
    blends = [
        UNSTEERED,
        Blend(Law.ADD, {0: Offset(unit(1), 1.0)}),
        Blend(Law.UNIT, {0: Offset(unit(2), 1.0), 2: Offset(unit(3), 1.0)}),
        Blend(Law.RELATIVE, {2: Offset(unit(4), 0.5)}),
    ]
    together = Generator(tiny_instrument, ControlState(temperature=0.0)).codes([Piece(0, b) for b in blends], FRAMES)
    for row, each in enumerate(blends):
        (single,) = Generator(tiny_instrument, ControlState(temperature=0.0)).codes([Piece(0, each)], FRAMES)
        np.testing.assert_array_equal(together[row], single)
    assert not any(layer._forward_pre_hooks for layer in decoder.layers)


def test_hooks_are_only_where_something_is_asked(tiny_instrument: Instrument) -> None:
    decoder = tiny_instrument.decoder
    steerer = RowSteerer(decoder, [UNSTEERED, Blend(Law.ADD, {1: Offset(unit(0), 1.0)})])
    assert [bool(layer._forward_pre_hooks) for layer in decoder.layers] == [False, True, False]
    hidden = torch.ones(4, 2, 64)
    decoder.layers[1]._forward_pre_hooks[next(iter(decoder.layers[1]._forward_pre_hooks))](None, (hidden,))
    steerer.remove()
    # Row 1 of [conditional; unconditional] alone has moved.
    assert [bool((row != 1).any()) for row in hidden] == [False, True, False, False]


def test_a_row_with_a_period_is_what_a_performance_plays(tiny_instrument: Instrument, pack: ProbePack) -> None:
    control = ControlState(temperature=0.0, blend=(("a", 1.0),), period=3)
    performance = Performance(tiny_instrument, pack)
    prompt = torch.from_numpy(np.random.default_rng(0).integers(0, 64, (4, 20)))
    performance.start(0, control, prompt)
    blocks = [block for _ in range(FRAMES) for block in performance.advance(control)]
    expected = torch.cat([torch.as_tensor(block.passage.codes) for block in blocks], dim=-1)
    steering = blend(control, pack)
    pieces = [Piece(0, steering, prompt_codes=prompt.numpy(), period=period) for period in (3, 1, 3)]
    codes = Generator(tiny_instrument, control).codes(pieces, FRAMES)
    assert expected.shape[-1] > 20
    np.testing.assert_array_equal(codes[0, :, : expected.shape[-1]], expected)
    np.testing.assert_array_equal(codes[2], codes[0])
    assert (codes[1] != codes[0]).any()


def test_the_period_counts_from_the_first_column(tiny_instrument: Instrument, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first frame takes several: they are not all steered."""
    frames: list[int] = []

    class Watched(RowSteerer):
        def _hook(self, groups: Any, layer: Any, args: tuple[Any, ...]) -> None:
            frames.append(self.frame)
            super()._hook(groups, layer, args)

    monkeypatch.setattr("probes.evaluate.generate.RowSteerer", Watched)
    steering = Blend(Law.ADD, {1: Offset(unit(0), 1.0)})
    Generator(tiny_instrument, ControlState()).codes([Piece(0, steering, period=3)], 5)
    assert frames == list(range(5 + 3))


def test_the_program_names_the_periods_that_steer_now(tiny_instrument: Instrument) -> None:
    steerer = RowSteerer(tiny_instrument.decoder, [UNSTEERED] * 3, [1, 2, 3])
    programs = []
    for steerer.frame in range(7):
        programs.append(steerer.program)
    assert programs[:4] == [{1, 2, 3}, {1}, {1, 2}, {1, 3}]
    assert programs[6] == programs[0]


@pytest.mark.parametrize("prompt_frames", [0, 20, 60])
def test_a_short_window_changes_no_token(
    prompt_frames: int, tiny_instrument: Instrument, pack: ProbePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a matter of memory alone, where the prompt is most of it as well."""
    windows: list[int] = []

    class Watched(TokenStream):
        def __init__(self, decoder: Any, window: int, *args: Any, **kwargs: Any) -> None:
            super().__init__(decoder, window, *args, **kwargs)
            windows.append(window)

        def _slide(self) -> None:
            raise AssertionError("the window was too short")

        def _read_spare(self, first: int, last: int) -> None:
            raise AssertionError("what will not be played on was read again")

    monkeypatch.setattr("probes.evaluate.generate.TokenStream", Watched)
    prompt = np.random.default_rng(0).integers(0, 64, (4, prompt_frames)) if prompt_frames else None
    steering = blend(ControlState(blend=(("a", 1.0),)), pack)
    pieces = [Piece(seed, steering, prompt_codes=prompt) for seed in range(3)]
    roomy = replace(tiny_instrument, window_frames=tiny_instrument.decoder.max_positions)
    short = Generator(roomy, ControlState()).codes(pieces, FRAMES)
    monkeypatch.setattr("probes.evaluate.generate.window_for", lambda instrument, *_: instrument.window_frames)
    np.testing.assert_array_equal(Generator(roomy, ControlState()).codes(pieces, FRAMES), short)
    assert windows[0] < windows[1] == roomy.window_frames


def test_a_batch_leaves_no_caches_behind(tiny_instrument: Instrument, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waiting for the collector of cycles: an experiment is hundreds of batches."""
    streams: list[weakref.ref[TokenStream]] = []

    class Watched(TokenStream):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            streams.append(weakref.ref(self))

    monkeypatch.setattr("probes.evaluate.generate.TokenStream", Watched)
    gc.disable()
    try:
        Generator(tiny_instrument, ControlState()).codes([Piece(0)], 5)
        assert [stream() for stream in streams] == [None]
    finally:
        gc.enable()


def test_sounds_are_the_new_part_alone(tiny_instrument: Instrument) -> None:
    prompt = np.random.default_rng(0).integers(0, 64, (4, 20))
    generator = Generator(tiny_instrument, ControlState(), batch=2)
    done: list[int] = []
    pieces = [Piece(seed, prompt_codes=prompt) for seed in range(3)]
    sounds, codes = zip(*generator.sounds(pieces, FRAMES, done.append), strict=True)
    assert [len(sound) for sound in sounds] == [FRAMES * tiny_instrument.codec.hop_samples] * 3
    assert done == [2, 1]
    whole = torch.cat([torch.from_numpy(prompt), generator.codes(pieces[:2], FRAMES)[1]], dim=1)
    expected = tiny_instrument.codec.full_decode(whole)[0, -len(sounds[1]) :]
    np.testing.assert_allclose(sounds[1], expected, atol=1e-6)
    np.testing.assert_array_equal(codes[1], whole[:, prompt.shape[1] :])


def test_prompts_of_unequal_length_are_refused(tiny_instrument: Instrument) -> None:
    pieces = [Piece(0, prompt_codes=np.zeros((4, 10), np.int64)), Piece(1)]
    with pytest.raises(ValueError, match="equally long"):
        Generator(tiny_instrument, ControlState()).codes(pieces, FRAMES)


def test_values_that_are_not_numbers_are_left_out(tiny_instrument: Instrument) -> None:
    broken = Blend(Law.ADD, {1: Offset(np.full(64, np.nan, np.float32), 1.0)})
    generator = Generator(tiny_instrument, ControlState(temperature=0.0))
    steered, plain = generator.codes([Piece(0, broken), Piece(0)], FRAMES)
    np.testing.assert_array_equal(steered, plain)
