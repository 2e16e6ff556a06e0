"""Stereo MusicGen holds two mono streams side by side, their codebooks interleaved: even rows are the left channel's, odd
rows the right's. To a codec the channels are a batch; these convert.
"""

from __future__ import annotations

from torch import Tensor

from engine.errors import AudioFileError


def split_channels(codes: Tensor, channels: int) -> Tensor:
    """Interleaved codes ``(K, T)`` → one mono stream per channel, ``(C, K / C, T)``."""
    return codes.unflatten(0, (-1, channels)).transpose(0, 1)


def join_channels(codes: Tensor) -> Tensor:
    """Mono streams ``(C, K, T)`` → interleaved codes ``(C * K, T)``."""
    return codes.transpose(0, 1).flatten(0, 1)


def check_prompt(samples: Tensor, channels: int) -> None:
    """Raise AudioFileError unless ``samples`` is ``(channels, S)`` with S ≥ 1."""
    if samples.dim() != 2 or samples.shape[0] != channels:
        raise AudioFileError(f"the model takes {channels} channel(s), but the audio has shape {tuple(samples.shape)}")
    if samples.shape[1] == 0:
        raise AudioFileError("the audio is empty: choose a file or a range with sound in it")
