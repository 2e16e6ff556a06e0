"""Pocket's codec: causal ConvNeXt blocks at the frame rate around a residual quantiser, with an inverse-STFT head.

Every layer runs at 100 frames a second, so that a CPU core has time to spare (Vocos, arXiv 2306.00814, is the model of
the head). One token frame (20 ms) is two analysis frames of 10 ms. Analysis frame ``i`` looks at the 40 ms that end
with hop ``i``; decoded frame ``i`` is overlap-added over the same span, so the sample at a hop is final three hops (30
ms) later: that is the whole lookahead.

Free of transformers, which takes longer to load than Pocket takes to sound; :mod:`engine.model.spectral` dresses the same
layers as one of its models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.errors import CheckpointError
from engine.model.spectral_sizes import HOPS_PER_TOKEN, SpectralSizes

# Magnitudes are raised to this power before the encoder sees them, which brings quiet partials within reach.
COMPRESSION = 0.3
# exp() of the head's log-magnitude is bounded: no code sequence may produce an unbounded frame.
MAX_LOG_MAGNITUDE = 6.0


class ConvNextBlock(nn.Module):
    """Depthwise causal convolution, layer norm, two linear layers, residual. ``(B, T, hidden)`` in and out."""

    def __init__(self, config: SpectralSizes) -> None:
        super().__init__()
        width = config.hidden_size
        self.history_frames = config.kernel_size - 1
        self.depthwise = nn.Conv1d(width, width, config.kernel_size, groups=width)
        self.norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, config.expansion * width)
        self.contract = nn.Linear(config.expansion * width, width)
        self.scale = nn.Parameter(torch.full((width,), 0.3))

    def forward(self, x: Tensor, history: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the output and the history to hand in with the next chunk, ``(B, kernel - 1, hidden)``."""
        padded = torch.cat([history, x], dim=1)
        mixed = self.depthwise(padded.transpose(1, 2)).transpose(1, 2)
        y = x + self.scale * self.contract(F.gelu(self.expand(self.norm(mixed))))
        return y, padded[:, padded.shape[1] - self.history_frames :]


