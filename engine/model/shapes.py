"""What a checkpoint's ``config.json`` promises: sizes of decoder and text encoder, and the tensors that follow from them.

The names are those of Hugging Face's ``MusicgenForConditionalGeneration``. Free of torch: a checkpoint is held against its
promise by its headers alone, before a weight is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import CheckpointError

Shape = tuple[int, ...]
#: no MusicGen is larger in any of its sizes; beyond, a file is not what it says
MAX_SIZE = 1_000_000


def _size(config: Mapping[str, Any], key: str, default: int) -> int:
    value = config.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_SIZE:
        raise CheckpointError(f"the model's configuration says {key} = {value!r}: download the model again")
    return value


@dataclass(frozen=True)
class DecoderShape:
    """Sizes of the decoder; the defaults of :meth:`of` are transformers' own, facebook/musicgen-small's."""

    hidden_size: int
    layers: int
    heads: int
    feed_size: int
    codebooks: int
    codebook_size: int
    channels: int
    max_positions: int
    text_width: int

    @classmethod
    def of(cls, whole: Mapping[str, Any]) -> DecoderShape:
        """From ``config.json``: its section «decoder», and the text encoder's width.

        Raises:
            CheckpointError: sizes that are none, or a decoder that computes otherwise than MusicGen's.
        """
        config = whole.get("decoder", {})
        shape = cls(
            hidden_size=_size(config, "hidden_size", 1024),
            layers=_size(config, "num_hidden_layers", 24),
            heads=_size(config, "num_attention_heads", 16),
            feed_size=_size(config, "ffn_dim", 4096),
            codebooks=_size(config, "num_codebooks", 4),
            codebook_size=_size(config, "vocab_size", 2048),
            channels=_size(config, "audio_channels", 1),
            max_positions=_size(config, "max_position_embeddings", 2048),
            text_width=_size(whole.get("text_encoder", {}), "d_model", 512),
        )
        if shape.hidden_size % shape.heads or shape.hidden_size < 4:
            raise CheckpointError(
                f"the decoder's width {shape.hidden_size} does not divide into {shape.heads} heads: choose another model"
            )
        if shape.channels > 2 or shape.codebooks % shape.channels:
            raise CheckpointError(
                f"the decoder has {shape.codebooks} codebooks for {shape.channels} channels: choose another model"
            )
        if config.get("activation_function", "gelu") != "gelu" or config.get("scale_embedding", False):
            raise CheckpointError("the decoder is no MusicGen's (another activation or scale): choose another model")
        return shape

    @property
    def projects_text(self) -> bool:
        """Whether a layer stands between text encoder and decoder: where their widths differ."""
        return self.text_width != self.hidden_size

    def tensors(self) -> Iterator[tuple[str, Shape]]:
        """Name and shape of every tensor that the decoder reads."""
        width, feed = self.hidden_size, self.feed_size
        for book in range(self.codebooks):
            yield f"decoder.model.decoder.embed_tokens.{book}.weight", (self.codebook_size + 1, width)
            yield f"decoder.lm_heads.{book}.weight", (self.codebook_size, width)
        yield from _norm("decoder.model.decoder.layer_norm", width)
        if self.projects_text:
            yield "enc_to_dec_proj.weight", (width, self.text_width)
            yield "enc_to_dec_proj.bias", (width,)
        for index in range(self.layers):
            layer = f"decoder.model.decoder.layers.{index}."
            for attention in ("self_attn", "encoder_attn"):
                for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                    yield f"{layer}{attention}.{part}.weight", (width, width)
                yield from _norm(f"{layer}{attention}_layer_norm", width)
            yield f"{layer}fc1.weight", (feed, width)
            yield f"{layer}fc2.weight", (width, feed)
            yield from _norm(f"{layer}final_layer_norm", width)


def _norm(name: str, width: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)


@dataclass(frozen=True)
class TextShape:
    """Sizes of the T5 encoder; the defaults of :meth:`of` are transformers' own."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    head_width: int
    feed_size: int
    activation: str
    gated: bool
    buckets: int
    max_distance: int
    epsilon: float
    pad_token: int

    @classmethod
    def of(cls, whole: Mapping[str, Any]) -> TextShape:
        """From ``config.json``'s section «text_encoder».

        Raises:
            CheckpointError: sizes that are none, or not a T5.
        """
        config = whole.get("text_encoder", {})
        kind, feed = config.get("model_type"), str(config.get("feed_forward_proj", "relu"))
        activation = feed.removeprefix("gated-")
        if kind != "t5" or activation not in ("relu", "gelu"):
            raise CheckpointError(f"the text encoder is {kind!r} with {feed!r}, not a T5: choose another model")
        epsilon, pad_token = config.get("layer_norm_epsilon", 1e-6), config.get("pad_token_id", 0)
        if not isinstance(epsilon, float) or not isinstance(pad_token, int) or pad_token < 0:
            raise CheckpointError("the text encoder's configuration is damaged: download the model again")
        return cls(
            vocabulary=_size(config, "vocab_size", 32128),
            width=_size(config, "d_model", 512),
            layers=_size(config, "num_layers", 6),
            heads=_size(config, "num_heads", 8),
            head_width=_size(config, "d_kv", 64),
            feed_size=_size(config, "d_ff", 2048),
            activation=activation,
            gated=activation != feed,
            buckets=_size(config, "relative_attention_num_buckets", 32),
            max_distance=_size(config, "relative_attention_max_distance", 128),
            epsilon=epsilon,
            pad_token=pad_token,
        )

    def tensors(self) -> Iterator[tuple[str, Shape]]:
        """Name and shape of every tensor that the encoder reads."""
        width, inner = self.width, self.heads * self.head_width
        yield "text_encoder.shared.weight", (self.vocabulary, width)
        yield "text_encoder.encoder.final_layer_norm.weight", (width,)
        first = "text_encoder.encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
        yield first, (self.buckets, self.heads)
        for index in range(self.layers):
            attention, feed = (f"text_encoder.encoder.block.{index}.layer.{part}." for part in (0, 1))
            for part in "qkv":
                yield f"{attention}SelfAttention.{part}.weight", (inner, width)
            yield f"{attention}SelfAttention.o.weight", (width, inner)
            yield f"{attention}layer_norm.weight", (width,)
            for part in ("wi_0", "wi_1") if self.gated else ("wi",):
                yield f"{feed}DenseReluDense.{part}.weight", (self.feed_size, width)
            yield f"{feed}DenseReluDense.wo.weight", (width, self.feed_size)
            yield f"{feed}layer_norm.weight", (width,)
