"""Many generations at once, by the engine's own endless stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.instrument import Instrument
from engine.model.stream import TokenStream


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn; the defaults are the card's."""

    guidance: float = 3.0
    temperature: float = 1.0
    top_k: int = 250


def generate(
    instrument: Instrument,
    frames: int,
    seeds: Sequence[int],
    prompts: Sequence[str] | None = None,
    audio_prompt: Tensor | None = None,
    sampling: Sampling | None = None,
) -> Tensor:
    """B streams in lockstep, past the trained window where ``frames`` asks for it.

    Args:
        seeds: B numbers.
        prompts: B texts, played with guidance; None for no text and no guidance.
        audio_prompt: codes ``(B, K, P)`` to continue.

    Returns:
        The new codes, ``(B, K, frames)``.
    """
    sampling = sampling or Sampling()
    guided = prompts is not None and sampling.guidance > 1
    stream = TokenStream(instrument.decoder, instrument.window_frames, len(seeds), guided)
    guidance = sampling.guidance if guided else 1.0
    stream.sampling.write(guidance, sampling.temperature, sampling.top_k, 1.0)
    stream.memory = instrument.text.read(list(prompts)) if prompts is not None else None
    stream.start(seeds, audio_prompt)
    made: list[Tensor] = []
    while len(made) < frames:
        frame = stream.step()
        if frame is not None:
            made.append(frame.cpu())
    return torch.stack(made, dim=-1)
