"""``segue bench`` of playing: speed on this machine, beside transformers on the same weights in the same run."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from engine.errors import ControlError
from engine.pace import live_threads

SIZES = ("pocket", "small", "medium", "large")


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--config", choices=SIZES, default="pocket", help="MusicGen's sizes have random weights (default: %(default)s)"
    )
    parser.add_argument("--model", help="a checkpoint instead: a directory or a hub id in the local cache")
    parser.add_argument("--dtype", choices=["fp32", "int8", "fp16", "bf16"], help="without it, what suits the device")
    parser.add_argument("--steps", type=int, default=60, help="steps per timed run (default: %(default)s)")
    parser.add_argument(
        "--soak",
        type=float,
        default=20.0,
        metavar="S",
        help="seconds of live playing, dropouts counted (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Measure; returns the JSON object of the design. What cannot be played in real time here is left out as null."""
    if options.steps < 10 or not 0 <= options.soak <= 24 * 3600:
        raise ControlError("--steps must be 10 or more, --soak between 0 and 86400")

    import numpy as np
    import torch

    from engine.bench import live, speed
    from engine.instrument import Instrument
    from engine.model.checkpoint import choose_device, choose_precision, load
    from engine.model.precision import Precision
    from engine.model.random_checkpoint import random_checkpoint

    device = choose_device()
    precision = Precision(options.dtype) if options.dtype else choose_precision(device)
    name = options.model or options.config
    random = options.model is None and options.config != "pocket"
    checkpoint = random_checkpoint(options.config) if random else load(name, device, precision)
    instrument = Instrument.of(checkpoint, device, precision)
    pack = instrument.pack() or live.random_pack(instrument)

    say = (lambda *_: None) if options.json else print
    threads = torch.get_num_threads()
    steps = speed.measure_steps(checkpoint, instrument, options.steps)
    say(
        f"steps/s: transformers {steps.transformers:.1f}, "
        f"ours {steps.ours:.1f} ({precision.value}), {steps.ours_fp32:.1f} (fp32)"
    )
    say(f"ratio to transformers: {steps.ratio:.2f} ({precision.value}), {steps.ratio_fp32:.2f} (fp32)")
    if device.type == "cpu":
        torch.set_num_threads(live_threads(threads))
    default_layers = tuple(layer for layer, _ in pack.defaults.layers)
    overhead = speed.measure_steering(instrument, default_layers)
    overhead_all = speed.measure_steering(instrument, tuple(range(instrument.identity.layers)))
    say(f"steering: {overhead:+.1%} of a step at the pack's layers, {overhead_all:+.1%} at all")
    codec_ms = speed.measure_codec_ms(instrument)
    realtime = live.measure_realtime(instrument, pack, 5.0)
    say(f"codec: {codec_ms:.2f} ms a chunk; realtime factor {realtime:.2f}")
    result: dict[str, object] = {
        "config": name,
        "device": device.type,
        "dtype": precision.value,
        "hf_steps_per_s": steps.transformers,
        "steps_per_s": steps.ours,
        "steps_per_s_fp32": steps.ours_fp32,
        "ratio_hf": steps.ratio,
        "ratio_hf_fp32": steps.ratio_fp32,
        "realtime_factor": realtime,
        "steering_overhead": overhead,
        "steering_overhead_all_layers": overhead_all,
        "codec_ms_per_chunk": codec_ms,
        "first_sound_s": None,
        "knob_to_ear_ms": None,
        "soak_s": None,
        "underruns": None,
        "peak_rss_mb": None,
        "threads": threads,
    }
    if not random:
        first_s, memory_mb = live.measure_first_sound(name)
        say(f"first sound {first_s:.2f} s after the start of a process, which takes {memory_mb:.0f} MB")
        result |= {"first_sound_s": first_s, "peak_rss_mb": memory_mb}
    if realtime > 1.0:
        delays = live.measure_knob_to_ear_ms(instrument, pack)
        knob = {"p50": float(np.percentile(delays, 50)), "p95": float(np.percentile(delays, 95)), "moves": len(delays)}
        say(f"knob to ear: {knob['p50']:.0f} ms (p50), {knob['p95']:.0f} ms (p95), and the device's own block")
        underruns = live.measure_soak(instrument, pack, options.soak)
        say(f"{underruns} dropouts in {options.soak:.0f} s")
        result |= {"knob_to_ear_ms": knob, "soak_s": options.soak, "underruns": underruns}
    return result
