"""``segue doctor``: what this machine can do, and what would make it do better."""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Mapping
from importlib.metadata import version

from engine.audio.devices import list_outputs
from engine.control import ControlState
from engine.errors import CheckpointError
from engine.model.checkpoint_files import POCKET
from engine.pace import concern, live_threads

NAME = "doctor"
HELP = "tell what this machine can do: device, model, sound outputs, expected speed"
WARM_UP_FRAMES, MEASURED_FRAMES = 10, 50


def configure(parser: argparse.ArgumentParser) -> None:
    """The model whose speed is measured, on the default device."""
    parser.add_argument("--model", default=POCKET, help=f"{POCKET}, a folder, or a hub id (default: {POCKET})")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Examine this machine; what is missing becomes a warning, never a failure."""
    findings = examine(options.model)
    if not options.json:
        for name, value in findings.items():
            print(*_lines(name, value), sep="\n")
    return findings


def examine(model: str) -> dict[str, object]:
    """The JSON object of the design, with the warnings at its end."""
    import torch

    from engine.model.cards import idle_card
    from engine.model.checkpoint import choose_device, choose_precision
    from engine.model.memory import GB, available_bytes

    device = choose_device()
    precision = choose_precision(device)
    outputs, silence = list_outputs()
    warnings = [line for line in (idle_card(), silence) if line]
    realtime_factor = None
    try:
        realtime_factor = round(measure(model), 2)
    except CheckpointError as error:
        warnings.append(str(error))
    if realtime_factor is not None and (trouble := concern(realtime_factor)):
        smaller = "" if model == POCKET else ", or take a smaller model"
        remedy = f"it can still be rendered{smaller}" if realtime_factor < 1.0 else f"close other programs{smaller}"
        warnings.append(f"{model} runs at {realtime_factor} × real time here, {trouble}: {remedy}")
    return {
        "device": str(device),
        "device_name": torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor(),
        "dtype": str(precision),
        "model": model,
        "expected_realtime_factor": realtime_factor,
        "audio_outputs": [output.name for output in outputs],
        "free_memory_gb": round(available_bytes(device) / GB, 1),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": version("transformers"),
        "system": platform.platform(),
        "warnings": warnings,
    }


def measure(model: str) -> float:
    """Seconds of music per second of a short performance, codec included, on as many cores as live playing takes.

    Raises:
        CheckpointError: the model cannot be loaded.
    """
    import torch

    from engine.instrument import Instrument
    from engine.performance import Performance

    instrument = Instrument.load(model)
    performance = Performance(instrument)
    threads = torch.get_num_threads()
    if instrument.decoder.device.type == "cpu":
        torch.set_num_threads(live_threads(threads))
    try:
        control = ControlState()
        performance.start(0, control)
        for _ in range(WARM_UP_FRAMES):
            performance.advance(control)
        begin = time.perf_counter()
        for _ in range(MEASURED_FRAMES):
            performance.advance(control)
        performance.finish()  # waits for the codec, and on a GPU for the last step
        taken_s = time.perf_counter() - begin
    finally:
        performance.close()
        torch.set_num_threads(threads)
    return MEASURED_FRAMES / instrument.frame_rate_hz / taken_s


def _lines(name: str, value: object) -> list[str]:
    """One finding as people read it; each entry of a list on a line of its own."""
    label = f"{name.replace('_', ' '):<26}"
    entries = value if isinstance(value, list) else ["unknown" if value in (None, "") else value]
    first, *others = entries or ["none"]
    return [f"{label}{first}", *(f"{'':<26}{other}" for other in others)]
