"""Music in batches: many short pieces at once, each with its own seed, prompt and steering."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.control import ControlState, Law
from engine.instrument import Instrument
from engine.model.stream import TokenStream
from engine.steering.blend import Blend
from probes.evaluate.batch import window_for
from probes.evaluate.row_steering import RowSteerer
from probes.moments import Floats

UNSTEERED = Blend(Law.PRESERVE, {})
#: the codec hears so much of what is continued, so that the new part begins in full sound
CONTEXT_S = 1.0


@dataclass(frozen=True)
class Piece:
    """What one row of a batch is asked for.

    Attributes:
        seed: of its draws.
        blend: how it is steered.
        prompt: text, or empty.
        prompt_codes: ``(K, P)`` of music that it continues, or None. In one batch all have the same P.
        period: it is steered every nth frame.
    """

    seed: int
    blend: Blend = UNSTEERED
    prompt: str = ""
    prompt_codes: NDArray[np.int64] | None = None
    period: int = 1


def words_for(*genres: str) -> str:
    """What is asked for in words: ``classical and jazz music``."""
    return f"{' and '.join(genres)} music"


def pieces_digest(pieces: Sequence[Piece], circumstances: Sequence[object]) -> str:
    """Names what is heard of a batch: by everything about its pieces, and by the circumstances, which JSON can hold."""
    hasher = hashlib.sha256(json.dumps(circumstances, sort_keys=True).encode())
    for piece in pieces:
        layers = [[layer, offset.total] for layer, offset in piece.blend.offsets.items()]
        facts = [piece.seed, piece.prompt, piece.blend.law, piece.period, layers]
        hasher.update(json.dumps(facts).encode())
        for offset in piece.blend.offsets.values():
            hasher.update(offset.vector.tobytes())
        if piece.prompt_codes is not None:
            hasher.update(piece.prompt_codes.astype(np.int16).tobytes())
    return hasher.hexdigest()[:32]


class Generator:
    """Plays pieces on an instrument, B at a time.

    Args:
        instrument: any precision.
        control: guidance, temperature, top-k and top-p of every piece.
        batch: B.
    """

    def __init__(self, instrument: Instrument, control: ControlState, batch: int = 16) -> None:
        self.instrument, self.control, self.batch = instrument, control, batch

    def codes(self, pieces: Sequence[Piece], frames: int) -> Tensor:
        """New frames of up to B pieces, without their prompts: ``(n, K, frames)``."""
        control, decoder, prompts = self.control, self.instrument.decoder, _stacked_prompts(pieces)
        window = window_for(self.instrument, 0 if prompts is None else prompts.shape[-1], frames)
        stream = TokenStream(decoder, window, len(pieces), guided=control.guidance > 1)
        stream.sampling.write(control.guidance, control.temperature, control.top_k, control.top_p)
        stream.memory = self.instrument.text.read([piece.prompt for piece in pieces])
        steerer = RowSteerer(decoder, [piece.blend for piece in pieces], [piece.period for piece in pieces])
        try:
            if decoder.device.type == "cuda":
                from engine.model.graphs import GraphedStepper

                stream.stepper = GraphedStepper(stream, lambda: steerer.program)
            # As in a performance, what is continued is read unsteered.
            steerer.paused = True
            stream.start([piece.seed for piece in pieces], prompts)
            steerer.paused = False
            made: list[Tensor] = []
            while len(made) < frames:
                step = stream.step()
                # A column each: the first frame takes as many as the delay pattern spans.
                steerer.frame += 1
                if step is not None:
                    made.append(step)
        finally:
            steerer.remove()
        return torch.stack(made, dim=-1)

    def sounds(
        self, pieces: Sequence[Piece], frames: int, advance: Callable[[int], None] = lambda _: None
    ) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
        """The new part of every piece, in order: mono samples ``(S,)`` at the codec's rate, and codes ``(K, frames)``.

        The codec hears the end of the prompt as well, so that the new part begins in full sound.
        """
        codec = self.instrument.codec
        context = round(CONTEXT_S * self.instrument.frame_rate_hz)
        for first in range(0, len(pieces), self.batch):
            group = pieces[first : first + self.batch]
            for piece, new in zip(group, self.codes(group, frames), strict=True):
                codes = new
                if piece.prompt_codes is not None:
                    heard_before = torch.from_numpy(piece.prompt_codes[:, -context:]).to(new.device)
                    codes = torch.cat([heard_before, new], dim=-1)
                samples = codec.full_decode(codes)[:, -frames * codec.hop_samples :]
                yield samples.mean(0).cpu().numpy().astype(np.float32), new.cpu().numpy()
            advance(len(group))


def _stacked_prompts(pieces: Sequence[Piece]) -> Tensor | None:
    prompts = [piece.prompt_codes for piece in pieces if piece.prompt_codes is not None]
    if not prompts:
        return None
    if len(prompts) < len(pieces) or len({prompt.shape for prompt in prompts}) > 1:
        raise ValueError("all pieces of a batch continue equally long music, or none does")
    return torch.from_numpy(np.stack(prompts))
