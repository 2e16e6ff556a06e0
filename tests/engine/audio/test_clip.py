"""Stretches of sound files, whatever their rate and channels."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.audio.clip import read_clip
from engine.errors import AudioFileError

RATE_HZ = 24_000


def sine(rate_hz: int, seconds: float, hz: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    """Two seconds whose every sample tells its own time."""
    path = tmp_path / "ramp.wav"
    soundfile.write(path, np.linspace(0, 1, 2 * RATE_HZ, endpoint=False), RATE_HZ, subtype="FLOAT")
    return path


def test_a_stretch_is_cut_to_the_sample(ramp: Path) -> None:
    whole, _ = soundfile.read(ramp, dtype="float32")
    np.testing.assert_array_equal(read_clip(ramp, RATE_HZ, 1)[0], whole)
    np.testing.assert_array_equal(read_clip(ramp, RATE_HZ, 1, 0.5, 0.25)[0], whole[12_000:18_000])
    np.testing.assert_array_equal(read_clip(ramp, RATE_HZ, 1, 1.5)[0], whole[36_000:])
    np.testing.assert_array_equal(read_clip(ramp, RATE_HZ, 1, 1.5, 9.0)[0], whole[36_000:])


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 384_000])
def test_another_rate_is_the_same_tone(rate_hz: int, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "tone.wav", sine(rate_hz, 1.0), rate_hz, subtype="FLOAT")
    clip = read_clip(tmp_path / "tone.wav", RATE_HZ, 1)
    assert clip.shape == (1, RATE_HZ)
    assert clip.dtype == np.float32
    np.testing.assert_allclose(clip[0, 500:-500], sine(RATE_HZ, 1.0)[500:-500], atol=1e-3)


@pytest.mark.parametrize("held", [1, 2, 8])
@pytest.mark.parametrize("wanted", [1, 2])
def test_channels_are_averaged_or_copied(held: int, wanted: int, tmp_path: Path) -> None:
    samples = np.stack([sine(RATE_HZ, 0.5, 200.0 * (n + 1)) for n in range(held)], axis=1)
    soundfile.write(tmp_path / "tones.wav", samples, RATE_HZ, subtype="FLOAT")
    clip = read_clip(tmp_path / "tones.wav", RATE_HZ, wanted)
    expected = samples if held == wanted else np.repeat(samples.mean(1, keepdims=True), wanted, axis=1)
    np.testing.assert_allclose(clip, expected.T, atol=1e-6)


@pytest.mark.parametrize(
    ("start_s", "seconds", "complaint"),
    [
        (2.5, None, "ends at 2.0 s"),
        (2.0, None, "less than 0.1 s"),
        (1.95, None, "less than 0.1 s"),
        (0.0, 0.05, "less than 0.1 s"),
        (0.0, 0.0, "no stretch"),
        (0.0, -1.0, "no stretch"),
        (-1.0, None, "no stretch"),
        (math.nan, None, "no stretch"),
        (0.0, math.nan, "no stretch"),
        (math.inf, None, "no stretch"),
        (0.0, math.inf, "no stretch"),
    ],
)
def test_a_stretch_that_is_not_there_is_refused(
    ramp: Path, start_s: float, seconds: float | None, complaint: str
) -> None:
    with pytest.raises(AudioFileError, match=complaint):
        read_clip(ramp, RATE_HZ, 1, start_s, seconds)


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("do re mi", encoding="utf-8")
    (tmp_path / "empty.wav").touch()
    (tmp_path / "bare.raw").write_bytes(bytes(1000))
    soundfile.write(tmp_path / "nan.wav", np.full(RATE_HZ, np.nan), RATE_HZ, subtype="FLOAT")
    for name, complaint in (
        ("notes.wav", "is not a sound file"),
        ("empty.wav", "is not a sound file"),
        ("bare.raw", "is not a sound file"),
        ("nan.wav", "not numbers"),
        ("gone.wav", "does not exist"),
        ("", "is not a sound file"),
    ):
        with pytest.raises(AudioFileError, match=complaint):
            read_clip(tmp_path / name, RATE_HZ, 1)
