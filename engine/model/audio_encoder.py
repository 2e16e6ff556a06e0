"""A checkpoint's codec as a module, built from its configuration and tensors."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.errors import CheckpointError
from engine.model.spectral_layers import SpectralLayers
from engine.model.spectral_sizes import SpectralSizes

# Of EnCodec's quantiser, used in training only.
TRAINING_ONLY = (".inited", ".cluster_size", ".embed_avg")


def build_audio_encoder(config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> nn.Module:
    """The codec in evaluation mode, float32, on the CPU.

    Args:
        config: ``config.json``'s section «audio_encoder».
        tensors: the codec's own, named as in its state dict.

    Raises:
        CheckpointError: the configuration is damaged, or tensors are missing or have other shapes.
    """
    if config.get("model_type") == SpectralSizes.model_type:
        return SpectralLayers.load(SpectralSizes.of(config), tensors)
    return _build_encodec(config, tensors)


def _build_encodec(config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> nn.Module:
    from transformers import EncodecConfig, EncodecModel  # takes seconds to load, and Pocket needs none of it

    from engine.model.quiet import quiet_transformers

    try:
        with quiet_transformers():
            loaded: Any = EncodecModel.from_pretrained(
                None,
                config=EncodecConfig(**config),
                state_dict=dict(tensors),
                dtype=torch.float32,
                output_loading_info=True,
            )
    except Exception as error:  # what foreign files do to transformers has no common type
        logging.getLogger(__name__).warning("cannot build the codec", exc_info=True)
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise CheckpointError(f"the codec does not load ({reason[0]}): download the model again") from error
    model, found = loaded
    missing = sorted(name for name in found["missing_keys"] if not name.endswith(TRAINING_ONLY))
    if missing:
        raise CheckpointError(
            f"the codec lacks {len(missing)} of its tensors ({missing[0]} …): download the model again"
        )
    return model.eval().requires_grad_(False)
