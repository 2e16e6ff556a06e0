"""How fast residuals are recorded, beside the two other ways to have them: same clips, same weights, same run.

Encoding is left out: it is the same for all.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.instrument import Instrument
from engine.model.delay import DelayPattern
from probes.corpus.clip import Clip, Split
from probes.record import Recorder, Tally

LABELS = ("one", "two")
ROUNDS = 3


@dataclass(frozen=True)
class Speed:
    """Seconds per clip, from codes to what is kept of every layer; medians.

    Attributes:
        ours_s: batched passes through the decoder that plays, summed layer by layer as they go.
        batched_s: batched passes through transformers with ``output_hidden_states``; token means and last tokens kept.
        authors_s: as the paper's authors do it: hooks on every layer while one clip at a time is generated.
        ratio_batched: how many times faster than batched transformers; of ratios batch by batch, so that a machine's
            drift cancels.
    """

    clips: int
    frames: int
    ours_s: float
    batched_s: float
    authors_s: float
    ratio_batched: float

    @property
    def ratio_authors(self) -> float:
        """How many times faster than the authors' way."""
        return self.authors_s / self.ours_s


def measure_speed(model: Any, instrument: Instrument, codes: Tensor, batch: int) -> Speed:
    """Time all three: the batched ways in turn, batch by batch and round by round; generation once.

    Args:
        model: transformers' MusicGen with the same weights, on the instrument's device.
        instrument: float32.
        codes: ``(n, K, T)``, T within the model's window.
    """
    count, _, frames = codes.shape
    codes = codes.to(instrument.decoder.device)
    recorder = Recorder(instrument, LABELS, batch)
    clips = [Clip(Path(), 0.0, 0.0, LABELS[i % 2], "", "", Split.TRAIN) for i in range(count)]
    tally = Tally(instrument.decoder, len(LABELS))

    def seconds(work: Callable[[], object]) -> float:
        started = _now(instrument)
        work()
        return _now(instrument) - started

    def both(first: int) -> tuple[float, float]:
        part = slice(first, first + batch)
        size = len(codes[part])
        ours_s = seconds(lambda: recorder.read(codes[part], clips[part], tally))
        return ours_s / size, seconds(lambda: by_hidden_states(model, instrument, codes[part])) / size

    both(0)  # first use: allocations
    rounds = [both(first) for _ in range(ROUNDS) for first in range(0, count, batch)]
    ours_s, batched_s = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(theirs / ours for ours, theirs in rounds)
    by_generation(model, 3)
    return Speed(count, frames, ours_s, batched_s, seconds(lambda: by_generation(model, frames)), ratio)


def _now(instrument: Instrument) -> float:
    if instrument.decoder.device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


@torch.inference_mode()
def by_hidden_states(model: Any, instrument: Instrument, codes: Tensor) -> tuple[Tensor, Tensor]:
    """Token means and last tokens ``(B, L, H)`` by transformers' decoder: same columns, null text."""
    decoder = instrument.decoder
    pattern = DelayPattern(decoder.codebooks, decoder.channels, decoder.start_token)
    columns = pattern.columns(codes)[:, :, : codes.shape[-1] + 1]
    text = torch.zeros(len(codes), 1, decoder.hidden_size, device=decoder.device)
    states = model.decoder(
        input_ids=columns.flatten(0, 1),
        encoder_hidden_states=text,
        encoder_attention_mask=torch.zeros(len(codes), 1, device=decoder.device),
        output_hidden_states=True,
        use_cache=False,
    ).hidden_states[: len(decoder.layers)]
    means = torch.stack([state[:, 1:].mean(1) for state in states], dim=1)
    return means, torch.stack([state[:, -1] for state in states], dim=1)


@torch.inference_mode()
def by_generation(model: Any, frames: int) -> None:
    """Generate one clip of so many frames with guidance, keeping every layer's residual of every step."""
    kept: list[list[Tensor]] = [[] for _ in model.decoder.model.decoder.layers]
    handles = [
        layer.register_forward_pre_hook(lambda _, args, own=own: own.append(args[0].detach().cpu()))
        for layer, own in zip(model.decoder.model.decoder.layers, kept, strict=True)
    ]
    try:
        start = torch.zeros(1, 1, dtype=torch.long, device=model.device)
        model.generate(
            input_ids=start, attention_mask=torch.ones_like(start), max_new_tokens=frames, guidance_scale=3.0
        )
    finally:
        for handle in handles:
            handle.remove()
    for own in kept:
        torch.cat([state.flatten(0, 1) for state in own]).mean(0)
