"""The real weights, where they lie in the local hub cache: everything else is held against random ones."""

from __future__ import annotations

from itertools import repeat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, MusicgenForConditionalGeneration

from engine.control import ControlState
from engine.errors import CheckpointError
from engine.instrument import Instrument
from engine.model.checkpoint_files import find
from engine.model.precision import Precision
from engine.performance import Performance, perform
from probes.evaluate.judges.clap import DEFAULT_MODEL, Clap

SMALL = "facebook/musicgen-small"
STEPS, GUIDANCE = 20, 3.0
RATE_HZ = 48_000


@pytest.fixture
def model(request: pytest.FixtureRequest, tiny_musicgen: Path) -> str:
    """The tiny random one, so that the comparison itself is tried everywhere; or the real one."""
    if request.param == "tiny":
        return str(tiny_musicgen)
    try:
        find(request.param)
    except CheckpointError as error:
        pytest.skip(str(error))
    return str(request.param)


@torch.inference_mode()
def by_transformers(folder: Path, ids: torch.Tensor, mask: torch.Tensor) -> np.ndarray[Any, Any]:
    """Codes ``(K, n)``, greedy, from transformers' own loading and loop."""
    whole: Any = MusicgenForConditionalGeneration.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    whole.eval().float()
    whole.audio_encoder.decode = lambda codes, **_: SimpleNamespace(audio_values=codes)
    books = whole.config.decoder.num_codebooks
    codes = whole.generate(
        input_ids=ids,
        attention_mask=mask,
        guidance_scale=GUIDANCE,
        do_sample=False,
        max_new_tokens=STEPS + 2 * books,  # the delay, at both ends
    )
    return codes.reshape(books, -1)[:, :STEPS].numpy()


@pytest.mark.parametrize("model", ["tiny", pytest.param(SMALL, marks=pytest.mark.hub)], indirect=True)
def test_the_first_steps_are_transformers_own(model: str) -> None:
    instrument = Instrument.load(model, torch.device("cpu"), Precision.FP32)
    control = ControlState(prompt="slow jazz with piano", guidance=GUIDANCE, temperature=0.0)
    performance = Performance(instrument)
    try:
        blocks = list(perform(performance, 0, repeat(control, STEPS)))
    finally:
        performance.close()
    ours = np.concatenate([block.passage.codes for block in blocks], axis=1)
    folder = find(model).folder
    ids, mask = AutoTokenizer.from_pretrained(folder, local_files_only=True)(
        [control.prompt], return_tensors="pt"
    ).values()
    np.testing.assert_array_equal(ours[:, :STEPS], by_transformers(folder, ids, mask))


@pytest.mark.hub
def test_the_judge_tells_a_tone_from_noise() -> None:
    try:
        judge = Clap(DEFAULT_MODEL, ("a steady beep", "white noise"), "This is a sound of {}.")
    except CheckpointError as error:
        pytest.skip(str(error))
    time_s = np.arange(10 * RATE_HZ) / RATE_HZ
    tone = (0.3 * np.sin(2 * np.pi * 1000 * time_s)).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.1, len(time_s)).astype(np.float32)
    verdicts = judge.judge([tone, noise], RATE_HZ)
    np.testing.assert_allclose(verdicts.shares.sum(1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(verdicts.shares.argmax(1), [0, 1])
    np.testing.assert_array_equal(judge.judge([noise], RATE_HZ).shares[0].argmax(), 1)
