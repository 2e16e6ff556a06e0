"""MusicGen's decoder over fixed buffers: fused projections, static caches, guidance as a second set of rows.

Rows are ordered ``[conditional; unconditional]``: with guidance, R = 2·B rows share B sets of tokens. The tensor that enters
a layer is the residual stream at that layer; ``layers[i].register_forward_pre_hook`` is where steering, metering and recording
attach. Everything is checked against transformers' own implementation (tests/engine/model/test_decoder_parity.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.model.cache import KeyValueCache, Span, TextMemory
from engine.model.linear import TORCH_DTYPE, PackedLinear
from engine.model.precision import Precision
from engine.model.shapes import DecoderShape

STACK = "decoder.model.decoder."
#: PyTorch's default, which MusicGen was trained with
NORM_EPSILON = 1e-5


def sinusoids(count: int, width: int) -> Tensor:
    """Position embeddings ``(count, width)``: cosines, then sines, of frequencies from 1 to 1 / 10000."""
    half = width // 2
    frequencies = torch.exp(torch.arange(half).float() * -(math.log(10_000) / (half - 1)))
    angles = torch.arange(count).float()[:, None] * frequencies
    return F.pad(torch.cat([angles.cos(), angles.sin()], dim=1), (0, width % 2))


class LayerNorm(nn.Module):
    """Layer norm with the tensors ``name.weight`` and ``name.bias``."""

    def __init__(self, tensors: Mapping[str, Tensor], name: str, dtype: torch.dtype) -> None:
        super().__init__()
        self.weight = nn.Parameter(tensors[f"{name}.weight"].detach().to(dtype).clone(), requires_grad=False)
        self.bias = nn.Parameter(tensors[f"{name}.bias"].detach().to(dtype).clone(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, NORM_EPSILON)


class DecoderLayer(nn.Module):
    """Self-attention, cross-attention for the conditional rows, feed-forward; pre-norm."""

    def __init__(self, shape: DecoderShape, tensors: Mapping[str, Tensor], index: int, precision: Precision) -> None:
        super().__init__()
        self.index, self.heads, self.head_dim = index, shape.heads, shape.hidden_size // shape.heads
        scale = self.head_dim**-0.5  # folded into the query projections, so that attention runs unscaled
        dtype = TORCH_DTYPE[precision]
        layer = f"{STACK}layers.{index}."

        def matrix(name: str) -> Tensor:
            return tensors[f"{layer}{name}.weight"].detach()

        self.attention_norm = LayerNorm(tensors, f"{layer}self_attn_layer_norm", dtype)
        query, key, value = (matrix(f"self_attn.{part}_proj") for part in "qkv")
        self.qkv = PackedLinear(torch.cat([query * scale, key, value]), precision)
        self.attention_out = PackedLinear(matrix("self_attn.out_proj"), precision)
        self.cross_norm = LayerNorm(tensors, f"{layer}encoder_attn_layer_norm", dtype)
        self.cross_query = PackedLinear(matrix("encoder_attn.q_proj") * scale, precision)
        self.cross_out = PackedLinear(matrix("encoder_attn.out_proj"), precision)
        # Used once per prompt, not per step: kept as they are.
        self.cross_key = nn.Parameter(matrix("encoder_attn.k_proj").to(dtype).clone(), requires_grad=False)
        self.cross_value = nn.Parameter(matrix("encoder_attn.v_proj").to(dtype).clone(), requires_grad=False)
        self.feed_norm = LayerNorm(tensors, f"{layer}final_layer_norm", dtype)
        self.feed_in = PackedLinear(matrix("fc1"), precision)
        self.feed_out = PackedLinear(matrix("fc2"), precision)

    def _heads(self, x: Tensor) -> Tensor:
        """``(R, T, hidden)`` → ``(R, heads, T, head_dim)``"""
        return x.view(x.shape[0], x.shape[1], self.heads, self.head_dim).transpose(1, 2)

    def text(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of projected text states ``(B, S, hidden)``."""
        return self._heads(F.linear(states, self.cross_key)), self._heads(F.linear(states, self.cross_value))

    def forward(self, hidden: Tensor, cache: KeyValueCache, span: Span, memory: TextMemory | None) -> Tensor:
        """Residual ``(R, T, hidden)`` in, residual out; the columns' keys and values go into ``cache``."""
        rows, count, width = hidden.shape
        query, key, value = self.qkv(self.attention_norm(hidden)).split(width, dim=-1)
        keys, values = cache.keys[self.index], cache.values[self.index]
        keys.index_copy_(2, span.positions, self._heads(key))
        values.index_copy_(2, span.positions, self._heads(value))
        attended = F.scaled_dot_product_attention(
            self._heads(query), keys[:, :, : span.length], values[:, :, : span.length], attn_mask=span.mask, scale=1.0
        )
        hidden = hidden + self.attention_out(attended.transpose(1, 2).reshape(rows, count, width))
        if memory is not None:
            conditional = memory.keys.shape[1]
            queries = self._heads(self.cross_query(self.cross_norm(hidden[:conditional])))
            attended = F.scaled_dot_product_attention(
                queries, memory.keys[self.index], memory.values[self.index], attn_mask=memory.mask, scale=1.0
            )
            hidden[:conditional] += self.cross_out(attended.transpose(1, 2).reshape(conditional, count, width))
        return hidden + self.feed_out(F.gelu(self.feed_in(self.feed_norm(hidden))))


