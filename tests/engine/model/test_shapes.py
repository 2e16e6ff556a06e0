"""Sizes read off a configuration, and the tensors that they promise."""

from __future__ import annotations

import pytest
import torch
from transformers.models.musicgen.modeling_musicgen import MusicgenSinusoidalPositionalEmbedding

from engine.errors import CheckpointError
from engine.model.decoder import sinusoids
from engine.model.random_checkpoint import build_random
from engine.model.shapes import DecoderShape, TextShape


@pytest.mark.parametrize("name", ["tiny", "tiny-stereo"])
def test_promised_tensors_are_those_of_transformers(name: str) -> None:
    model = build_random(name)
    config = model.config.to_dict()
    promised = dict([*DecoderShape.of(config).tensors(), *TextShape.of(config).tensors()])
    theirs = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
    assert promised.items() <= theirs.items()
    # What is not promised is the codec's, or the second name of T5's table.
    rest = {key for key in theirs if key not in promised and not key.startswith("audio_encoder.")}
    assert rest == {"text_encoder.encoder.embed_tokens.weight"}


@pytest.mark.parametrize("width", [64, 192, 7])
def test_positions_equal_transformers(width: int) -> None:
    theirs = MusicgenSinusoidalPositionalEmbedding(2048, width).weights
    assert torch.equal(sinusoids(2048, width), theirs)


@pytest.mark.parametrize(
    "changes",
    [
        {"num_attention_heads": 5},
        {"hidden_size": -64},
        {"num_codebooks": 3, "audio_channels": 2},
        {"audio_channels": 3},
        {"activation_function": "relu"},
        {"scale_embedding": True},
        {"max_position_embeddings": 10**12},
    ],
    ids=str,
)
def test_decoders_that_cannot_be_played(changes: dict[str, object]) -> None:
    config = build_random("tiny").config.to_dict()
    with pytest.raises(CheckpointError, match="model"):
        DecoderShape.of(config | {"decoder": config["decoder"] | changes})
