"""Residuals against transformers' ``output_hidden_states`` on the same columns, and the layout that they stand in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import MusicgenForConditionalGeneration

from engine.instrument import Instrument
from engine.model.decoder import Decoder
from engine.model.precision import Precision
from engine.model.stream import TokenStream
from probes.residuals import ResidualReader

FRAMES = 40


def ours(decoder: Decoder, codes: Tensor, window: int = 128) -> dict[int, Tensor]:
    seen: dict[int, list[Tensor]] = {}

    def visit(layer: int, first: int, hidden: Tensor) -> None:
        stretches = seen.setdefault(layer, [])
        assert first == sum(stretch.shape[1] for stretch in stretches)
        stretches.append(hidden.clone())

    ResidualReader(decoder, window).read(codes, visit)
    return {layer: torch.cat(stretches, dim=1) for layer, stretches in seen.items()}


def playing(path: Path) -> Decoder:
    return Instrument.load(str(path), precision=Precision.FP32).decoder


def draw(model: Any, batch: int = 2) -> Tensor:
    config = model.config.decoder
    generator = torch.Generator().manual_seed(1)
    return torch.randint(config.vocab_size, (batch, config.num_codebooks, FRAMES), generator=generator)


@torch.inference_mode()
def by_transformers(model: Any, codes: Tensor) -> tuple[Tensor, ...]:
    """Hidden states ``(B, T, H)`` of columns 1 … T: transformers' own delay pattern, null text."""
    batch, books, frames = codes.shape
    start = model.config.decoder.pad_token_id
    columns = torch.cat([torch.full((batch, books, 1), start), codes], dim=-1).flatten(0, 1)
    span = books // model.config.decoder.audio_channels
    _, mask = model.decoder.build_delay_pattern_mask(columns, start, max_length=frames + 1 + span)
    ids = torch.where(mask == -1, start, mask)[:, : frames + 1]
    text = torch.zeros(batch, 1, model.config.decoder.hidden_size)
    states = model.decoder(
        input_ids=ids,
        encoder_hidden_states=text,
        encoder_attention_mask=torch.zeros(batch, 1),
        output_hidden_states=True,
    ).hidden_states
    return tuple(state[:, 1:] for state in states)


@pytest.fixture(autouse=True, params=[100, 15])
def stretch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All frames at once; and in stretches, the last of which is shorter."""
    monkeypatch.setattr("probes.residuals.STRETCH_FRAMES", request.param)


@pytest.mark.parametrize("layout", ["tiny_musicgen", "tiny_stereo", "tiny_spectral"])
def test_every_layer_equals_transformers(layout: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(layout)
    model = MusicgenForConditionalGeneration.from_pretrained(path).eval()
    decoder = Decoder.of(model, Precision.FP32, torch.device("cpu"))
    codes = draw(model)
    mine, theirs = ours(decoder, codes), by_transformers(model, codes)
    assert len(mine) == model.config.decoder.num_hidden_layers == len(theirs) - 1
    for layer, hidden in mine.items():
        torch.testing.assert_close(hidden, theirs[layer], atol=1e-4, rtol=0)
        # The authors' vector of layer L came from layer L - 2: no other layer is as near.
        assert all((hidden - theirs[other]).abs().max() > 0.1 for other in mine if other != layer)
    # What transformers calls the last hidden state has been through the final norm: it is no layer's residual.
    assert (theirs[-1] - mine[max(mine)]).abs().max() > 0.1


def test_they_are_what_a_stream_sees_when_it_plays_the_same_frames(tiny_musicgen: Path) -> None:
    decoder = playing(tiny_musicgen)
    codes = draw(MusicgenForConditionalGeneration.from_pretrained(tiny_musicgen))[:1]
    stream = TokenStream(decoder, 128, guided=False)
    played: list[Tensor] = []
    stream.start([0])
    handle = decoder.layers[1].register_forward_pre_hook(lambda _, args: played.append(args[0].clone()))
    columns = stream.pattern.columns(codes)
    for column in range(FRAMES + 1):
        stream.tokens.copy_(columns[:, :, column])
        stream.step()
    handle.remove()
    torch.testing.assert_close(torch.cat(played[1:], dim=1), ours(decoder, codes)[1], atol=1e-4, rtol=0)


def test_raw_codes_would_be_off_the_distribution(tiny_musicgen: Path) -> None:
    """The layout matters: without the delay pattern the residuals are others."""
    model: Any = MusicgenForConditionalGeneration.from_pretrained(tiny_musicgen).eval()
    codes = draw(model)
    with torch.inference_mode():
        raw = model.decoder(codes.flatten(0, 1), output_hidden_states=True).hidden_states[1]
    mine = ours(Decoder.of(model, Precision.FP32, torch.device("cpu")), codes)[1]
    assert (raw - mine).abs().mean() > 0.1


def test_rows_stay_in_order(tiny_musicgen: Path) -> None:
    model: Any = MusicgenForConditionalGeneration.from_pretrained(tiny_musicgen)
    decoder = Decoder.of(model, Precision.FP32, torch.device("cpu"))
    codes = draw(model, batch=3)
    together = ours(decoder, codes)
    for row in range(3):
        alone = ours(decoder, codes[row : row + 1])
        for layer in together:
            torch.testing.assert_close(together[layer][row : row + 1], alone[layer], atol=1e-4, rtol=0)


def test_hooks_are_gone_afterwards(tiny_musicgen: Path) -> None:
    model: Any = MusicgenForConditionalGeneration.from_pretrained(tiny_musicgen)
    decoder = Decoder.of(model, Precision.FP32, torch.device("cpu"))

    def fail(*_: object) -> None:
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        ResidualReader(decoder, 128).read(draw(model), fail)
    assert not any(layer._forward_pre_hooks for layer in decoder.layers)


def test_more_frames_than_the_window_are_refused(tiny_musicgen: Path) -> None:
    model: Any = MusicgenForConditionalGeneration.from_pretrained(tiny_musicgen)
    decoder = Decoder.of(model, Precision.FP32, torch.device("cpu"))
    with pytest.raises(ValueError, match="do not fit"):
        ours(decoder, draw(model), window=FRAMES)
