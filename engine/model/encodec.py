"""EnCodec (arXiv 2210.13438) as an exact stream: convolution tails, overlaps and LSTM state are carried between chunks.

Decoding windows without state is not exact, since the LSTM remembers. The 32 kHz model's convolutions look ahead: a
sample is final 2402 samples (75.06 ms) after its codes. A causal EnCodec holds nothing back, except that padding by
reflection makes it wait for its first seven frames.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import EncodecModel

from engine.errors import CheckpointError
from engine.model.channels import check_prompt, join_channels, split_channels
from engine.model.streaming import stages_of


class EncodecStream:
    """Streams a mono ``EncodecModel``, once per channel; see :class:`engine.model.codec.Codec`.

    Args:
        model: transformers' ``EncodecModel``; kept for encoding and as the oracle, and made float32.
        channels: 1, or 2 for a pair with interleaved codebooks.

    Raises:
        CheckpointError: the model normalises over time or loudness, or works in overlapping chunks.
    """

    def __init__(self, model: EncodecModel, channels: int = 1) -> None:
        config = model.config
        if config.norm_type != "weight_norm" or config.normalize or config.chunk_length_s or config.audio_channels != 1:
            raise CheckpointError(
                "only a mono EnCodec without loudness scaling or chunks can be streamed: use MusicGen's"
            )
        self._model: Any = model.float().eval()
        self.sample_rate_hz: int = config.sampling_rate
        self.channels = channels
        self.codebooks: int = config.num_quantizers * channels
        self.codebook_size: int = config.codebook_size
        self.hop_samples: int = config.hop_length
        self._bandwidth: float = config.target_bandwidths[-1]
        quantizer: Any = model.quantizer
        tables = [layer.codebook.embed.detach() for layer in quantizer.layers]
        self._table = torch.cat(tables)  # (K * V, D)
        self._offsets = torch.arange(len(tables), device=self._table.device)[:, None] * self.codebook_size
        self._stages = stages_of(model.decoder, channels)
        self.lookahead_samples = 0
        for stage in self._stages:
            self.lookahead_samples = self.lookahead_samples * stage.stride + stage.lag
        self._fed = False

    @torch.no_grad()
    def encode(self, samples: Tensor) -> Tensor:
        """Samples ``(C, S)`` → codes ``(K, T)``."""
        check_prompt(samples, self.channels)
        encoded = self._model.encode(samples[:, None].to(self._table), bandwidth=self._bandwidth)
        return join_channels(encoded.audio_codes[0])

    @torch.inference_mode()
    def decode(self, codes: Tensor) -> Tensor:
        """Codes ``(K, T)`` → the samples ``(C, n)`` that are final now."""
        assert codes.shape[0] == self.codebooks, f"expected {self.codebooks} codebooks, got {tuple(codes.shape)}"
        if codes.shape[1] == 0:
            return self._table.new_empty(self.channels, 0)
        self._fed = True
        streams = split_channels(codes.to(self._table.device), self.channels)
        return self._run(self._table[streams + self._offsets].sum(1), last=False)

    @torch.inference_mode()
    def flush(self) -> Tensor:
        """What is still inside, ``(C, n)``; the next :meth:`decode` begins a new stream."""
        nothing = self._table.new_empty(self.channels, 0, self._table.shape[1])
        rest = self._run(nothing, last=True) if self._fed else nothing[:, :, 0]
        self.reset()
        return rest

    @torch.inference_mode()
    def reset(self) -> None:
        """Begin a new stream."""
        self._fed = False
        for stage in self._stages:
            stage.reset()

    @torch.no_grad()
    def full_decode(self, codes: Tensor) -> Tensor:
        """Codes ``(K, T)`` → ``(C, T * hop)`` by ``EncodecModel.decode``."""
        streams = split_channels(codes.to(self._table.device), self.channels)
        return self._model.decode(streams[None], [None]).audio_values[:, 0]

    def _run(self, x: Tensor, last: bool) -> Tensor:
        for stage in self._stages:
            x = stage(x, last)
        return x[:, :, 0]
