"""The frame loop: what a seed and the controls fix, what comes out of the codec, and what an accident costs."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.bench.live import random_pack
from engine.control import ControlState
from engine.errors import ControlError, PackError, SegueError
from engine.instrument import Instrument
from engine.model.codec_thread import PRIMING_FRAMES
from engine.model.precision import Precision
from engine.model.stream import TokenStream
from engine.performance import Block, Performance, perform
from engine.steering.pack import ProbePack

FRAMES = 60
JAZZ = ControlState(blend=(("jazz", 0.6),))


def codes_of(blocks: Iterable[Block]) -> np.ndarray:
    return np.concatenate([block.passage.codes for block in blocks], axis=1)


def samples_of(blocks: Iterable[Block]) -> np.ndarray:
    """``(S, channels)``"""
    return np.concatenate([block.passage.samples for block in blocks])


def play(
    instrument: Instrument,
    pack: ProbePack | None,
    controls: Iterable[ControlState],
    seed: int = 1,
    prompt: Tensor | None = None,
) -> list[Block]:
    performance = Performance(instrument, pack)
    try:
        return list(perform(performance, seed, iter(controls), prompt))
    finally:
        performance.close()


@pytest.fixture
def performance(tiny_instrument: Instrument, tiny_pack: ProbePack) -> Iterator[Performance]:
    performance = Performance(tiny_instrument, tiny_pack)
    yield performance
    performance.close()


@pytest.fixture(scope="module", params=["tiny_musicgen", "tiny_stereo", "tiny_spectral"])
def instrument(request: pytest.FixtureRequest) -> Instrument:
    """One of each codec: EnCodec, a pair of them, the spectral one."""
    path: Path = request.getfixturevalue(request.param)
    return Instrument.load(str(path), torch.device("cpu"), Precision.FP32)


@pytest.fixture(scope="module")
def jazz(tiny_instrument: Instrument, tiny_pack: ProbePack) -> list[Block]:
    """Jazz for 60 frames."""
    return play(tiny_instrument, tiny_pack, [JAZZ] * FRAMES)


def test_a_seed_and_its_controls_fix_every_code_and_sample(
    tiny_instrument: Instrument, tiny_pack: ProbePack, jazz: list[Block]
) -> None:
    """However often the states are made anew, and whatever their numbers."""
    again = play(tiny_instrument, tiny_pack, (replace(JAZZ, number=frame) for frame in range(FRAMES)))
    np.testing.assert_array_equal(codes_of(again), codes_of(jazz))
    np.testing.assert_array_equal(samples_of(again), samples_of(jazz))


def test_one_performance_may_be_played_again(performance: Performance, jazz: list[Block]) -> None:
    """Nothing of the first time is left: not the window's contents, not the codec's state, not the meter's average."""
    performance.start(9, ControlState(prompt="rock", temperature=1.4))
    for _ in range(30):
        performance.advance(ControlState(prompt="rock", temperature=1.4))
    again = list(perform(performance, 1, iter([JAZZ] * FRAMES)))
    np.testing.assert_array_equal(codes_of(again), codes_of(jazz))
    np.testing.assert_array_equal(samples_of(again), samples_of(jazz))
    for one, other in zip(again, jazz, strict=True):
        np.testing.assert_array_equal(one.heard, other.heard)


def test_a_change_is_heard_from_its_frame_on(
    tiny_instrument: Instrument, tiny_pack: ProbePack, jazz: list[Block]
) -> None:
    """In the last codebook at first: what the delay pattern had drawn ahead of it stays."""
    rock = JAZZ.changed(blend=(("rock", 0.9),))
    turned = codes_of(play(tiny_instrument, tiny_pack, [JAZZ] * 30 + [rock] * 30))
    differs = (turned != codes_of(jazz)).any(axis=0)
    assert not differs[:30].any()
    assert differs[30:].mean() > 0.5


