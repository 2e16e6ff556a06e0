"""Pocket's codec as a stream: the decoder carries its own state; only the time before zero has to be left out."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.model.channels import check_prompt, join_channels, split_channels
from engine.model.spectral_layers import SpectralDecoderState, SpectralLayers, decode, encode
from engine.model.spectral_sizes import HOPS_PER_WINDOW


class SpectralStream:
    """Streams the spectral codec; see :class:`engine.model.codec.Codec`.

    Args:
        model: the layers, or transformers' kind of model around them; made float32.
        channels: 1, or 2 for a pair with interleaved codebooks.
    """

    def __init__(self, model: SpectralLayers, channels: int = 1) -> None:
        config = model.config
        self._model = model.float().eval()
        self._state: SpectralDecoderState
        self.sample_rate_hz: int = config.sampling_rate
        self.channels = channels
        self.codebooks: int = config.num_quantizers * channels
        self.codebook_size: int = config.codebook_size
        self.hop_samples: int = config.hop_length
        self.lookahead_samples: int = (HOPS_PER_WINDOW - 1) * config.analysis_hop
        self.reset()

    @torch.no_grad()
    def encode(self, samples: Tensor) -> Tensor:
        """Samples ``(C, S)`` → codes ``(K, T)``."""
        check_prompt(samples, self.channels)
        return join_channels(encode(self._model, samples.to(self._device).float()))

    @torch.inference_mode()
    def decode(self, codes: Tensor) -> Tensor:
        """Codes ``(K, T)`` → the samples ``(C, n)`` that are final now."""
        assert codes.shape[0] == self.codebooks, f"expected {self.codebooks} codebooks, got {tuple(codes.shape)}"
        if codes.shape[1] == 0:
            return self._state.overlap[:, :0]
        streams = split_channels(codes.to(self._device), self.channels)
        samples, self._state = self._model.decoder(self._model.quantizer.decode(streams), self._state)
        return self._after_zero(samples)

    @torch.inference_mode()
    def flush(self) -> Tensor:
        """The windows still open, ``(C, n)``; the next :meth:`decode` begins a new stream."""
        rest = self._after_zero(self._state.overlap)
        self.reset()
        return rest

    @torch.inference_mode()
    def reset(self) -> None:
        """Begin a new stream."""
        self._state = self._model.decoder.start(self.channels)
        self._before_zero = self.lookahead_samples

    @torch.no_grad()
    def full_decode(self, codes: Tensor) -> Tensor:
        """Codes ``(K, T)`` → ``(C, T * hop)``, all at once."""
        return decode(self._model, split_channels(codes.to(self._device), self.channels))

    @property
    def _device(self) -> torch.device:
        return self._model.quantizer.codebooks.device

    def _after_zero(self, samples: Tensor) -> Tensor:
        """Drop what lies before the stream's first sample."""
        skipped = min(self._before_zero, samples.shape[1])
        self._before_zero -= skipped
        return samples[:, skipped:]
