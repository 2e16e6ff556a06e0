"""T5's encoder (arXiv 1910.10683): from the ids of a prompt to the states that a MusicGen attends to.

Written out because the rest of transformers takes longer to load than Pocket takes to sound. Float32 throughout: T5 overflows
in half precision. Held against transformers' own by tests/engine/model/test_t5.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.shapes import TextShape


def relative_buckets(length: int, buckets: int, max_distance: int, device: torch.device) -> Tensor:
    """Bucket of every pair of positions, ``(length, length)``: half of them for each direction, of these half for a
    distance each, the rest logarithmically wider up to ``max_distance``.
    """
    place = torch.arange(length, device=device)
    offset = place[None, :] - place[:, None]
    distance, one_way = offset.abs(), buckets // 2
    exact = max(1, one_way // 2)
    ratio = torch.log(distance.clamp(min=1).float() / exact) / math.log(max_distance / exact)
    far = (exact + (ratio * (one_way - exact)).long()).clamp(max=one_way - 1)
    return (offset > 0).long() * one_way + torch.where(distance < exact, distance, far)


class T5Encoder:
    """The encoder over float32 copies of its tensors.

    Args:
        shape: sizes.
        tensors: of a MusicGen, by Hugging Face's names, with the shapes of :meth:`TextShape.tensors`.
        device: where it runs.
    """

    def __init__(self, shape: TextShape, tensors: Mapping[str, Tensor], device: torch.device) -> None:
        self.shape, self.device = shape, device
        self._weights = {
            name.removeprefix("text_encoder."): tensors[name].detach().to(device, torch.float32, copy=True)
            for name, _ in shape.tensors()
        }
        # What T5 calls gated-gelu is the approximation by tanh.
        gelu = partial(F.gelu, approximate="tanh" if shape.gated else "none")
        self._activation: Callable[[Tensor], Tensor] = F.relu if shape.activation == "relu" else gelu

    @classmethod
    def of(cls, model: Any, device: torch.device) -> T5Encoder:
        """From transformers' ``MusicgenForConditionalGeneration``."""
        return cls(TextShape.of(model.config.to_dict()), model.state_dict(), device)

    @torch.inference_mode()
    def __call__(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Ids and mask ``(B, S)`` → states ``(B, S, width)``; masked places are seen by nobody."""
        weights, shape = self._weights, self.shape
        x = weights["shared.weight"][ids]
        buckets = relative_buckets(ids.shape[1], shape.buckets, shape.max_distance, self.device)
        bias = weights["encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"][buckets].permute(2, 0, 1)
        bias = bias + torch.where(mask.bool(), 0.0, torch.finfo(torch.float32).min)[:, None, None]  # (B, heads, S, S)
        for index in range(shape.layers):
            attention, feed = (f"encoder.block.{index}.layer.{part}." for part in (0, 1))
            x = x + self._attend(f"{attention}SelfAttention.", self._norm(f"{attention}layer_norm", x), bias)
            x = x + self._feed(f"{feed}DenseReluDense.", self._norm(f"{feed}layer_norm", x))
        return self._norm("encoder.final_layer_norm", x)

    def _norm(self, name: str, x: Tensor) -> Tensor:
        return F.rms_norm(x, (self.shape.width,), self._weights[f"{name}.weight"], self.shape.epsilon)

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, self._weights[f"{name}.weight"])

    def _attend(self, name: str, x: Tensor, bias: Tensor) -> Tensor:
        heads = (self.shape.heads, self.shape.head_width)
        query, key, value = (self._linear(name + part, x).unflatten(-1, heads).transpose(1, 2) for part in "qkv")
        # T5 does not scale its scores.
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=bias, scale=1.0)
        return self._linear(name + "o", attended.transpose(1, 2).flatten(2))

    def _feed(self, name: str, x: Tensor) -> Tensor:
        if self.shape.gated:
            opened = self._activation(self._linear(name + "wi_0", x)) * self._linear(name + "wi_1", x)
        else:
            opened = self._activation(self._linear(name + "wi", x))
        return self._linear(name + "wo", opened)
