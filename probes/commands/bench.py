"""``segue bench``: how fast it plays; with ``--probe``, how fast it records residuals for probes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from engine.bench import playing
from engine.errors import CorpusError

NAME = "bench"
HELP = "measure speed: steps beside transformers, realtime factor, knob to ear, dropouts; or of recording for probes"


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the engine's bench, and two more."""
    playing.configure(parser)
    parser.add_argument(
        "--probe", action="store_true", help="instead: how fast residuals are recorded, beside transformers"
    )
    parser.add_argument("--clips", type=int, default=16, metavar="N", help="clips of 10 s to record (%(default)s)")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Measure playing, or recording; returns the JSON object of the design."""
    return run_probe(options) if options.probe else playing.run(options)


def run_probe(options: argparse.Namespace) -> Mapping[str, object]:
    """``segue bench --probe``: random codes will do, since speed does not depend on them."""
    if options.clips < 1:
        raise CorpusError("--clips must be at least 1")

    import torch

    from engine.instrument import Instrument
    from engine.model.checkpoint import choose_device, load
    from engine.model.precision import Precision
    from engine.model.random_checkpoint import random_checkpoint
    from probes.corpus.clip import SEGMENT_S
    from probes.record import batch_for
    from probes.speed import measure_speed

    device, name = choose_device(), options.model or options.config
    random = options.model is None and options.config != "pocket"
    checkpoint = random_checkpoint(options.config) if random else load(name, device, Precision.FP32)
    instrument = Instrument.of(checkpoint, device, Precision.FP32)
    decoder = instrument.decoder
    # Transformers plays no further than the window, the delay's columns included.
    frames = min(round(SEGMENT_S * instrument.frame_rate_hz), instrument.window_frames - decoder.codebooks)
    codes = torch.randint(decoder.codebook_size, (options.clips, decoder.codebooks, frames))
    model: Any = checkpoint.model
    speed = measure_speed(model.to(device), instrument, codes, batch_for(device))
    if not options.json:
        print(f"a clip of {frames} frames is recorded in {speed.ours_s:.3f} s:")
        print(f"{speed.ratio_batched:.2f} × batched passes through transformers")
        print(f"{speed.ratio_authors:.1f} × generating with hooks, one clip at a time")
    return {
        "config": name,
        "device": device.type,
        "threads": torch.get_num_threads(),
        "clips": speed.clips,
        "frames": speed.frames,
        "seconds_per_clip": speed.ours_s,
        "hf_batched_seconds_per_clip": speed.batched_s,
        "hf_generate_seconds_per_clip": speed.authors_s,
        "ratio_hf_batched": speed.ratio_batched,
        "ratio_authors": speed.ratio_authors,
    }
