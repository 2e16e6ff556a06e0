"""Randomness by counter: the noise of a choice depends on seed, frame, codebook and token alone.

A generator with hidden state would tie the music to how the work was cut up. Here one seed gives the same tokens however
often the stream was paused, chunked or re-rendered, and a captured graph needs no generator of its own.
"""

from __future__ import annotations

import torch
from torch import Tensor

_MASK = 0xFFFFFFFF


def _mix(x: Tensor) -> Tensor:
    """A 32-bit finaliser (Wellons' lowbias32) on int64 lanes."""
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & _MASK
    x = ((x ^ (x >> 15)) * 0x846CA68B) & _MASK
    return x ^ (x >> 16)


def gumbel(seeds: Tensor, column: Tensor, candidates: Tensor) -> Tensor:
    """Standard Gumbel noise for every candidate token.

    Args:
        seeds: ``(B,)`` int64, one per sequence.
        column: scalar int64, the step's number in the stream.
        candidates: ``(B, K, C)`` int64 token ids; the noise goes with the id, not with its rank.

    Returns:
        ``(B, K, C)`` float32.
    """
    books = torch.arange(candidates.shape[1], device=candidates.device)
    lane = _mix(_mix((seeds + (seeds >> 32) * 0x9E3779B1) & _MASK)[:, None] ^ _mix((column * 64 + books) & _MASK))
    bits = _mix(lane[..., None] ^ _mix(candidates + 1))
    # 24 bits and a half step: strictly inside (0, 1), exactly representable in float32
    uniform = ((bits >> 8).to(torch.float32) + 0.5) * (1.0 / (1 << 24))
    return -(-uniform.log()).log()
