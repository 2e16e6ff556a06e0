"""The delay pattern: codebook k of frame f stands in column f + 1 + delay(k); column 0 is the start token.

MusicGen (arXiv 2306.05284), section 2.2. In stereo, left and right codebooks alternate and share a delay.
"""

from __future__ import annotations

import torch
from torch import Tensor


class DelayPattern:
    """Turns frames into columns and back.

    Args:
        codebooks: K.
        channels: 1, or 2 for the interleaved stereo layout.
        start_token: the id for places with no frame.
    """

    def __init__(self, codebooks: int, channels: int, start_token: int) -> None:
        self.codebooks, self.start_token = codebooks, start_token
        self.delays = tuple(k // channels for k in range(codebooks))

    @property
    def span(self) -> int:
        """Columns between a frame's first and last codebook."""
        return self.delays[-1]

    def columns(self, frames: Tensor) -> Tensor:
        """Frames ``(B, K, T)`` → columns ``(B, K, T + 1 + span)``: the start column, all frames, both triangles filled."""
        batch, books, count = frames.shape
        out = frames.new_full((batch, books, count + 1 + self.span), self.start_token)
        for book, delay in enumerate(self.delays):
            out[:, book, 1 + delay : 1 + delay + count] = frames[:, book]
        return out

    def frames(self, columns: Tensor) -> Tensor:
        """Columns ``(B, K, C)``, the first being a start column → the whole frames in them, ``(B, K, C - 1 - span)``."""
        count = columns.shape[-1] - 1 - self.span
        rows = [columns[:, book, 1 + delay : 1 + delay + count] for book, delay in enumerate(self.delays)]
        return torch.stack(rows, dim=1)

    def hide_before(self, columns: Tensor, first: int) -> Tensor:
        """A copy of columns ``first…`` in which frames before frame ``first`` are start tokens.

        What a stream looks like that begins at that frame: its first column is a start column, and its triangle is empty.
        """
        out = columns[:, :, first:].clone()
        for book, delay in enumerate(self.delays):
            out[:, book, : 1 + delay] = self.start_token
        return out