class ConvNextStack(nn.Module):
    """A run of blocks with the history that makes chunked calls equal to one long call."""

    def __init__(self, config: SpectralSizes, layers: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(ConvNextBlock(config) for _ in range(layers))
        self.history_shape = (config.kernel_size - 1, config.hidden_size)

    def start(self, batch: int, like: Tensor) -> list[Tensor]:
        """The silent history before the first frame."""
        return [like.new_zeros(batch, *self.history_shape) for _ in self.blocks]

    def forward(self, x: Tensor, history: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        carried = []
        for block, past in zip(self.blocks, history, strict=True):
            x, past = block(x, past)
            carried.append(past)
        return x, carried


class ResidualQuantizer(nn.Module):
    """K codebooks, each looked up in a small projection of what the earlier ones left (as in DAC, arXiv 2306.06546)."""

    codebooks: Tensor

    def __init__(self, config: SpectralSizes) -> None:
        super().__init__()
        levels, size, dim = config.num_quantizers, config.codebook_size, config.codebook_dim
        self.project_in = nn.ModuleList(nn.Linear(config.latent_size, dim) for _ in range(levels))
        self.project_out = nn.ModuleList(nn.Linear(dim, config.latent_size) for _ in range(levels))
        self.register_buffer("codebooks", torch.zeros(levels, size, dim))

    def nearest(self, level: int, projected: Tensor) -> Tensor:
        """Index of the closest entry of codebook ``level``. ``(N, D)`` → ``(N,)``"""
        table = self.codebooks[level]
        # |a-b|² without the term that is the same for every entry
        return (table.pow(2).sum(1) - 2 * projected @ table.t()).argmin(1)

    def encode(self, latent: Tensor) -> Tensor:
        """``(B, T, latent)`` → codes ``(B, K, T)``"""
        batch, frames, _ = latent.shape
        residual, codes = latent.reshape(batch * frames, -1), []
        for level, (down, up) in enumerate(zip(self.project_in, self.project_out, strict=True)):
            index = self.nearest(level, down(residual))
            residual = residual - up(self.codebooks[level][index])
            codes.append(index.view(batch, frames))
        return torch.stack(codes, dim=1)

    def decode(self, codes: Tensor) -> Tensor:
        """Codes ``(B, K, T)`` → ``(B, T, latent)``"""
        parts = [up(self.codebooks[level][codes[:, level]]) for level, up in enumerate(self.project_out)]
        return torch.stack(parts).sum(0)


@dataclass
class SpectralDecoderState:
    """What a chunked decode carries from one call to the next."""

    history: list[Tensor]
    overlap: Tensor  # (B, window - hop): what earlier frames add to the next samples


class SpectralEncoder(nn.Module):
    """Samples ``(B, S)`` → latents ``(B, ceil(S / hop), latent)``. Causal: a prefix gives a prefix."""

    window: Tensor

    def __init__(self, config: SpectralSizes) -> None:
        super().__init__()
        self.config = config
        bins = config.window_length // 2 + 1
        self.embed = nn.Linear(2 * bins, config.hidden_size)
        self.stack = ConvNextStack(config, config.encoder_layers)
        self.project = nn.Linear(HOPS_PER_TOKEN * config.hidden_size, config.latent_size)
        self.register_buffer("window", self.make_window(), persistent=False)

    def make_window(self) -> Tensor:
        """The analysis window, ``(window,)``."""
        return torch.hann_window(self.config.window_length, device="cpu")  # on meta it takes the compiler seconds

    def forward(self, samples: Tensor) -> Tensor:
        config = self.config
        hop, window = config.analysis_hop, config.window_length
        tokens = -(-samples.shape[-1] // config.hop_length)
        padded = F.pad(samples, (window - hop, tokens * config.hop_length - samples.shape[-1]))
        # Not torch.stft: the same frames as a matmul-friendly unfold, and half precision stays possible elsewhere.
        frames = padded.float().unfold(-1, window, hop) * self.window
        spectrum = torch.fft.rfft(frames)
        magnitude = spectrum.abs().clamp(min=1e-5)
        compressed = spectrum * magnitude.pow(COMPRESSION - 1)
        features = torch.cat([compressed.real, compressed.imag], -1).to(self.embed.weight.dtype)
        hidden, _ = self.stack(self.embed(features), self.stack.start(samples.shape[0], features))
        return self.project(hidden.reshape(samples.shape[0], tokens, -1))


class SpectralDecoder(nn.Module):
    """Latents to samples through magnitude and phase of short frames, overlap-added."""

    window: Tensor

    def __init__(self, config: SpectralSizes) -> None:
        super().__init__()
        self.config = config
        self.bins = config.window_length // 2 + 1
        self.expand = nn.Linear(config.latent_size, HOPS_PER_TOKEN * config.hidden_size)
        self.stack = ConvNextStack(config, config.decoder_layers)
        self.norm = nn.LayerNorm(config.hidden_size)
        self.head = nn.Linear(config.hidden_size, 2 * self.bins)
        self.register_buffer("window", self.make_window(), persistent=False)

    def make_window(self) -> Tensor:
        """The synthesis window, ``(window,)``: Hann at analysis and again here sums to 1.5 at four hops a window."""
        return torch.hann_window(self.config.window_length, device="cpu") / 1.5

    def start(self, batch: int) -> SpectralDecoderState:
        """State before the first token."""
        like = self.expand.weight
        overlap = torch.zeros(batch, self.config.window_length - self.config.analysis_hop, device=like.device)
        return SpectralDecoderState(self.stack.start(batch, like), overlap)

    def forward(self, latent: Tensor, state: SpectralDecoderState) -> tuple[Tensor, SpectralDecoderState]:
        """``(B, T, latent)`` → final samples ``(B, T * hop)``, which lie three analysis hops behind the tokens."""
        batch, tokens, _ = latent.shape
        hop, window = self.config.analysis_hop, self.config.window_length
        hidden, history = self.stack(self.expand(latent).reshape(batch, tokens * HOPS_PER_TOKEN, -1), state.history)
        out = self.head(self.norm(hidden)).float()
        magnitude = out[..., : self.bins].clamp(max=MAX_LOG_MAGNITUDE).exp()
        frames = torch.fft.irfft(torch.polar(magnitude, 3.0 * out[..., self.bins :]), n=window) * self.window
        length = (frames.shape[1] - 1) * hop + window
        summed = F.fold(frames.transpose(1, 2), (1, length), (1, window), stride=(1, hop))[:, 0, 0]
        overlap = window - hop
        summed = torch.cat([summed[:, :overlap] + state.overlap, summed[:, overlap:]], dim=1)
        final = frames.shape[1] * hop
        return summed[:, :final], SpectralDecoderState(history, summed[:, final:])


class SpectralParts(Protocol):
    """The codec whole, as :class:`SpectralLayers` or as transformers' kind of model."""

    encoder: SpectralEncoder
    quantizer: ResidualQuantizer
    decoder: SpectralDecoder


class SpectralLayers(nn.Module):
    """The codec whole, under the names that its checkpoints use."""

    def __init__(self, config: SpectralSizes) -> None:
        super().__init__()
        self.config = config
        self.encoder = SpectralEncoder(config)
        self.quantizer = ResidualQuantizer(config)
        self.decoder = SpectralDecoder(config)

    @classmethod
    def load(cls, sizes: SpectralSizes, tensors: Mapping[str, Tensor]) -> SpectralLayers:
        """Over copies of ``tensors``, named as in a state dict.

        Raises:
            CheckpointError: some are missing or have other shapes.
        """
        if max(sizes.encoder_layers, sizes.decoder_layers, sizes.num_quantizers) > len(tensors):
            raise CheckpointError("the codec has fewer layers than its configuration says: download the model again")
        with torch.device("meta"):  # shapes alone: a foreign configuration may ask for more memory than there is
            own = cls(sizes).state_dict()
        unfit = [name for name in own if name not in tensors or own[name].shape != tensors[name].shape]
        if unfit:
            problem = f"the codec's {unfit[0]} is missing or has another shape than the configuration says"
            raise CheckpointError(f"{problem}: download the model again")
        layers = cls(sizes)
        layers.load_state_dict({name: tensors[name] for name in own})
        return layers.eval().requires_grad_(False)


def encode(codec: SpectralParts, samples: Tensor) -> Tensor:
    """Samples ``(B, S)`` → codes ``(B, K, T)``"""
    return codec.quantizer.encode(codec.encoder(samples))


def decode(codec: SpectralParts, codes: Tensor) -> Tensor:
    """Codes ``(B, K, T)`` → samples ``(B, T * hop)``, all at once; the last 30 ms fade with the last windows."""
    latent = codec.quantizer.decode(codes)
    samples, state = codec.decoder(latent, codec.decoder.start(latent.shape[0]))
    # The first three analysis hops lie before time zero; the windows still open at the end stand in their place.
    return torch.cat([samples, state.overlap], dim=1)[:, state.overlap.shape[1] :]
