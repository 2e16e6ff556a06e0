"""The outline of a sound file equals the extremes of its equal parts, however long its blocks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.audio import outline
from engine.errors import AudioFileError


@pytest.mark.parametrize("channels", [1, 2])
def test_each_column_holds_the_extremes_of_its_part(
    tmp_path: Path, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outline, "BLOCK_SAMPLES", 700)
    samples = np.random.default_rng(1).uniform(-0.9, 0.9, (8000, channels)).astype(np.float32)
    soundfile.write(tmp_path / "noise.wav", samples, 16_000, subtype="FLOAT")
    extremes, seconds = outline.read_outline(tmp_path / "noise.wav", 80)
    parts = samples.reshape(80, -1)
    assert seconds == 0.5
    np.testing.assert_array_equal(extremes, np.stack([parts.min(1), parts.max(1)], axis=1))


def test_a_sound_of_fewer_samples_than_columns(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "click.wav", np.linspace(-0.5, 0.5, 7), 16_000, subtype="FLOAT")
    extremes, _ = outline.read_outline(tmp_path / "click.wav", 80)
    assert (extremes.min(), extremes.max()) == (-0.5, 0.5)


def test_what_is_not_sound_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7 no sound in here")
    (tmp_path / "bare.raw").write_bytes(bytes(1000))
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 16_000)
    for name, words in (
        ("paper.pdf", "not a sound file"),
        ("bare.raw", "not a sound file"),
        ("gone.wav", "does not exist"),
        ("empty.wav", "no sound"),
    ):
        with pytest.raises(AudioFileError, match=words):
            outline.read_outline(tmp_path / name, 10)
