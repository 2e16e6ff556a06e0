"""A take that cannot be heard is refused in words, and its file given back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import AudioFileError
from engine.takes.playback import Playback

RATE_HZ = 24_000


def cut_flac(path: Path) -> Path:
    """Three seconds by its head, a part of them in the file."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 3 * RATE_HZ)
    soundfile.write(path, noise, RATE_HZ, subtype="PCM_24")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    return path


def test_a_file_cut_short_is_refused_behind_its_end_and_let_go_of(tmp_path: Path) -> None:
    path = cut_flac(tmp_path / "cut.flac")
    Playback(path, 0.0, 0.0, RATE_HZ, 1).close()
    with pytest.raises(AudioFileError, match="cut short"):
        Playback(path, 2.5, 0.0, RATE_HZ, 1)
    if sys.platform == "linux":
        held = [
            os.readlink(f"/proc/self/fd/{entry}")
            for entry in os.listdir("/proc/self/fd")
            if entry.isdigit() and os.path.lexists(f"/proc/self/fd/{entry}")
        ]
        assert str(path) not in held


@pytest.mark.parametrize("name", ["gone.wav", "x" * 300 + ".wav", "paper.wav"])
def test_what_cannot_be_opened_is_refused_with_a_remedy(tmp_path: Path, name: str) -> None:
    (tmp_path / "paper.wav").write_text("la la la", encoding="utf-8")
    with pytest.raises(AudioFileError, match=r": give a "):
        Playback(tmp_path / name, 0.0, 0.0, RATE_HZ, 1)