class Decoder(nn.Module):
    """The stack over K codebooks of V entries.

    Args:
        shape: sizes.
        tensors: of a MusicGen, by Hugging Face's names, with the shapes of :meth:`DecoderShape.tensors`; copied, so that the
            source may be dropped.
        precision: format of the matrices.
        device: where the step runs.
    """

    embedding: Tensor
    positions: Tensor
    codebook_offsets: Tensor

    def __init__(
        self, shape: DecoderShape, tensors: Mapping[str, Tensor], precision: Precision, device: torch.device
    ) -> None:
        super().__init__()
        self.precision, self.dtype = precision, TORCH_DTYPE[precision]
        self.hidden_size, self.heads = shape.hidden_size, shape.heads
        self.codebooks, self.codebook_size, self.channels = shape.codebooks, shape.codebook_size, shape.channels
        self.max_positions = shape.max_positions
        self.layers: Any = nn.ModuleList(DecoderLayer(shape, tensors, i, precision) for i in range(shape.layers))
        self.final_norm = LayerNorm(tensors, f"{STACK}layer_norm", self.dtype)
        books = range(shape.codebooks)
        self.head = PackedLinear(torch.cat([tensors[f"decoder.lm_heads.{k}.weight"] for k in books]), precision)
        self.projection: nn.Linear | None = None
        if shape.projects_text:
            self.projection = nn.Linear(shape.text_width, shape.hidden_size)
            self.projection.load_state_dict({name: tensors[f"enc_to_dec_proj.{name}"] for name in ("weight", "bias")})
            self.projection.requires_grad_(False)
        table = torch.cat([tensors[f"{STACK}embed_tokens.{k}.weight"].detach() for k in books]).to(self.dtype)
        self.register_buffer("embedding", table)
        self.register_buffer("positions", sinusoids(shape.max_positions, shape.hidden_size).to(self.dtype))
        self.register_buffer("codebook_offsets", torch.arange(self.codebooks) * (self.codebook_size + 1))
        self.to(device)

    @classmethod
    def of(cls, model: Any, precision: Precision, device: torch.device) -> Decoder:
        """From transformers' ``MusicgenForConditionalGeneration``."""
        return cls(DecoderShape.of(model.config.to_dict()), model.state_dict(), precision, device)

    @property
    def device(self) -> torch.device:
        """Where the buffers live."""
        return self.embedding.device

    @property
    def start_token(self) -> int:
        """The id that stands for «nothing yet»: beginning of the stream, and the delay pattern's triangle."""
        return self.codebook_size

    def new_cache(self, rows: int, window: int) -> KeyValueCache:
        """Buffers for ``rows`` sequences of ``window`` columns."""
        head_dim = self.hidden_size // self.heads
        return KeyValueCache(len(self.layers), rows, self.heads, window, head_dim, self.dtype, self.device)

    @torch.inference_mode()
    def read_text(self, states: Tensor, mask: Tensor) -> TextMemory:
        """Turn the text encoder's states ``(B, S, text_width)`` and mask ``(B, S)`` into every layer's keys and values."""
        if self.projection is not None:
            states = self.projection(states.to(self.projection.weight))
        # Padding is zeroed as well as masked, as in the original.
        states = (states * mask[..., None]).to(self.dtype)
        pairs = [layer.text(states) for layer in self.layers]
        keys, values = (torch.stack(x).contiguous() for x in zip(*pairs, strict=True))
        shown = mask.bool()
        # A row without text attends to its zeroed states: softmax over nothing would not be a number, and zeros add nothing.
        shown = shown | ~shown.any(-1, keepdim=True)
        return TextMemory(keys, values, None if bool(shown.all()) else shown[:, None, None])

    def forward(self, tokens: Tensor, rows: int, cache: KeyValueCache, span: Span, memory: TextMemory | None) -> Tensor:
        """Run columns through the stack.

        Args:
            tokens: ``(B, K, T)`` ids, delay pattern applied.
            rows: B, or 2·B with guidance.
            cache: written at ``span.positions``.
            memory: the text of the conditional rows, or None for no text.

        Returns:
            The residual after the last layer, ``(rows, T, hidden)``.
        """
        batch = tokens.shape[0]
        embedded = self.embedding[tokens + self.codebook_offsets[None, :, None]].sum(1)
        hidden = embedded + self.positions[span.positions]
        hidden = hidden.repeat(rows // batch, 1, 1)
        for layer in self.layers:
            hidden = layer(hidden, cache, span, memory)
        return hidden

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of the next column from a residual's last one, ``(rows, T, hidden)`` → ``(rows, K, V)`` float32."""
        last = self.final_norm(hidden[:, -1])
        scores = self.head(last).float()
        if self.precision is Precision.INT8:  # its matrices make numbers of what is none; an accident must be seen
            scores += 0.0 * last.sum(-1, keepdim=True)
        return scores.view(-1, self.codebooks, self.codebook_size)
