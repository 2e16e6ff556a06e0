"""The ear: deaf to level, told apart from residuals by construction, the same after the disk."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr
from safetensors.numpy import save_file

from engine.errors import CorpusError
from probes.evaluate import features as features_module
from probes.evaluate.features import MEL_BANDS, RATE_HZ, SIZE, describe, log_mel, mel_weights, rhythm, spectrogram
from probes.evaluate.judges import ear as ear_module
from probes.evaluate.judges.ear import WINDOW_S, Ear, train_ear, windows
from probes.evaluate.judges.judge import Judge
from probes.moments import Floats

SOUND_RATE_HZ = 24_000


def sound(kind: int, seed: int, seconds: float = 5.0) -> Floats:
    """Three kinds: a low tone, noise, a high pulsing tone."""
    rng = np.random.default_rng([kind, seed])
    time_s = np.arange(round(seconds * SOUND_RATE_HZ)) / SOUND_RATE_HZ
    if kind == 0:
        out = np.sin(2 * np.pi * rng.uniform(80, 160) * time_s)
    elif kind == 1:
        out = rng.standard_normal(len(time_s))
    else:
        out = np.sin(2 * np.pi * rng.uniform(2000, 4000) * time_s) * np.exp(-8 * (time_s * rng.uniform(2, 3) % 1))
    return (0.2 * out + 0.001 * rng.standard_normal(len(time_s))).astype(np.float32)


@pytest.fixture(scope="module")
def ear() -> Ear:
    kinds = np.arange(36) % 3
    features = np.stack([describe(sound(int(kind), seed), SOUND_RATE_HZ) for seed, kind in enumerate(kinds)])
    return train_ear(features, kinds, ("low", "noise", "pulse"), {"clips": 36})


def test_it_hears_what_it_was_taught(ear: Ear) -> None:
    shares = ear.judge([sound(kind, 100 + kind) for kind in range(3)], SOUND_RATE_HZ).shares
    np.testing.assert_allclose(shares.sum(1), 1)
    np.testing.assert_array_equal(shares.argmax(1), [0, 1, 2])
    assert shares.max(1).min() > 0.8


def test_louder_is_not_another_genre(ear: Ear) -> None:
    """Judges that prefer the louder one prefer steering that is merely louder."""
    soft, loud = (ear.judge([gain * sound(2, 50)], SOUND_RATE_HZ).shares for gain in (0.05, 1.0))
    np.testing.assert_allclose(soft, loud, atol=1e-3)


def test_the_rate_makes_little_difference(ear: Ear) -> None:
    clip = sound(0, 60)
    resampled = soxr.resample(clip, SOUND_RATE_HZ, 32_000)
    near, noise = ear.judge([clip, sound(1, 60)], SOUND_RATE_HZ).places
    (far,) = ear.judge([resampled], 32_000).places
    assert np.linalg.norm(near - far) < 0.2 * np.linalg.norm(near - noise)


def test_it_is_a_judge(ear: Ear) -> None:
    judge: Judge = ear
    clips = [sound(kind, 70 + kind) for kind in range(3)]
    together = judge.judge(clips, SOUND_RATE_HZ)
    assert together.shares.shape == (3, len(judge.labels))
    assert together.places.shape == (3, len(ear.axes))
    for row, clip in enumerate(clips):
        alone = judge.judge([clip], SOUND_RATE_HZ)
        np.testing.assert_array_equal(alone.shares[0], together.shares[row])
        np.testing.assert_array_equal(alone.places[0], together.places[row])


def test_windows_are_fixed() -> None:
    """No crop is drawn by chance: the same clip is judged the same way every time."""
    length = round(WINDOW_S * 100)
    assert [len(window) for window in windows(np.zeros(12 * 100, np.float32), 100)] == [length, length]
    assert [len(window) for window in windows(np.zeros(13 * 100, np.float32), 100)] == [length, length, 300]
    assert [len(window) for window in windows(np.zeros(100, np.float32), 100)] == [100]


def test_it_survives_the_disk(ear: Ear, tmp_path: Path) -> None:
    places = {label: np.random.default_rng(0).standard_normal((4, len(ear.axes))) for label in ("noise", "low")}
    replace(ear, corpus=places).save(tmp_path / "ear.safetensors")
    loaded = Ear.load(tmp_path / "ear.safetensors")
    assert (loaded.labels, loaded.facts, loaded.identity) == (ear.labels, ear.facts, ear.identity)
    assert loaded.corpus.keys() == places.keys()
    np.testing.assert_allclose(loaded.corpus["noise"], places["noise"], atol=1e-6)
    clips = [sound(kind, 7) for kind in range(3)]
    theirs, ours = loaded.judge(clips, SOUND_RATE_HZ), ear.judge(clips, SOUND_RATE_HZ)
    np.testing.assert_array_equal(theirs.shares, ours.shares)
    np.testing.assert_array_equal(theirs.places, ours.places)


def test_what_is_no_ear_is_refused(ear: Ear, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is not an ear"):
        Ear.load(tmp_path / "missing.safetensors")
    (tmp_path / "noise.safetensors").write_bytes(b"\x00" * 100)
    with pytest.raises(CorpusError, match="is not an ear"):
        Ear.load(tmp_path / "noise.safetensors")
    tensors = {name: getattr(ear, name) for name in ("mean", "spread", "weights", "bias", "axes")}
    header = json.dumps({"format_version": 1, "labels": ["only one"], "facts": {}})
    save_file(tensors, tmp_path / "short.safetensors", metadata={"segue.ear": header})
    with pytest.raises(CorpusError, match="weights have shape"):
        Ear.load(tmp_path / "short.safetensors")
    with pytest.raises(CorpusError, match="corpus is damaged at 'noise'"):
        replace(ear, corpus={"noise": np.zeros((3, 1))})


def test_another_training_is_another_judge(ear: Ear) -> None:
    assert replace(ear, bias=ear.bias + 1).identity != ear.identity
    assert replace(ear, labels=("a", "b", "c")).identity != ear.identity


def test_judge_and_probe_share_no_features() -> None:
    """Neither the ear nor its features can reach a model."""
    for module in (ear_module, features_module):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        imported = [
            node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        ]
        assert not any(
            name.startswith(("torch", "engine.model", "probes.record", "probes.residuals")) for name in imported
        )


def test_mel_bands_follow_the_pitch() -> None:
    time_s = np.arange(RATE_HZ) / RATE_HZ
    loudest = [
        log_mel(spectrogram(np.sin(2 * np.pi * hz * time_s).astype(np.float32), RATE_HZ)).mean(0).argmax()
        for hz in (60, 120, 250, 500, 1000, 2000, 4000, 7000)
    ]
    assert loudest == sorted(set(loudest))
    assert mel_weights().shape[0] == MEL_BANDS
    np.testing.assert_allclose(mel_weights().sum(1), 1)


def test_rhythm_has_its_peak_at_the_beat() -> None:
    onsets = np.zeros(250)
    onsets[::25] = 1.0  # two a second at 50 frames a second
    lags = 0.02 * np.arange(5, 100, 2)
    assert lags[rhythm(onsets).argmax()] == pytest.approx(0.5)
    np.testing.assert_array_equal(rhythm(np.zeros(250)), np.zeros(48))


@pytest.mark.parametrize("samples", [1, 200, 5_000, SOUND_RATE_HZ])
def test_short_and_silent_sounds_have_features(samples: int) -> None:
    for clip in (np.zeros(samples, np.float32), np.ones(samples, np.float32)):
        features = describe(clip, SOUND_RATE_HZ)
        assert features.shape == (SIZE,)
        assert np.isfinite(features).all()
