"""Steps per second against transformers' ``generate`` on the same weights, and what steering and the codec cost."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from engine.control import Law
from engine.instrument import Instrument
from engine.model.checkpoint import Checkpoint
from engine.model.decoder import Decoder
from engine.model.graphs import GraphedStepper
from engine.model.precision import Precision
from engine.model.stream import TokenStream
from engine.performance import CHUNK_FRAMES
from engine.steering.blend import Blend, Offset
from engine.steering.steerer import Steerer

PROMPT = "a slow jazz ballad with piano and saxophone"
GUIDANCE, TEMPERATURE, TOP_K = 3.0, 1.0, 250
SHORT_STEPS = 4
ROUNDS = 3


@dataclass(frozen=True)
class StepSpeed:
    """Medians over the rounds, steps per second; ratios are taken round by round, so that a machine's drift cancels."""

    transformers: float
    ours: float
    ours_fp32: float
    ratio: float
    ratio_fp32: float


@contextmanager
def _silent(model: Any) -> Iterator[None]:
    """``generate`` without its codec: steps are compared with steps."""
    decode = model.audio_encoder.decode
    model.audio_encoder.decode = lambda codes, **_: SimpleNamespace(audio_values=codes)
    try:
        yield
    finally:
        model.audio_encoder.decode = decode


def _per_step_s(generate: Callable[[int], None], steps: int) -> float:
    """Seconds per step from the difference of a long and a short run: what comes once drops out."""
    started = time.perf_counter()
    generate(SHORT_STEPS)
    middle = time.perf_counter()
    generate(SHORT_STEPS + steps)
    return (time.perf_counter() - middle - (middle - started)) / steps


def _by_transformers(checkpoint: Checkpoint, device: torch.device) -> Callable[[int], None]:
    model: Any = checkpoint.model
    ids, mask = (x.to(device) for x in checkpoint.tokenizer([PROMPT]))

    def generate(steps: int) -> None:
        model.generate(
            input_ids=ids,
            attention_mask=mask,
            guidance_scale=GUIDANCE,
            do_sample=True,
            top_k=TOP_K,
            min_new_tokens=steps,
            max_new_tokens=steps,
        )

    return generate


def _by_segue(instrument: Instrument, decoder: Decoder) -> Callable[[int], None]:
    stream = TokenStream(decoder, instrument.window_frames)
    if decoder.device.type == "cuda":
        stream.stepper = GraphedStepper(stream, lambda: None)
    stream.memory = instrument.text.read([PROMPT])
    stream.sampling.write(GUIDANCE, TEMPERATURE, TOP_K, 1.0)

    def generate(steps: int) -> None:
        stream.start([0])
        for _ in range(steps):
            stream.step()
        stream.tokens.cpu()  # on a GPU: wait for the last step

    return generate


def measure_steps(checkpoint: Checkpoint, instrument: Instrument, steps: int) -> StepSpeed:
    """Transformers in float32 on a CPU, in the instrument's own half precision on a GPU; ours beside it, in turn."""
    device, precision = instrument.decoder.device, instrument.decoder.precision
    model: Any = checkpoint.model
    if device.type != "cpu":
        model.to(device, torch.float16)
    wide = instrument.decoder
    if precision is not Precision.FP32:
        wide = Decoder.of(model, Precision.FP32, device)
    runs = (
        _by_transformers(checkpoint, device),
        _by_segue(instrument, instrument.decoder),
        _by_segue(instrument, wide),
    )
    with _silent(model):
        for run in runs:
            run(SHORT_STEPS)  # first use: allocations, captures
        seconds = [[_per_step_s(run, steps) for run in runs] for _ in range(ROUNDS)]
    theirs, ours, fp32 = (1.0 / statistics.median(column) for column in zip(*seconds, strict=True))
    return StepSpeed(
        theirs,
        ours,
        fp32,
        statistics.median(row[0] / row[1] for row in seconds),
        statistics.median(row[0] / row[2] for row in seconds),
    )


def measure_steering(instrument: Instrument, layers: tuple[int, ...], steps: int = 20, rounds: int = 15) -> float:
    """Share of a step that steering ``layers`` adds: steered and plain runs of one stream in turn, median of the ratios."""
    decoder = instrument.decoder
    stream = TokenStream(decoder, instrument.window_frames)
    stream.sampling.write(GUIDANCE, TEMPERATURE, TOP_K, 1.0)
    stream.start([0])
    steerer = Steerer(decoder, batch=1)
    if decoder.device.type == "cuda":
        stream.stepper = GraphedStepper(stream, lambda: steerer.program)
    rng = np.random.default_rng(0)
    offsets = {}
    for layer in layers:
        vector = rng.normal(size=decoder.hidden_size).astype(np.float32)
        offsets[layer] = Offset((vector / np.linalg.norm(vector) * 0.1).astype(np.float32), 0.1)
    ratios = []
    for _ in range(rounds):
        seconds = []
        for blend in (Blend(Law.PRESERVE, {}), Blend(Law.PRESERVE, offsets)):
            steerer.apply(blend)
            stream.start([0])
            stream.step()
            started = time.perf_counter()
            for _ in range(steps):
                stream.step()
            stream.tokens.cpu()
            seconds.append(time.perf_counter() - started)
        ratios.append(seconds[1] / seconds[0])
    steerer.remove()
    return statistics.median(ratios) - 1.0


def measure_codec_ms(instrument: Instrument, chunks: int = 40) -> float:
    """Median milliseconds to decode a chunk, in mid-stream."""
    codec = instrument.codec
    codes = torch.randint(codec.codebook_size, (codec.codebooks, CHUNK_FRAMES), device=instrument.decoder.device)
    codec.reset()
    milliseconds = []
    for _ in range(chunks):
        started = time.perf_counter()
        codec.decode(codes).cpu()
        milliseconds.append(1000.0 * (time.perf_counter() - started))
    codec.reset()
    return statistics.median(milliseconds[chunks // 4 :])
