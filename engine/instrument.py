"""A checkpoint made ready to play: decoder, text, codec, and who it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.audio.clip import read_clip
from engine.model.checkpoint import Checkpoint, choose_device, choose_precision, load
from engine.model.codec import Codec, open_codec
from engine.model.conditioning import TextConditioner
from engine.model.decoder import Decoder
from engine.model.precision import Precision
from engine.model.t5 import T5Encoder
from engine.steering.pack import PACK_NAME, ModelIdentity, ProbePack

PROMPT_SECONDS = 5.0


@dataclass(frozen=True)
class Instrument:
    """What a :class:`~engine.performance.Performance` plays. Its codec carries state: one performance at a time.

    Attributes:
        identity: name, digest and shapes, which a probe pack must fit.
        folder: where it was loaded from, if from anywhere.
        window_frames: columns that the model was trained on.
        licence: of the weights, in words.
    """

    identity: ModelIdentity
    folder: Path | None
    decoder: Decoder
    text: TextConditioner
    codec: Codec
    window_frames: int
    licence: str

    @classmethod
    def load(
        cls, name: str = "pocket", device: torch.device | None = None, precision: Precision | None = None
    ) -> Instrument:
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
        if device.type == "cuda":
            # cuDNN's attention plans anew for every number of keys, tens of milliseconds each: here it grows with every step.
            torch.backends.cuda.enable_cudnn_sdp(False)
        decoder = Decoder(checkpoint.decoder, checkpoint.tensors, precision, device)
        identity = ModelIdentity(checkpoint.name, checkpoint.digest, len(decoder.layers), decoder.hidden_size)
        encoder = T5Encoder(checkpoint.text, checkpoint.tensors, device)
        text = TextConditioner(encoder, checkpoint.tokenizer, decoder)
        codec = open_codec(checkpoint.audio_encoder.to(device), decoder.channels)
        window = min(checkpoint.window_frames, decoder.max_positions)
        return cls(identity, checkpoint.folder, decoder, text, codec, window, checkpoint.licence)

    @property
    def frame_rate_hz(self) -> float:
        """Frames per second."""
        return self.codec.sample_rate_hz / self.codec.hop_samples

    def pack(self, path: Path | None = None) -> ProbePack | None:
        """The pack at ``path``, or the checkpoint's own, or None where there is neither.

        Raises:
            PackError: it is damaged, or was made for another model.
        """
        if path is None:
            if self.folder is None or not os.path.exists(self.folder / PACK_NAME):
                return None
            path = self.folder / PACK_NAME
        pack = ProbePack.load(path)
        pack.check_fits(self.identity)
        return pack

    def encode_clip(self, path: Path, start_s: float = 0.0, seconds: float = PROMPT_SECONDS) -> Tensor:
        """Codes ``(K, P)`` of a stretch of a sound file, to be continued.

        Raises:
            AudioFileError: it cannot be read.
        """
        samples = read_clip(path, self.codec.sample_rate_hz, self.codec.channels, start_s, seconds)
        return self.codec.encode(torch.from_numpy(samples).to(self.decoder.device))
