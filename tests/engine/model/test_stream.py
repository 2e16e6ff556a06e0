"""The endless stream: what comes after the window's end, and what a seed fixes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import MusicgenForConditionalGeneration

from engine.model.decoder import Decoder
from engine.model.precision import Precision
from engine.model.stream import TokenStream

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def decoder(tiny_musicgen: Path) -> Decoder:
    model = MusicgenForConditionalGeneration.from_pretrained(tiny_musicgen)
    return Decoder.of(model, Precision.FP32, CPU)


def play(
    decoder: Decoder,
    frames: int,
    *,
    seeds: tuple[int, ...] = (1,),
    window: int = 64,
    temperature: float = 1.0,
    prompt: Tensor | None = None,
) -> Tensor:
    """Frames ``(B, K, n)``."""
    stream = TokenStream(decoder, window, batch=len(seeds))
    stream.sampling.write(3.0, temperature, 250, 1.0)
    stream.start(list(seeds), prompt)
    out: list[Tensor] = []
    while len(out) < frames:
        frame = stream.step()
        if frame is not None:
            out.append(frame)
    assert bool(stream.healthy)
    return torch.stack(out, dim=-1)


def test_after_a_slide_the_stream_is_a_continuation_of_its_second_half(decoder: Decoder) -> None:
    """Greedy: the tokens after the slide are those of a fresh stream that is given the kept frames as its audio prompt."""
    window, span = 64, 3
    frames = play(decoder, 100, window=window, temperature=0.0)
    # At the slide columns 32 … 64 are kept: frames 32 … 60 are whole, those behind them partly drawn.
    whole = frames[:, :, 32 : window - span]
    fresh = TokenStream(decoder, window)
    fresh.sampling.write(3.0, 0.0, 250, 1.0)
    fresh.start([1], whole)
    # What had been drawn of frames 61 … 63 is known to the sliding stream and must be forced on the fresh one.
    continued = []
    for _ in range(span):
        fresh.step()
    for book, delay in enumerate(fresh.pattern.delays):
        for frame in range(window - span, window - delay):
            fresh._columns[:, book, frame - 32 + 1 + delay] = frames[:, book, frame]
    fresh.tokens.copy_(fresh._columns[:, :, fresh._position])
    fresh.reread_all()
    while len(continued) < 30:
        frame = fresh.step()
        if frame is not None:
            continued.append(frame)
    start = window - span
    assert torch.equal(torch.stack(continued, dim=-1), frames[:, :, start : start + 30])


def test_the_window_may_slide_many_times(decoder: Decoder) -> None:
    frames = play(decoder, 400, window=40)
    assert frames.min() >= 0
    assert frames.max() < decoder.codebook_size
    late = frames[0, :, 300:]
    assert len(late.unique()) > 20, "the music has frozen"


def test_one_seed_is_one_music(decoder: Decoder) -> None:
    first, again, other = (play(decoder, 60, seeds=(seed,)) for seed in (7, 7, 8))
    assert torch.equal(first, again)
    assert (first != other).float().mean() > 0.5


def test_a_batch_draws_what_each_seed_draws_alone(decoder: Decoder) -> None:
    together = play(decoder, 50, seeds=(3, 4, 5))
    for row, seed in enumerate((3, 4, 5)):
        assert torch.equal(together[row : row + 1], play(decoder, 50, seeds=(seed,)))


def test_a_long_prompt_keeps_its_end(decoder: Decoder) -> None:
    prompt = torch.randint(decoder.codebook_size, (1, 4, 90), generator=torch.Generator().manual_seed(0))
    assert torch.equal(play(decoder, 20, prompt=prompt), play(decoder, 20, prompt=prompt[:, :, -32:]))


def test_after_an_accident_the_caches_are_made_again(decoder: Decoder) -> None:
    expected = play(decoder, 120, window=64)
    stream = TokenStream(decoder, 64)
    stream.sampling.write(3.0, 1.0, 250, 1.0)
    stream.start([1])
    out = []
    step = 0
    while len(out) < 120:
        if step in (20, 60):  # in mid-window, and while the spare is being filled
            stream.cache.keys.fill_(float("nan"))
            stream.reread_all()
        frame = stream.step()
        step += 1
        if frame is not None:
            out.append(frame)
    assert torch.equal(torch.stack(out, dim=-1), expected)


def test_scores_that_are_no_numbers_are_reported_and_survived(decoder: Decoder) -> None:
    stream = TokenStream(decoder, 64)
    stream.start([1])
    stream.step()
    assert bool(stream.healthy)
    stream.cache.values.fill_(float("nan"))
    stream.step()
    assert not bool(stream.healthy)
    stream.reread_all()
    stream.step()
    assert bool(stream.healthy)


def test_a_window_beyond_the_models_positions_is_refused(decoder: Decoder) -> None:
    with pytest.raises(ValueError, match="positions"):
        TokenStream(decoder, decoder.max_positions + 1)
