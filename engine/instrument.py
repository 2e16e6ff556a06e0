"""A checkpoint made ready to play: decoder, text, codec, and who it is."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from engine.model.checkpoint import Checkpoint, choose_device, choose_precision, load
from engine.model.codec import Codec, open_codec
from engine.model.conditioning import TextConditioner
from engine.model.decoder import Decoder
from engine.model.precision import Precision
from engine.steering.pack import ModelIdentity


@dataclass(frozen=True)
class Instrument:
    """What a :class:`~engine.performance.Performance` plays. Its codec carries state: one performance at a time.

    Attributes:
        identity: name, digest and shapes, which a probe pack must fit.
        window_frames: columns that the model was trained on.
        licence: of the weights, in words.
    """

    identity: ModelIdentity
    decoder: Decoder
    text: TextConditioner
    codec: Codec
    window_frames: int
    licence: str

    @classmethod
    def load(cls, name: str = "pocket", device: torch.device | None = None, precision: Precision | None = None) -> Instrument:
        """Find, check and load a checkpoint: ``pocket``, a directory, or a hub id from the local cache.

        Raises:
            CheckpointError: it is missing, damaged, foreign, or too large for this machine.
        """
        device = device or choose_device()
        precision = precision or choose_precision(device)
        return cls.of(load(name, device, precision), device, precision)

    @classmethod
    def of(cls, checkpoint: Checkpoint, device: torch.device, precision: Precision) -> Instrument:
        """Ready a loaded checkpoint."""
        model = checkpoint.model
        decoder = Decoder(model.decoder, precision, device, getattr(model, "enc_to_dec_proj", None))
        identity = ModelIdentity(checkpoint.name, checkpoint.digest, len(decoder.layers), decoder.hidden_size)
        text = TextConditioner(model.text_encoder, checkpoint.tokenizer, decoder)
        codec = open_codec(model.audio_encoder.to(device), decoder.channels)
        window = min(checkpoint.window_frames, decoder.max_positions)
        return cls(identity, decoder, text, codec, window, checkpoint.licence)

    @property
    def frame_rate_hz(self) -> float:
        """Frames per second."""
        return self.codec.sample_rate_hz / self.codec.hop_samples
