"""Samples are quantised once, and measured as they are stored."""

import hashlib
import math
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from engine.errors import TakeError
from engine.takes.pcm import FULL_SCALE, Gauge, measure_file, quantise, to_bytes


def test_quantised_to_the_nearest_and_clipped() -> None:
    block = np.array([[0.0, 0.5], [-1.0, 1.0], [2.0, -2.0], [math.nan, 0.6 / FULL_SCALE]], np.float32)
    top = FULL_SCALE - 1
    assert quantise(block).tolist() == [[0, 1 << 22], [-FULL_SCALE, top], [top, -FULL_SCALE], [0, 1]]


def test_bytes_are_those_of_a_wav_file(tmp_path: Path) -> None:
    block = np.random.default_rng(0).uniform(-1, 1, (500, 2)).astype(np.float32)
    soundfile.write(tmp_path / "oracle.wav", quantise(block) << 8, 32000, subtype="PCM_24")
    assert (tmp_path / "oracle.wav").read_bytes().endswith(to_bytes(quantise(block)))


def test_gauge_measures_level_loudness_and_content_in_any_blocks() -> None:
    sound = (0.3 * np.random.default_rng(0).standard_normal((64000, 2)).clip(-3, 3)).astype(np.float32)
    pcm = quantise(sound)
    gauge = Gauge(32000, 2)
    for start in range(0, len(pcm), 999):
        gauge.push(pcm[start : start + 999])
    found = gauge.measurement
    assert found.samples == 64000
    assert found.peak_dbfs == pytest.approx(20 * np.log10(np.abs(sound).max()), abs=1e-4)
    assert found.lufs == pytest.approx(pyloudnorm.Meter(32000).integrated_loudness(sound.astype(float)), abs=0.1)
    assert found.sha256 == hashlib.sha256(to_bytes(pcm)).hexdigest()


def test_full_scale_is_0_dbfs_and_silence_minus_infinity() -> None:
    loud, silent = Gauge(32000, 1), Gauge(32000, 1)
    loud.push(quantise(np.array([[1.0], [-1.0]], np.float32)))
    silent.push(np.zeros((100, 1), np.int32))
    assert loud.measurement.peak_dbfs == 0.0
    assert silent.measurement.peak_dbfs == silent.measurement.lufs == -math.inf


def test_other_files_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.wav"
    text.write_text("not a sound", encoding="utf-8")
    with pytest.raises(TakeError, match="damaged or not a sound file"):
        measure_file(text)
    coarse = tmp_path / "coarse.wav"
    soundfile.write(coarse, np.zeros((10, 1)), 32000, subtype="PCM_16")
    with pytest.raises(TakeError, match="not a 24-bit take"):
        measure_file(coarse)
