"""How many pieces are played at a time, and in how long a window: what a batch's caches may weigh."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from engine.errors import DeviceError
from engine.instrument import Instrument
from engine.model.memory import CACHE_ROWS, CACHE_SLACK, available_bytes

#: more rows at a time would not be faster: on a processor nor, past so many, on an accelerator
MOST_CPU_ROWS, MOST_GPU_ROWS = 64, 128
#: caches of a batch on a processor, which has other work
CPU_CACHE_BYTES = 2 * 2**30
#: caches may take so much of what is free: the rest is for what is computed, for the codec and for the judge
CACHE_SHARE = 0.5
#: of the window; before its last eighth a stream begins to read its second half again
UNREAD = 7 / 8
SLACK_COLUMNS = 8


def window_for(instrument: Instrument, prompt_frames: int, frames: int) -> int:
    """Columns of the shortest window in which a stream draws what it would draw in the model's own.

    The prompt must not be cut, which begins at half of it, and nothing needs to be read again before the last frame.
    """
    needed = prompt_frames + frames + instrument.decoder.codebooks
    return min(instrument.window_frames, max(2 * prompt_frames, int(needed / UNREAD) + SLACK_COLUMNS))


def row_bytes(instrument: Instrument, columns: int) -> int:
    """Keys and values of one piece: in the window, and in the half that is read again; with text and without."""
    decoder = instrument.decoder
    cells = 2 * CACHE_ROWS * len(decoder.layers) * decoder.hidden_size * columns
    return int(cells * decoder.dtype.itemsize * CACHE_SLACK)


def rows_at_once(instrument: Instrument, prompt_frames: int, frames: int) -> int:
    """How many pieces of so many frames are best played at a time where the instrument is.

    A power of two: what was heard is kept by batches, and a run that goes on must find the same ones although a little
    more or less memory is free.
    """
    device = instrument.decoder.device
    room, most = int(CACHE_SHARE * available_bytes(device)), MOST_GPU_ROWS
    if device.type == "cpu":
        room, most = min(room, CPU_CACHE_BYTES), MOST_CPU_ROWS
    rows = room // row_bytes(instrument, window_for(instrument, prompt_frames, frames))
    return 1 << max(0, min(most, rows).bit_length() - 1)


@contextmanager
def memory_in_words() -> Iterator[None]:
    """Say in one line that memory has run out.

    Raises:
        DeviceError: it has.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not isinstance(error, torch.OutOfMemoryError | MemoryError) and "DefaultCPUAllocator" not in str(error):
            raise
        raise DeviceError(
            "there is not enough memory for this model's work: close other programs or choose a smaller model, and "
            "run it again to go on"
        ) from error
