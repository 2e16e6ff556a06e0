"""Number formats that weights are held in. Torch-free, so that menus can list them."""

from __future__ import annotations

from enum import StrEnum


class Precision(StrEnum):
    """How the decoder's weights are kept; activations on a CPU are always fp32."""

    FP32 = "fp32"
    INT8 = "int8"  # CPU: per-channel weights, activations quantised on the fly
    FP16 = "fp16"
    BF16 = "bf16"
