"""Opening a sound file that a player chose, with words for each way in which that fails."""

from __future__ import annotations

import os
from pathlib import Path

import soundfile

from engine.errors import AudioFileError


def open_sound(path: Path) -> soundfile.SoundFile:
    """A file to read from.

    Raises:
        AudioFileError: it is missing, may not be read, or is not sound.
    """
    try:
        return soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, OSError, TypeError):  # the last for .raw: samples without a head
        if not os.path.exists(path):
            raise AudioFileError(f"{path} does not exist: give a sound file that is there") from None
        if not os.access(path, os.R_OK):
            raise AudioFileError(f"{path} may not be read: change its permissions, or give another") from None
        raise AudioFileError(
            f"{path} is not a sound file that can be read: give a WAV, FLAC, OGG or MP3 file"
        ) from None


def damaged(path: Path) -> AudioFileError:
    """For a file that opens, and then does not give what its head tells of."""
    return AudioFileError(f"{path} is damaged or cut short: export it again, or give another")
