"""Small studies on disk, with clips of a second, as the window's pages find them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.study.plan import Arm, Study, Trial

RATE_HZ = 24_000
TRIALS = (
    Trial(Arm.PREFERENCE, "jazz", "rock", "0001.flac", "0002.flac", "b"),
    Trial(Arm.CHECK, "rock", "jazz", "0003.flac", "0001.flac", "a"),
    Trial(Arm.ABX, "jazz", "rock", "0001.flac", "0003.flac", "b", "0003.flac"),
)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder that holds one study of three trials, and one whose making was stopped."""
    folder = tmp_path / "shelf" / "study-12"
    (folder / "clips").mkdir(parents=True)
    digests = {}
    for number in range(1, 4):
        path = folder / "clips" / f"000{number}.flac"
        tone = 0.1 * np.sin(2 * np.pi * 110 * number * np.arange(RATE_HZ) / RATE_HZ)
        soundfile.write(path, tone, RATE_HZ)
        digests[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    facts = {"clip_s": 1.0, "sources": 1, "target_lufs": -23.0}
    Study(folder, 12, "toy", "CC0-1.0", digests, (TRIALS, TRIALS[::-1]), facts).save()
    (tmp_path / "shelf" / "study-13").mkdir()
    return tmp_path / "shelf"


@pytest.fixture
def study(shelf: Path) -> Study:
    return Study.load(shelf / "study-12")
