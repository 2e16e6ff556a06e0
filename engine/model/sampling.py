"""From guided scores to the next tokens, without asking the device anything.

Temperature, top-k and top-p live in device buffers: turning a knob changes numbers, not the program that a graph captured.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.noise import gumbel

MAX_TOP_K = 256


@dataclass(frozen=True)
class SamplingBuffers:
    """The sampling knobs on the device, each a scalar tensor."""

    guidance: Tensor
    temperature: Tensor
    top_k: Tensor
    top_p: Tensor

    @classmethod
    def on(cls, device: torch.device) -> SamplingBuffers:
        """Neutral values."""
        values = (1.0, 1.0, float(MAX_TOP_K), 1.0)
        return cls(*(torch.tensor(v, dtype=torch.float32, device=device) for v in values))

    def write(self, guidance: float, temperature: float, top_k: int, top_p: float) -> None:
        """Set the knobs for the steps that follow."""
        self.guidance.fill_(guidance)
        self.temperature.fill_(temperature)
        self.top_k.fill_(top_k)
        self.top_p.fill_(top_p)


def guide(logits: Tensor, batch: int, guidance: Tensor) -> tuple[Tensor, Tensor]:
    """Classifier-free guidance over rows ``[conditional; unconditional]``.

    The unconditional rows are never steered. Where the guided scores of a row are not finite, theirs stand in: the music goes
    on without steering and text for a frame.

    Args:
        logits: ``(R, K, V)``, R = B or 2·B.
        guidance: scalar.

    Returns:
        Scores ``(B, K, V)``, and a scalar bool: whether all guided ones were finite.
    """
    if logits.shape[0] == batch:
        return logits, logits.sum().isfinite()
    conditional, unconditional = logits[:batch], logits[batch:]
    guided = unconditional + (conditional - unconditional) * guidance
    healthy = guided.sum((1, 2)).isfinite()  # a sum sees any value that is off, and costs less than a look at each
    return torch.where(healthy[:, None, None], guided, unconditional), healthy.all()


def sample(scores: Tensor, buffers: SamplingBuffers, seeds: Tensor, column: Tensor) -> Tensor:
    """Draw one token per codebook by the Gumbel-max trick.

    ``argmax(s / T + g)`` equals ``argmax(s + T·g)``, so that temperature 0 is greedy with no division and no branch.

    Args:
        scores: guided logits ``(B, K, V)``. Values that are not finite count as the worst.
        seeds, column: see :func:`engine.model.noise.gumbel`.

    Returns:
        Tokens ``(B, K)`` int64.
    """
    values, ids = scores.topk(min(MAX_TOP_K, scores.shape[-1]), dim=-1)
    values = torch.nan_to_num(values, nan=-1e30, posinf=1e30, neginf=-1e30)
    rank = torch.arange(values.shape[-1], device=values.device)
    # Nucleus (Holtzman et al., 2020) on the tempered scores: a token stays while the mass before it is below top_p.
    tempered = torch.softmax(values / buffers.temperature.clamp(min=1e-4), dim=-1)
    before = tempered.cumsum(-1) - tempered
    kept = (rank < buffers.top_k) & ((before < buffers.top_p) | (rank == 0))
    noisy = values + buffers.temperature * gumbel(seeds, column, ids)
    best = noisy.masked_fill(~kept, float("-inf")).argmax(-1, keepdim=True)
    return ids.gather(-1, best)[..., 0]
