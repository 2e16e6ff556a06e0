"""A recording to continue: its codes, the digest of its file, and words where there is none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from engine.errors import AudioFileError
from engine.instrument import Instrument
from engine.messages import AudioPrompt
from engine.prompt import ReadPrompt, file_sha256


def test_codes_of_the_stretch_and_digest_of_the_file(tiny_instrument: Instrument, tmp_path: Path) -> None:
    riff = tmp_path / "riff.wav"
    soundfile.write(riff, 0.3 * np.sin(np.arange(48_000) * 0.05), 24_000)
    asked = AudioPrompt(riff, 0.5, 1.0)
    read = ReadPrompt.of(asked, tiny_instrument)
    assert read.asked is asked
    assert torch.equal(read.codes, tiny_instrument.encode_clip(riff, 0.5, 1.0))
    assert read.sha256 == hashlib.sha256(riff.read_bytes()).hexdigest()


def test_a_file_that_goes_away_is_said_in_words(
    tiny_instrument: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the reading of its sound and that of its digest, too."""
    with pytest.raises(AudioFileError, match=r"gone\.wav cannot be read"):
        file_sha256(tmp_path / "gone.wav")
    monkeypatch.setattr(Instrument, "encode_clip", lambda *_: torch.zeros(4, 10))
    with pytest.raises(AudioFileError, match=r"gone\.wav cannot be read"):
        ReadPrompt.of(AudioPrompt(tmp_path / "gone.wav"), tiny_instrument)
