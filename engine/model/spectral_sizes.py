"""Sizes of Pocket's codec, and what its configuration says of them. Free of torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from engine.errors import CheckpointError
from engine.model.shapes import MAX_SIZE

HOPS_PER_WINDOW = 4
HOPS_PER_TOKEN = 2


@dataclass(kw_only=True)
class SpectralSizes:
    """Sizes of the codec.

    Attributes:
        sampling_rate: samples per second; must be a multiple of 100 (one analysis hop is 10 ms).
        hidden_size: width of the ConvNeXt blocks.
        expansion: width of a block's inner layer, in multiples of ``hidden_size``.
        encoder_layers, decoder_layers: number of blocks on each side.
        kernel_size: frames that a block's depthwise convolution sees, all of them in the past.
        num_quantizers, codebook_size, codebook_dim: the residual quantiser (K codebooks of V entries of D values).
    """

    model_type: ClassVar[str] = "segue_spectral"

    sampling_rate: int = 24_000
    audio_channels: int = 1
    hidden_size: int = 256
    expansion: int = 3
    encoder_layers: int = 4
    decoder_layers: int = 6
    kernel_size: int = 7
    latent_size: int = 128
    num_quantizers: int = 4
    codebook_size: int = 1024
    codebook_dim: int = 16

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> SpectralSizes:
        """From ``config.json``'s section «audio_encoder»; what is not a size is left aside.

        Raises:
            CheckpointError: sizes that are none.
        """
        sizes = cls(**{field.name: config[field.name] for field in fields(cls) if field.name in config})
        wrong = next((x for x in vars(sizes).values() if not isinstance(x, int) or not 1 <= x <= MAX_SIZE), None)
        if wrong is not None or sizes.sampling_rate % 100:
            raise CheckpointError("the codec's configuration is damaged: download the model again")
        return sizes

    @property
    def analysis_hop(self) -> int:
        """Samples between two analysis frames (10 ms)."""
        return self.sampling_rate // 100

    @property
    def hop_length(self) -> int:
        """Samples per token frame (20 ms)."""
        return self.analysis_hop * HOPS_PER_TOKEN

    @property
    def frame_rate(self) -> int:
        """Token frames per second."""
        return math.ceil(self.sampling_rate / self.hop_length)

    @property
    def window_length(self) -> int:
        """Samples of one analysis window (40 ms)."""
        return self.analysis_hop * HOPS_PER_WINDOW
