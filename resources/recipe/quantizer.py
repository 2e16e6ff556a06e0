"""Training of the codec's residual quantiser: initialised from data, moved by averages, dead entries revived."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.model.spectral_layers import ResidualQuantizer

DECAY = 0.99
# An entry chosen less often than this (moving average of uses a batch) is dead and starts again from a current vector.
DEAD_USES = 0.05


@dataclass
class Quantized:
    """Result of a training pass: the straight-through latent, the commitment loss, distinct entries used per level."""

    latent: Tensor  # (B, T, latent)
    commitment: Tensor  # scalar
    distinct: list[int]


def _kmeans(points: Tensor, size: int, iterations: int, generator: torch.Generator) -> Tensor:
    """Plain k-means on ``(N, D)``, empty clusters restarted from random points."""
    centres = points[torch.randperm(len(points), generator=generator)[:size]].clone()
    for _ in range(iterations):
        nearest = torch.cdist(points, centres).argmin(1)
        counts = torch.bincount(nearest, minlength=size).to(points.dtype)
        sums = torch.zeros_like(centres).index_add_(0, nearest, points)
        spare = points[torch.randint(len(points), (size,), generator=generator)]
        centres = torch.where(counts[:, None] > 0, sums / counts.clamp(min=1)[:, None], spare)
    return centres


class QuantizerTrainer:
    """Owns the moving averages behind ``quantizer.codebooks``; the projections learn by gradient like any layer."""

    def __init__(self, quantizer: ResidualQuantizer, seed: int = 0) -> None:
        self.quantizer = quantizer
        levels, size, _ = quantizer.codebooks.shape
        self.uses = torch.ones(levels, size, device=quantizer.codebooks.device)
        self.sums = quantizer.codebooks.clone()
        self._generator = torch.Generator().manual_seed(seed)

    @torch.no_grad()
    def initialise(self, latent: Tensor) -> None:
        """Level by level, from ``(N, latent)``, N ≥ V: project on the residual's principal axes, then k-means."""
        quantizer = self.quantizer
        residual = latent.float()
        for level, (down, up) in enumerate(zip(quantizer.project_in, quantizer.project_out, strict=True)):
            assert isinstance(down, nn.Linear)
            assert isinstance(up, nn.Linear)
            mean = residual.mean(0)
            _, spread, axes = torch.pca_lowrank(residual - mean, q=down.out_features, center=False)
            # One common scale: the axes keep their relative weight, as k-means wants.
            scale = spread[0] / len(residual) ** 0.5
            down.weight.copy_(axes.t() / scale)
            down.bias.copy_(-(mean @ axes) / scale)
            up.weight.copy_(axes * scale)
            up.bias.copy_(mean)
            projected = down(residual)
            centres = _kmeans(projected.cpu(), quantizer.codebooks.shape[1], 12, self._generator)
            quantizer.codebooks[level] = centres.to(projected.device)
            residual = residual - up(quantizer.codebooks[level][quantizer.nearest(level, projected)])
        self.uses.fill_(1.0)
        self.sums.copy_(quantizer.codebooks)

    def __call__(self, latent: Tensor) -> Quantized:
        """Quantise ``(B, T, latent)`` with straight-through gradients, and move the codebooks if gradients are on."""
        quantizer = self.quantizer
        flat = latent.reshape(-1, latent.shape[-1])
        residual, total = flat, torch.zeros_like(flat)
        commitment, distinct = flat.new_zeros(()), []
        for level, (down, up) in enumerate(zip(quantizer.project_in, quantizer.project_out, strict=True)):
            projected = down(residual)
            index = quantizer.nearest(level, projected.detach())
            # A copy: the averages below write into the table that backward would otherwise read.
            entry = quantizer.codebooks[level][index].clone()
            commitment = commitment + F.mse_loss(projected, entry)
            contribution = up(projected + (entry - projected).detach())
            total = total + contribution
            residual = residual - contribution.detach()
            distinct.append(int(index.unique().numel()))
            if torch.is_grad_enabled():
                self._move(level, projected.detach(), index)
        return Quantized(total.reshape(latent.shape), commitment / len(distinct), distinct)

    @torch.no_grad()
    def _move(self, level: int, projected: Tensor, index: Tensor) -> None:
        table = self.quantizer.codebooks[level]
        uses, sums = self.uses[level], self.sums[level]
        uses.mul_(DECAY).add_(torch.bincount(index, minlength=len(table)), alpha=1 - DECAY)
        sums.mul_(DECAY).add_(torch.zeros_like(table).index_add_(0, index, projected), alpha=1 - DECAY)
        dead = (uses < DEAD_USES).nonzero()[:, 0]
        if len(dead):
            picks = projected[torch.randint(len(projected), (len(dead),), generator=self._generator).to(dead.device)]
            sums[dead], uses[dead] = picks * 0.5, 0.5
        table.copy_(sums / uses[:, None])

    def state(self) -> dict[str, Tensor]:
        """Tensors to resume from."""
        return {"quantizer.uses": self.uses, "quantizer.sums": self.sums}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Take up the averages that :meth:`state` gave."""
        self.uses.copy_(state["quantizer.uses"])
        self.sums.copy_(state["quantizer.sums"])
