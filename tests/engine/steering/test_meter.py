"""The meter: whom it hears, and that it is an exponential average of the probes' readout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.instrument import Instrument
from engine.model.decoder import Decoder
from engine.model.stream import TokenStream
from engine.steering.meter import SMOOTHING_FRAMES, Meter
from engine.steering.pack import ProbePack

LAYER = 2


@pytest.fixture(scope="module")
def pack(tiny_pack: ProbePack) -> ProbePack:
    rng = np.random.default_rng(3)
    readout = (0.02 * rng.normal(size=tiny_pack.readout.shape)).astype(np.float32)
    bias = rng.normal(size=tiny_pack.readout_bias.shape).astype(np.float32)
    return replace(tiny_pack, readout=readout, readout_bias=bias, meter_layer=LAYER)


@pytest.fixture(scope="module")
def decoder(tiny_instrument: Instrument) -> Decoder:
    return tiny_instrument.decoder


@pytest.fixture
def stream(decoder: Decoder) -> TokenStream:
    return TokenStream(decoder, 128, batch=2)


@pytest.fixture
def meter(stream: TokenStream, pack: ProbePack) -> Iterator[Meter]:
    meter = Meter(stream, pack)
    yield meter
    meter.remove()


@pytest.fixture
def passing(decoder: Decoder) -> Iterator[list[Tensor]]:
    """Every residual that enters the meter's layer, in order."""
    seen: list[Tensor] = []
    handle = decoder.layers[LAYER].register_forward_pre_hook(lambda _, args: seen.append(args[0].clone()))
    yield seen
    handle.remove()


def play(stream: TokenStream, steps: int, prompt: Tensor | None = None) -> None:
    stream.sampling.write(3.0, 1.0, 250, 1.0)
    stream.start([1, 2], prompt)
    for _ in range(steps):
        stream.step()


def by_hand(residuals: list[Tensor], rows: slice, pack: ProbePack) -> np.ndarray:
    """Shares ``(B, G)``: softmax of the readout of the residuals' average, the weights falling by 1/50 a frame."""
    heard = np.stack([residual[rows, 0].double().numpy() for residual in residuals])  # (n, B, H)
    weights = (1.0 - 1.0 / SMOOTHING_FRAMES) ** np.arange(len(heard))[::-1]
    average = np.tensordot(weights / weights.sum(), heard, axes=1)
    logits = average @ pack.readout[LAYER].astype(np.float64).T + pack.readout_bias[LAYER]
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)


@pytest.mark.parametrize("steps", [1, 10, 70])
def test_it_is_an_exponential_average_of_the_unconditional_rows(
    steps: int, decoder: Decoder, stream: TokenStream, meter: Meter, pack: ProbePack, passing: list[Tensor]
) -> None:
    # Something must tell the rows apart: steering is what does it in playing.
    def shift(_: nn.Module, args: tuple[Any, ...]) -> None:
        args[0][:2] += 5.0

    handle = decoder.layers[LAYER].register_forward_pre_hook(shift, prepend=True)
    play(stream, steps)
    handle.remove()
    assert len(passing) == steps
    np.testing.assert_allclose(meter.read(), by_hand(passing, slice(2, 4), pack), atol=1e-5)
    assert np.abs(meter.read() - by_hand(passing, slice(0, 2), pack)).max() > 1e-3


def test_without_guidance_it_hears_the_only_rows(decoder: Decoder, pack: ProbePack, passing: list[Tensor]) -> None:
    stream = TokenStream(decoder, 128, batch=2, guided=False)
    meter = Meter(stream, pack)
    play(stream, 5)
    meter.remove()
    assert len(passing[0]) == 2
    np.testing.assert_allclose(meter.read(), by_hand(passing, slice(0, 2), pack), atol=1e-5)


def test_shares_are_shares(stream: TokenStream, meter: Meter) -> None:
    play(stream, 20)
    shares = meter.read()
    assert shares.shape == (2, 4)
    assert shares.dtype == np.float32
    np.testing.assert_allclose(shares.sum(-1), 1.0, atol=1e-6)
    assert (shares >= 0).all()


def test_before_the_first_frame_nothing_is_likelier(stream: TokenStream, meter: Meter) -> None:
    np.testing.assert_array_equal(meter.read(), 0.25)
    play(stream, 3)
    meter.reset()
    np.testing.assert_array_equal(meter.read(), 0.25)


@pytest.mark.parametrize("frames", [1, 20])
def test_a_prompt_that_is_being_read_is_not_music_being_made(
    frames: int, decoder: Decoder, stream: TokenStream, meter: Meter, pack: ProbePack, passing: list[Tensor]
) -> None:
    """Not even where it is read in a slice of one column."""
    codes = torch.randint(decoder.codebook_size, (2, 4, frames), generator=torch.Generator().manual_seed(0))
    play(stream, 0, prompt=codes)
    assert len(passing) > 0
    np.testing.assert_array_equal(meter.read(), 0.25)
    passing.clear()
    play(stream, 4, prompt=codes)
    played = passing[-4:]
    np.testing.assert_allclose(meter.read(), by_hand(played, slice(2, 4), pack), atol=1e-5)


def test_an_accident_does_not_stay_in_the_average(
    decoder: Decoder, stream: TokenStream, meter: Meter, pack: ProbePack, passing: list[Tensor]
) -> None:
    def spoil(_: nn.Module, args: tuple[Any, ...]) -> None:
        args[0].fill_(torch.nan)

    handle = decoder.layers[LAYER].register_forward_pre_hook(spoil, prepend=True)
    play(stream, 1)
    handle.remove()
    np.testing.assert_array_equal(meter.read(), 0.25)
    passing.clear()
    play(stream, 6)
    np.testing.assert_allclose(meter.read(), by_hand(passing, slice(2, 4), pack), atol=1e-5)


def test_removed_it_hears_nothing(stream: TokenStream, pack: ProbePack) -> None:
    meter = Meter(stream, pack)
    meter.remove()
    play(stream, 2)
    np.testing.assert_array_equal(meter.read(), 0.25)