@pytest.mark.parametrize(
    "change",
    [
        {"guidance": 1.5},
        {"temperature": 0.5},
        {"top_k": 5},
        {"top_p": 0.4},
        {"prompt": "slow rock"},
        {"strength": 0.3},
        {"layers": ((0, 1.0),)},
    ],
    ids=str,
)
def test_every_knob_is_connected(
    change: dict[str, object], tiny_instrument: Instrument, tiny_pack: ProbePack, jazz: list[Block]
) -> None:
    changed = codes_of(play(tiny_instrument, tiny_pack, [JAZZ.changed(**change)] * 20))
    assert (changed != codes_of(jazz)[:, :20]).any()


@pytest.mark.parametrize("frames", [1, 20, 41])
def test_the_sound_is_the_full_decode_of_the_codes(frames: int, instrument: Instrument) -> None:
    codec = instrument.codec
    blocks = play(instrument, None, [ControlState()] * frames)
    codes, samples = codes_of(blocks), samples_of(blocks)
    assert codes.shape == (codec.codebooks, frames)
    assert samples.shape == (frames * codec.hop_samples, codec.channels)
    assert samples.dtype == np.float32
    whole = codec.full_decode(torch.from_numpy(codes).long()).t().numpy()
    assert np.abs(whole).max() > 0.01
    np.testing.assert_allclose(samples, whole, atol=1e-5)


def test_blocks_follow_each_other_without_a_gap(jazz: list[Block]) -> None:
    frame = sample = 0
    for block in jazz:
        passage = block.passage
        assert (passage.frame, passage.sample) == (frame, sample)
        frame += passage.codes.shape[1]
        sample += len(passage.samples)
        assert block.dropped is False
    assert frame == FRAMES
    shares = np.array([block.heard for block in jazz[:-1]])
    np.testing.assert_allclose(shares.sum(1), 1.0, atol=1e-6)
    assert len(np.unique(shares, axis=0)) > FRAMES // 4, "the meter stands still"


def test_without_a_pack_nothing_is_heard(tiny_instrument: Instrument) -> None:
    assert {block.heard for block in play(tiny_instrument, None, [ControlState()] * 4)} == {None}


@pytest.mark.parametrize("prompt_frames", [10, 62])
def test_an_audio_prompt_is_continued_without_a_seam(prompt_frames: int, instrument: Instrument) -> None:
    """The music alone comes out, as it sounds after the prompt that the codec has heard."""
    codec = instrument.codec
    shape = (codec.codebooks, prompt_frames)
    prompt = torch.randint(codec.codebook_size, shape, generator=torch.Generator().manual_seed(4))
    blocks = play(instrument, None, [ControlState()] * 25, prompt=prompt)
    codes, samples = codes_of(blocks), samples_of(blocks)
    assert codes.shape == (codec.codebooks, 25)
    assert blocks[0].passage.frame == blocks[0].passage.sample == 0
    heard = prompt[:, -PRIMING_FRAMES:]
    whole = codec.full_decode(torch.cat([heard, torch.from_numpy(codes).long()], dim=1))
    music = whole[:, heard.shape[1] * codec.hop_samples :].t().numpy()
    np.testing.assert_allclose(samples, music, atol=1e-5)
    assert (codes != codes_of(play(instrument, None, [ControlState()] * 25))).any(), "the model did not hear it"


def test_the_prompt_is_the_players_and_is_not_bent(performance: Performance) -> None:
    """What the model remembers of it is the same with the knob at full; what it makes of it is not."""
    prompt = torch.randint(64, (4, 30), generator=torch.Generator().manual_seed(4))
    remembered, made = [], []
    for control in (ControlState(), JAZZ):
        performance.start(1, control, prompt)
        remembered.append(performance._stream.cache.keys[:, :, :, :30].clone())
        performance.advance(control)
        made.append(performance._stream.cache.keys[:, :, :, 30:33].clone())
    assert torch.equal(*remembered)
    assert not torch.equal(*made)


