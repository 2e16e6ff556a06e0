"""The codec's reconstruction loss: magnitudes and phases of short spectra.

A loss on magnitudes alone teaches rhythm without pitch: noise shaped like music. The complex term is what makes tones
appear.
"""

from __future__ import annotations

import math
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

WINDOWS = (2048, 1024, 512, 128)
FLOOR = 3e-3


@cache
def _hann(length: int, device: torch.device) -> Tensor:
    return torch.hann_window(length, device=device)


def _spectrum(x: Tensor, window: int) -> Tensor:
    return torch.stft(x, window, window // 4, window=_hann(window, x.device), return_complex=True) / math.sqrt(window)


def spectral_losses(output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Mean over :data:`WINDOWS` of (log-magnitude L1 + spectral convergence) and of the relative complex L1.

    Args:
        output, target: samples ``(B, S)``.
    """
    magnitude, phase = output.new_zeros(()), output.new_zeros(())
    for window in WINDOWS:
        ours, theirs = _spectrum(output, window), _spectrum(target, window)
        # abs() has no gradient at zero: a hair of power keeps it finite
        a, b = (ours.real.square() + ours.imag.square() + 1e-12).sqrt(), theirs.abs()
        magnitude = magnitude + F.l1_loss((a + FLOOR).log(), (b + FLOOR).log()) + (a - b).norm() / (b.norm() + 1e-5)
        difference = ours - theirs
        distance = (difference.real.square() + difference.imag.square() + 1e-12).sqrt()
        phase = phase + distance.mean() / (b.mean() + 1e-5)
    return magnitude / len(WINDOWS), phase / len(WINDOWS)


def si_sdr_db(output: Tensor, target: Tensor) -> Tensor:
    """Scale-invariant signal-to-distortion ratio per row of ``(B, S)``, in dB (Le Roux et al., 2019)."""
    scale = (output * target).sum(-1, keepdim=True) / target.square().sum(-1, keepdim=True).clamp(min=1e-8)
    wanted = scale * target
    return 10 * torch.log10(wanted.square().sum(-1) / (output - wanted).square().sum(-1).clamp(min=1e-10))
