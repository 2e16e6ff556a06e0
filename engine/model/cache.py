"""Fixed buffers of one window: keys and values of self-attention, and of the text."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


class KeyValueCache:
    """Self-attention keys and values of every layer, ``(rows, heads, window, head_dim)`` each, allocated once."""

    def __init__(
        self, layers: int, rows: int, heads: int, window: int, head_dim: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        shape = (layers, rows, heads, window, head_dim)
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)

    def copy_from(self, other: KeyValueCache, columns: int) -> None:
        """Take over the first ``columns`` of another cache in place: what a captured graph reads keeps its address."""
        self.keys[:, :, :, :columns].copy_(other.keys[:, :, :, :columns])
        self.values[:, :, :, :columns].copy_(other.values[:, :, :, :columns])

    def clear(self, first: int = 0) -> None:
        """Zero the columns from ``first`` on: a masked one still counts as nothing times what it holds."""
        self.keys[:, :, :, first:].zero_()
        self.values[:, :, :, first:].zero_()


@dataclass(frozen=True)
class Span:
    """Where a call's columns stand in the cache, and what they may look at.

    Attributes:
        positions: index of each column in the window, ``(T,)``.
        length: how many cached columns take part in attention, from the first.
        mask: ``(T, length)``, bool and True where a column may look, or in the decoder's format and added to the scores;
            None if all may.
    """

    positions: Tensor
    length: int
    mask: Tensor | None

    @classmethod
    def of(cls, first: int, count: int, device: torch.device) -> Span:
        """``count`` columns from position ``first`` on, each looking at itself and all before it."""
        positions = torch.arange(first, first + count, device=device)
        length = first + count
        if count == 1:
            return cls(positions, length, None)
        return cls(positions, length, torch.arange(length, device=device)[None] <= positions[:, None])


@dataclass(frozen=True)
class TextMemory:
    """Keys and values of the text for every layer's cross-attention, computed once per prompt.

    Only conditional rows have them: the unconditional row's text is zeros, its values are zeros (there is no bias), and so is
    what it adds. ``keys`` and ``values`` are ``(layers, B, heads, S, head_dim)``; ``mask`` is ``(B, 1, 1, S)`` and, as a
    span's, of truths or added to the scores, or None.
    """

    keys: Tensor
    values: Tensor
    mask: Tensor | None
