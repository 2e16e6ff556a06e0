"""The decoder's bias-free matrices in the number format that the device likes."""

from __future__ import annotations

import warnings

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.model.precision import Precision

TORCH_DTYPE = {
    Precision.FP32: torch.float32,
    Precision.INT8: torch.float32,
    Precision.FP16: torch.float16,
    Precision.BF16: torch.bfloat16,
}


class PackedLinear(nn.Module):
    """``x @ weight.T`` in one of the formats of :class:`Precision`.

    On a CPU the step is bound by the bytes of the weights, so int8 is what buys speed there (fbgemm: per-channel weights,
    per-call scale of the activations).
    """

    def __init__(self, weight: Tensor, precision: Precision) -> None:
        super().__init__()
        self.out_features, self.in_features = weight.shape
        self._packed: object | None = None
        self.weight: Tensor | None = None
        if precision is Precision.INT8:
            wide = weight.detach().float()
            scale = wide.abs().amax(1).clamp(min=1e-12) / 127
            zero = torch.zeros_like(scale, dtype=torch.long)
            with warnings.catch_warnings():
                # Deprecated without a successor that is as fast at one row; the version of torch is pinned.
                warnings.filterwarnings("ignore", message="torch.quantize_per_tensor")
                quantized = torch.quantize_per_channel(wide, scale.double(), zero, 0, torch.qint8)
            self._packed = torch.ops.quantized.linear_prepack(quantized, None)
        else:
            self.weight = nn.Parameter(
                weight.detach().to(TORCH_DTYPE[precision]).contiguous().clone(), requires_grad=False
            )

    def forward(self, x: Tensor) -> Tensor:
        """``(..., in)`` → ``(..., out)``"""
        if self.weight is not None:
            return F.linear(x, self.weight)
        # reduce_range halves the activations' range: without VNNI, AVX2's 16-bit sums would saturate.
        try:
            return torch.ops.quantized.linear_dynamic(x, self._packed, True)
        except RuntimeError:
            if x.isfinite().all():
                raise
            # One scale serves all rows, and none fits what is not a number. As in any other format that spoils its own row.
            clean = torch.nan_to_num(x, nan=0.0, posinf=0.0, neginf=0.0)
            return torch.ops.quantized.linear_dynamic(clean, self._packed, True) + 0.0 * x.sum(-1, keepdim=True)
