"""The codec as the engine sees it: codes in, samples out, a little later."""

from __future__ import annotations

from typing import Any, Protocol

from torch import Tensor

from engine.errors import CheckpointError


class Codec(Protocol):
    """A stateful decoder of one endless stream, and the encoder for audio prompts. Owned by one thread; always float32.

    Attributes:
        sample_rate_hz: of the samples, in and out.
        channels: C, 1 or 2.
        codebooks: K, of all channels together.
        codebook_size: V; codes lie in 0 … V - 1.
        hop_samples: samples that one frame of codes stands for.
        lookahead_samples: how far decoded samples lie behind the codes fed, once the stream is under way. At its very
            start a codec may hold back more, and catches up.
    """

    sample_rate_hz: int
    channels: int
    codebooks: int
    codebook_size: int
    hop_samples: int
    lookahead_samples: int

    def encode(self, samples: Tensor) -> Tensor:
        """Samples ``(C, S)`` → codes ``(K, T)`` int64. Stateless.

        Raises:
            AudioFileError: no samples, or another number of channels.
        """

    def decode(self, codes: Tensor) -> Tensor:
        """Codes ``(K, T)`` → the samples ``(C, n)`` that are final now; n may be 0 at the start of a stream."""

    def flush(self) -> Tensor:
        """What is still inside, ``(C, n)``. Ends the stream: the next :meth:`decode` begins a new one."""

    def reset(self) -> None:
        """Begin a new stream, dropping what is still inside."""

    def full_decode(self, codes: Tensor) -> Tensor:
        """Codes ``(K, T)`` → ``(C, T * hop)`` by the model's own decoder, all at once. Stateless: the oracle."""


def open_codec(audio_encoder: Any, channels: int = 1) -> Codec:
    """The streaming codec over a checkpoint's audio encoder, on the device where that is; the module is made float32.

    Args:
        audio_encoder: ``model.audio_encoder`` of a MusicGen.
        channels: of the decoder (``model.config.decoder.audio_channels``); audio encoders themselves are mono.

    Raises:
        CheckpointError: a codec that Segue cannot stream.
    """
    kind = audio_encoder.config.model_type
    if kind == "encodec":
        from engine.model.encodec import EncodecStream

        return EncodecStream(audio_encoder, channels)
    if kind == "segue_spectral":
        from engine.model.spectral_stream import SpectralStream

        return SpectralStream(audio_encoder, channels)
    raise CheckpointError(f"the audio codec «{kind}» cannot be played: use a model with an EnCodec or Segue's own")
