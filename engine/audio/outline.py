"""The outline of a sound file, for drawing it: read in blocks, so that a file of hours needs no memory."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.audio.sound_file import damaged, open_sound
from engine.errors import AudioFileError

BLOCK_SAMPLES = 65_536


class Outline(NamedTuple):
    """``extremes`` ``(columns, 2)`` float32: lowest and highest sample of equal parts of a file of ``seconds``."""

    extremes: NDArray[np.float32]
    seconds: float


def read_outline(path: Path, columns: int) -> Outline:
    """Read a whole sound file down to ``columns`` pairs; all channels count.

    Raises:
        AudioFileError: it is missing, not sound, or empty.
    """
    assert columns > 0, columns
    try:
        with open_sound(path) as file:
            if file.frames <= 0:
                raise AudioFileError(f"{path} holds no sound: give another file")
            extremes = np.zeros((columns, 2), np.float32)
            position = 0
            for block in file.blocks(BLOCK_SAMPLES, dtype="float32", always_2d=True):
                last = (position + len(block) - 1) * columns // file.frames
                found = np.arange(position * columns // file.frames, last + 1)
                starts = np.maximum(-(-found * file.frames // columns) - position, 0)  # the first sample of each
                for channel in block.T:  # a reduction over an axis as short as that of the channels is slow
                    lows, highs = np.minimum.reduceat(channel, starts), np.maximum.reduceat(channel, starts)
                    extremes[found, 0] = np.minimum(extremes[found, 0], lows)
                    extremes[found, 1] = np.maximum(extremes[found, 1], highs)
                position += len(block)
            return Outline(extremes, file.frames / file.samplerate)
    except (soundfile.LibsndfileError, OSError):
        raise damaged(path) from None
