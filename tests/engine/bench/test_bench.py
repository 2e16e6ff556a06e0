"""Bench measures something finite at every point; how fast this machine is, no test asks."""

from __future__ import annotations

import json
import math
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

import main
from engine.bench import live, speed
from engine.control import ControlState
from engine.errors import SegueError
from engine.instrument import Instrument
from engine.model.checkpoint import load
from engine.model.precision import Precision
from engine.performance import Block, Performance
from engine.steering.pack import ProbePack

CPU = torch.device("cpu")
KEYS = {
    "config",
    "device",
    "dtype",
    "hf_steps_per_s",
    "steps_per_s",
    "steps_per_s_fp32",
    "ratio_hf",
    "ratio_hf_fp32",
    "realtime_factor",
    "steering_overhead",
    "codec_ms_per_chunk",
    "first_sound_s",
    "knob_to_ear_ms",
    "soak_s",
    "underruns",
    "peak_rss_mb",
}
# The measured process plays through no device either.
MUTED = """
import engine.audio.output
class NoOutputs:
    def rescan(self): pass
    def outputs(self): return ()
engine.audio.output.PortAudio = NoOutputs
"""

pytestmark = pytest.mark.usefixtures("silence")


def finite(*values: float) -> bool:
    return all(math.isfinite(value) and value > 0 for value in values)


def test_steps_are_counted_beside_transformers(tiny_spectral: Path) -> None:
    checkpoint = load(str(tiny_spectral), CPU, Precision.FP32)
    decode = checkpoint.model.audio_encoder.decode
    steps = speed.measure_steps(checkpoint, Instrument.of(checkpoint, CPU, Precision.FP32), steps=6)
    assert finite(steps.transformers, steps.ours, steps.ours_fp32, steps.ratio, steps.ratio_fp32)
    assert checkpoint.model.audio_encoder.decode == decode, "generate has its codec back"


def test_the_difference_of_two_runs_is_what_a_step_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes once, 7 s here, drops out of 0.5 s a step."""
    clock = 0.0

    def generate(steps: int) -> None:
        nonlocal clock
        clock += 7.0 + 0.5 * steps

    monkeypatch.setattr(speed.time, "perf_counter", lambda: clock)
    assert speed._per_step_s(generate, 20) == pytest.approx(0.5)


@pytest.mark.parametrize("layers", [(1,), (0, 1, 2)])
def test_steering_is_measured_and_leaves_no_hook(layers: tuple[int, ...], tiny_instrument: Instrument) -> None:
    hooks = [len(layer._forward_pre_hooks) for layer in tiny_instrument.decoder.layers]
    assert math.isfinite(speed.measure_steering(tiny_instrument, layers, steps=3, rounds=3))
    assert [len(layer._forward_pre_hooks) for layer in tiny_instrument.decoder.layers] == hooks


def test_the_codec_and_the_whole_are_measured(tiny_instrument: Instrument, tiny_pack: ProbePack) -> None:
    assert finite(
        speed.measure_codec_ms(tiny_instrument, chunks=8), live.measure_realtime(tiny_instrument, tiny_pack, 0.3)
    )


def test_a_random_pack_can_be_played(tiny_instrument: Instrument) -> None:
    pack = live.random_pack(tiny_instrument)
    pack.check_fits(tiny_instrument.identity)
    assert pack.genres == ("a", "b", "c", "d")


def test_a_knob_is_traced_to_the_ear(tiny_instrument: Instrument, tiny_pack: ProbePack) -> None:
    """A move cannot be heard before the sound that lay ready has been played, about half the buffer at least."""
    delays = live.measure_knob_to_ear_ms(tiny_instrument, tiny_pack, moves=2)
    assert len(delays) == 2
    assert all(1.0 < delay < 60_000 for delay in delays)


def test_the_trace_starts_where_the_move_took_effect(
    tiny_instrument: Instrument, tiny_pack: ProbePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A move at frame 10, half a second after a clock's beginning, in a run whose samples leave at 24 a millisecond."""
    states = [ControlState(number=n, blend=((tiny_pack.genres[0], 1.0 if n % 2 else -1.0),)) for n in range(2)]
    left = [(sample / 24_000, sample) for sample in range(0, 48_000, 24)]
    monkeypatch.setattr(live, "_play_moves", lambda *_: ([live._Turn(10, 0.1)], left))
    (delay,) = live.measure_knob_to_ear_ms(tiny_instrument, tiny_pack, moves=1)
    sounds = [
        live._render(tiny_instrument, tiny_pack, iter([states[0]] * 10 + [states[moved]] * 40)) for moved in range(2)
    ]
    first = np.flatnonzero((sounds[0] != sounds[1]).any(axis=1))[0]
    assert delay == pytest.approx(1000 * (first / 24_000 - 0.1), abs=2.0)


def test_a_soak_counts_dropouts(
    tiny_instrument: Instrument, tiny_pack: ProbePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    interval = sys.getswitchinterval()
    assert live.measure_soak(tiny_instrument, tiny_pack, 0.5) >= 0
    advance, made = Performance.advance, 0

    def stall(*rest: object) -> list[Block]:
        nonlocal made
        made += 1
        if made == 20:
            live.time.sleep(1.0)  # longer than any buffer here
        return advance(*rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Performance, "advance", stall)
    assert live.measure_soak(tiny_instrument, tiny_pack, 3.0) >= 1
    assert sys.getswitchinterval() == interval


def test_a_process_that_makes_no_sound_is_no_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live, "FIRST_SOUND", MUTED + live.FIRST_SOUND)
    with pytest.raises(SegueError, match="made no sound"):
        live.measure_first_sound(str(tmp_path / "nowhere"))
    assert "nowhere" in capfd.readouterr().err


@pytest.mark.usefixtures("own_log")
def test_the_command(tiny_spectral: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    threads = torch.get_num_threads()
    monkeypatch.setattr(live, "FIRST_SOUND", MUTED + live.FIRST_SOUND)
    monkeypatch.setattr(live, "measure_knob_to_ear_ms", partial(live.measure_knob_to_ear_ms, moves=1))
    try:
        words = ["bench", "--model", str(tiny_spectral), "--steps", "10", "--soak", "0.5", "--json"]
        assert main.main(words) == 0
    finally:
        torch.set_num_threads(threads)
    said = json.loads(capsys.readouterr().out)
    assert said.keys() >= KEYS
    assert said["config"] == str(tiny_spectral)
    for key in ("hf_steps_per_s", "steps_per_s", "ratio_hf", "realtime_factor", "codec_ms_per_chunk", "first_sound_s"):
        assert finite(said[key]), key
    if said["realtime_factor"] > 1.0:
        assert said["knob_to_ear_ms"].keys() >= {"p50", "p95"}
        assert said["soak_s"] == 0.5
        assert said["underruns"] >= 0


@pytest.mark.usefixtures("own_log")
@pytest.mark.parametrize(
    "words", [("--steps", "3"), ("--soak", "-1"), ("--soak", "nan"), ("--model", "nowhere/at-all")]
)
def test_bad_words_are_one_line(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["bench", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