def test_off_the_beat_of_the_period_nothing_is_steered(tiny_instrument: Instrument, tiny_pack: ProbePack) -> None:
    """The residual entering the layer after the steered one is moved in every third column alone, also within the delay."""
    moved: list[bool] = []
    performance = Performance(tiny_instrument, tiny_pack)
    seen: dict[str, Tensor] = {}
    decoder = tiny_instrument.decoder

    def before(_: torch.nn.Module, args: tuple[Tensor, ...]) -> None:
        seen["before"] = args[0].clone()

    def after(_: torch.nn.Module, args: tuple[Tensor, ...]) -> None:
        moved.append(not torch.equal(args[0], seen["before"]))

    control = replace(JAZZ, period=3)
    first = decoder.layers[1].register_forward_pre_hook(before, prepend=True)
    performance.start(1, control)
    last = decoder.layers[1].register_forward_pre_hook(after)
    try:
        for _ in range(9):
            performance.advance(control)
    finally:
        performance.close()
        first.remove()
        last.remove()
    span = performance._stream.pattern.span
    assert moved == [column % 3 == 0 for column in range(span + 9)]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (ControlState(blend=(("polka", 0.5),), temperature=0.2), PackError),
        (ControlState(layers=((3, 1.0),), temperature=0.2), ControlError),
    ],
    ids=["genre", "layer"],
)
def test_a_control_that_cannot_be_played_changes_nothing(
    bad: ControlState, error: type[SegueError], performance: Performance, jazz: list[Block]
) -> None:
    performance.start(1, JAZZ)
    blocks: list[Block] = []
    for frame in range(FRAMES):
        if frame in (0, 1, 25):
            with pytest.raises(error):
                performance.advance(bad)
            with pytest.raises(error):
                performance.start(5, bad)
        blocks += performance.advance(JAZZ)
    blocks += performance.finish()
    np.testing.assert_array_equal(codes_of(blocks), codes_of(jazz))
    np.testing.assert_array_equal(samples_of(blocks), samples_of(jazz))


def test_an_accident_costs_the_steering_of_a_few_frames(
    tiny_instrument: Instrument, tiny_pack: ProbePack, performance: Performance
) -> None:
    """A value that is no number gets into the offsets, and stays there for ten frames."""
    performance.start(1, JAZZ)
    blocks: list[Block] = []
    for frame in range(FRAMES):
        if frame == 20:
            performance._steerer._offsets[1][3] = torch.nan
        blocks += performance.advance(JAZZ if frame < 30 else replace(JAZZ))  # a new state: offsets are written again
    blocks += performance.finish()
    dropped = {block.passage.frame for block in blocks if block.dropped}
    assert dropped == {20}, "then steering rests"
    assert np.isfinite(samples_of(blocks)).all()
    assert all(block.heard is None or np.isfinite(block.heard).all() for block in blocks)
    assert samples_of(blocks).shape == (FRAMES * tiny_instrument.codec.hop_samples, 1)
    # The frames of the accident are the unsteered model's, without text and guidance: music all the same.
    assert len(np.unique(codes_of(blocks)[:, 20:30])) > 5
    assert len(np.unique(codes_of(blocks)[:, 30:])) > 20


