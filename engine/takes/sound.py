"""The two kinds of sound file that a take may be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import TakeError
from engine.takes import flac, wav
from engine.takes.pcm import BITS

SoundFormat = Literal["wav", "flac"]
SUFFIXES: Mapping[SoundFormat, str] = {"wav": ".wav", "flac": ".flac"}


class SoundWriter(Protocol):
    """A new sound file that is valid from checkpoint to checkpoint. Every method raises `OSError`."""

    def write(self, pcm: NDArray[np.int32]) -> None:
        """Append `pcm` (samples, channels), integers of as many bits as the file has."""

    def checkpoint(self) -> None:
        """Make the file true as it stands and bring it to the disk."""

    def close(self) -> None:
        """Complete the file; what could be written stays valid if this fails."""


def create_sound(path: Path, rate_hz: int, channels: int, tags: Mapping[str, str], bits: int = BITS) -> SoundWriter:
    """A new file of the kind its suffix names, of 24 bits or 16.

    Raises `OSError`, `FileExistsError` too, and `TakeError`; then there is no file that was not there before.
    """
    if path.suffix.lower() == SUFFIXES["wav"]:
        return wav.WavWriter(path, rate_hz, channels, tags, bits)
    if path.suffix.lower() == SUFFIXES["flac"]:
        return flac.FlacWriter(path, rate_hz, channels, tags, bits)
    raise TakeError(f"{path} is neither {' nor '.join(SUFFIXES.values())}; choose one of the two")


def repair_sound(path: Path) -> bool:
    """Make a file whose writing was cut short valid; False when there is no sound in it. Raises `TakeError`."""
    return wav.repair(path) if path.suffix == SUFFIXES["wav"] else flac.repair(path)
