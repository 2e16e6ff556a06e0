"""The whole model as transformers builds it: what tests and bench hold the engine against, and never what plays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import MusicgenForConditionalGeneration

import engine.model.spectral  # noqa: F401  registers Pocket's codec with transformers
from engine.model.quiet import quiet_transformers


def load_oracle(folder: Path) -> MusicgenForConditionalGeneration:
    """The MusicGen in ``folder``, in evaluation mode, float32, on the CPU."""
    with quiet_transformers():
        model: Any = MusicgenForConditionalGeneration.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
    return model.eval().requires_grad_(False)