def test_after_an_accident_steering_rests(performance: Performance, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cause that stays would have the whole window read again and again, and the music could not keep up."""
    monkeypatch.setattr("engine.performance.REST_FRAMES", 12)
    reread, read = [], TokenStream.reread_all
    steered, step = set[int](), TokenStream.step

    def watched(stream: TokenStream) -> Tensor | None:
        if not performance._steerer.paused:
            steered.add(performance.frame)
        return step(stream)

    monkeypatch.setattr(TokenStream, "step", watched)
    monkeypatch.setattr(TokenStream, "reread_all", lambda stream: (reread.append(performance.frame), read(stream)))
    performance.start(1, JAZZ)
    performance.advance(JAZZ)
    performance._steerer._offsets[1][3] = torch.nan
    while performance.frame < 30:
        performance.advance(JAZZ)
    assert reread == [2, 16, 30]
    assert steered == {0, 1, 14, 15, 28, 29}
    steered.clear()
    performance.start(1, replace(JAZZ))
    for _ in range(4):
        performance.advance(replace(JAZZ))
    assert steered == {0, 1, 2, 3}, "another performance knows nothing of it"


def test_an_accident_in_the_default_format(tiny_spectral: Path) -> None:
    """There one scale serves steered and unsteered rows alike, and a value that is no number has none."""
    instrument = Instrument.load(str(tiny_spectral), torch.device("cpu"), Precision.INT8)
    pack = random_pack(instrument, ("jazz", "rock"))
    for value, where in ((torch.nan, slice(3, 4)), (torch.nan, slice(None)), (torch.inf, slice(3, 4))):
        performance = Performance(instrument, pack)
        performance.start(1, JAZZ)
        blocks: list[Block] = []
        for frame in range(40):
            if frame == 20:
                performance._steerer._offsets[1][where] = value
            blocks += performance.advance(JAZZ)
        blocks += performance.finish()
        performance.close()
        assert {block.passage.frame for block in blocks if block.dropped} == {20}, (value, where)
        assert np.isfinite(samples_of(blocks)).all()
        assert len(np.unique(codes_of(blocks)[:, 22:])) > 20, "music goes on"


def test_an_accident_in_the_models_memory_is_mended(performance: Performance) -> None:
    performance.start(1, JAZZ)
    blocks: list[Block] = []
    for frame in range(40):
        if frame == 20:
            performance._stream.cache.values.fill_(torch.nan)
        blocks += performance.advance(JAZZ)
    blocks += performance.finish()
    assert {block.passage.frame for block in blocks if block.dropped} == {20}
    assert np.isfinite(samples_of(blocks)).all()
    assert all(block.heard is None or np.isfinite(block.heard).all() for block in blocks)


def test_a_pack_for_another_model_is_refused(tiny_instrument: Instrument, tiny_pack: ProbePack) -> None:
    other = replace(tiny_pack, model=replace(tiny_pack.model, digest="0" * 64))
    hooks = [len(layer._forward_pre_hooks) for layer in tiny_instrument.decoder.layers]
    with pytest.raises(PackError, match="other weights"):
        Performance(tiny_instrument, other)
    assert [len(layer._forward_pre_hooks) for layer in tiny_instrument.decoder.layers] == hooks


def test_closing_leaves_the_decoder_as_it_was(tiny_instrument: Instrument, tiny_pack: ProbePack) -> None:
    hooks = [len(layer._forward_pre_hooks) for layer in tiny_instrument.decoder.layers]
    play(tiny_instrument, tiny_pack, [JAZZ] * 3)
    assert [len(layer._forward_pre_hooks) for layer in tiny_instrument.decoder.layers] == hooks


def test_closing_lets_go_of_the_weights_at_once(tiny_instrument: Instrument, tiny_pack: ProbePack) -> None:
    """Nobody collects cycles for a card that is short of memory."""
    performance = Performance(tiny_instrument, tiny_pack)
    stream = weakref.ref(performance._stream)
    gc.disable()
    try:
        performance.close()
        del performance
        assert stream() is None
    finally:
        gc.enable()


def test_it_plays_past_the_window_under_steering(tiny_instrument: Instrument, tiny_pack: ProbePack) -> None:
    """200 frames in a window of 128: the slide is steered like the rest and does not freeze the music."""
    blocks = play(tiny_instrument, tiny_pack, [JAZZ] * 200)
    assert len(np.unique(codes_of(blocks)[:, 140:])) > 20
    assert samples_of(blocks).shape == (200 * tiny_instrument.codec.hop_samples, 1)


def test_the_default_format_is_as_repeatable(tiny_spectral: Path) -> None:
    instrument = Instrument.load(str(tiny_spectral), torch.device("cpu"))
    pack = random_pack(instrument, ("jazz", "rock"))
    first, again = (codes_of(play(instrument, pack, [JAZZ] * 20)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
