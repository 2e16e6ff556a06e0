"""The recording that a performance continues, as the model reads it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from engine.errors import AudioFileError
from engine.instrument import Instrument
from engine.messages import AudioPrompt


@dataclass(frozen=True)
class ReadPrompt:
    """A stretch of a sound file: codes ``(K, P)``, and the SHA-256 of the whole file."""

    asked: AudioPrompt
    codes: Tensor
    sha256: str

    @classmethod
    def of(cls, asked: AudioPrompt, instrument: Instrument) -> ReadPrompt:
        """Read it; takes seconds.

        Raises:
            AudioFileError: it cannot be read.
        """
        assert asked.path is not None
        codes = instrument.encode_clip(asked.path, asked.start_s, asked.seconds)
        return cls(asked, codes, file_sha256(asked.path))


def file_sha256(path: Path) -> str:
    """The digest that a score knows a prompt's file by.

    Raises:
        AudioFileError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioFileError(f"{path} cannot be read ({error.strerror}): put it back, or choose another") from error
