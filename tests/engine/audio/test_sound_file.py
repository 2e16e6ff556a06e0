"""Each way in which a sound file cannot be opened has words and a remedy of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.audio.clip import read_clip
from engine.audio.outline import read_outline
from engine.audio.sound_file import open_sound
from engine.errors import AudioFileError

READERS = [open_sound, lambda path: read_clip(path, 24_000, 1), lambda path: read_outline(path, 10)]


@pytest.mark.parametrize("read", READERS, ids=["open", "clip", "outline"])
@pytest.mark.parametrize("name", ["gone.wav", "x" * 300 + ".wav", "paper.wav/song.wav"])
def test_what_is_not_there(tmp_path: Path, read: Callable[[Path], object], name: str) -> None:
    (tmp_path / "paper.wav").touch()
    with pytest.raises(AudioFileError, match="does not exist: give"):
        read(tmp_path / name)


@pytest.mark.parametrize("read", READERS, ids=["open", "clip", "outline"])
@pytest.mark.parametrize("name", ["paper.wav", "bare.raw", "folder.wav"])
def test_what_is_no_sound(tmp_path: Path, read: Callable[[Path], object], name: str) -> None:
    (tmp_path / "folder.wav").mkdir()
    for file in ("paper.wav", "bare.raw"):
        (tmp_path / file).write_bytes(b"la la la " * 100)
    with pytest.raises(AudioFileError, match=r"is not a sound file.*: give"):
        read(tmp_path / name)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a file that may not be read")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "locked.wav"
    path.touch(mode=0o000)
    with pytest.raises(AudioFileError, match="may not be read: change"):
        open_sound(path)
