"""CLAP's whole path on a random model: what transformers' own forward says, the same every time, offline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel

from engine.errors import CheckpointError, CorpusError
from probes.evaluate.judges.clap import Clap
from probes.evaluate.judges.judge import Judge
from probes.moments import Floats

RATE_HZ = 8_000
MODEL_RATE_HZ = 16_000
LABELS = ("jazz", "rock", "classical")
TEMPLATE = "This is a sound of {} music."


@pytest.fixture(scope="module")
def folder(saving_clap: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saving_clap(tmp_path_factory.mktemp("clap"))


@pytest.fixture(scope="module")
def clap(folder: Path) -> Clap:
    return Clap(str(folder), LABELS, TEMPLATE)


def sound(seed: int, seconds: float, rate_hz: int = RATE_HZ) -> Floats:
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    rng = np.random.default_rng(seed)
    return (0.3 * np.sin(2 * np.pi * rng.uniform(100, 2000) * time_s) + 0.02 * rng.standard_normal(len(time_s))).astype(
        np.float32
    )


@pytest.mark.usefixtures("no_doubles_off_the_processor")
def test_it_needs_no_doubles_where_the_model_is(clap: Clap) -> None:
    assert clap.judge([sound(0, 2.0)], RATE_HZ).shares.dtype == np.float64


def test_it_says_what_transformers_says(clap: Clap, folder: Path) -> None:
    model = ClapModel.from_pretrained(folder).eval()
    clips = [sound(seed, 2.0, MODEL_RATE_HZ) for seed in range(3)]
    features = ClapFeatureExtractor.from_pretrained(folder)(clips, sampling_rate=MODEL_RATE_HZ, return_tensors="pt")
    words = AutoTokenizer.from_pretrained(folder)(
        [TEMPLATE.format(x) for x in LABELS], padding=True, return_tensors="pt"
    )
    with torch.no_grad():
        theirs: Any = model(
            input_ids=words["input_ids"],
            attention_mask=words["attention_mask"],
            input_features=features["input_features"].float(),
            is_longer=features["is_longer"],
        )
    ours = clap.judge(clips, MODEL_RATE_HZ)
    np.testing.assert_allclose(ours.shares, theirs.logits_per_audio.softmax(-1).numpy(), atol=1e-4)
    np.testing.assert_allclose(ours.places, theirs.audio_embeds.numpy(), atol=1e-4)
    assert np.ptp(ours.shares, axis=0).max() > 0.01, "a model that hears no difference would pass for any other"


def test_it_is_a_judge(clap: Clap) -> None:
    judge: Judge = clap
    heard = judge.judge([sound(0, 1.0), sound(1, 5.0)], RATE_HZ)
    assert heard.shares.shape == (2, 3)
    assert heard.places.shape == (2, 8)
    np.testing.assert_allclose(heard.shares.sum(1), 1)
    assert (judge.name, judge.labels, dict(judge.corpus)) == ("clap", LABELS, {})


@pytest.mark.parametrize("truncation", ["rand_trunc", "fusion"])
def test_no_crop_is_drawn_by_chance(truncation: str, saving_clap: Callable[..., Path], tmp_path: Path) -> None:
    """The feature extractor would crop a long clip at random, and pretend that a clip of a fusion batch is long."""
    judge = Clap(str(saving_clap(tmp_path, truncation)), LABELS)
    clips = [sound(seed, 6.5) for seed in range(3)]
    first, again = judge.judge(clips, RATE_HZ), judge.judge(clips, RATE_HZ)
    np.testing.assert_array_equal(first.shares, again.shares)
    alone = judge.judge(clips[1:2], RATE_HZ)
    np.testing.assert_allclose(alone.shares[0], first.shares[1], atol=1e-5)


def test_a_long_sound_is_the_mean_of_its_windows(clap: Clap) -> None:
    halves = [sound(0, 2.0, MODEL_RATE_HZ), sound(1, 2.0, MODEL_RATE_HZ)]
    apart = clap.judge(halves, MODEL_RATE_HZ)
    together = clap.judge([np.concatenate(halves)], MODEL_RATE_HZ)
    np.testing.assert_allclose(together.shares[0], apart.shares.mean(0), atol=1e-5)
    np.testing.assert_allclose(together.places[0], apart.places.mean(0), atol=1e-5)


def test_a_rest_that_is_too_short_is_not_heard(clap: Clap) -> None:
    clip = sound(0, 2.0, MODEL_RATE_HZ)
    longer = np.concatenate([clip, sound(1, 0.5, MODEL_RATE_HZ)])
    np.testing.assert_array_equal(clap.judge([clip], MODEL_RATE_HZ).shares, clap.judge([longer], MODEL_RATE_HZ).shares)


def test_the_template_matters(clap: Clap, folder: Path) -> None:
    other = Clap(str(folder), LABELS, "Hear {} .")
    clips = [sound(0, 2.0)]
    assert np.abs(other.judge(clips, RATE_HZ).shares - clap.judge(clips, RATE_HZ).shares).max() > 1e-4
    assert other.identity != clap.identity
    with pytest.raises(CorpusError, match=r"has no \{\} where the label belongs"):
        Clap(str(folder), LABELS, "music")


def test_a_judge_that_is_not_on_this_machine_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(CheckpointError, match="get it with `segue download laion/clap-htsat-unfused`"):
        Clap(labels=LABELS)
    with pytest.raises(CheckpointError, match="give a folder, or a hub id"):
        Clap("no such place", LABELS)


def test_what_is_no_clap_is_refused(tiny_spectral: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="'musicgen', not a CLAP"):
        Clap(str(tiny_spectral), LABELS)
    with pytest.raises(CheckpointError):
        Clap(str(tmp_path), LABELS)
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(CheckpointError, match=r"cannot be loaded .*: download it again"):
        Clap(str(tmp_path), LABELS)
