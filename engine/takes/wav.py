"""WAV that is a valid file at every moment of a recording.

Layout: RIFF, a JUNK chunk that becomes ds64 when the file outgrows 4 GiB (RF64, EBU Tech 3306), fmt, LIST INFO, data.
All but the sizes is known when the recording starts, so the whole head is written again at every checkpoint.
"""

import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import TakeError
from engine.takes.pcm import BITS, to_bytes

LARGEST_RIFF_BYTES = 0xFFFFFFFF
_INFO = {"title": b"INAM", "software": b"ISFT", "comment": b"ICMT", "date": b"ICRD", "copyright": b"ICOP"}
_DS64_BYTES = 28
_FORMAT_AT = 12 + 8 + _DS64_BYTES
_INFO_AT = _FORMAT_AT + 8 + 16


class WavWriter:
    """A `SoundWriter`; every block reaches the system at once, unbuffered."""

    def __init__(self, path: Path, rate_hz: int, channels: int, tags: Mapping[str, str], bits: int = BITS) -> None:
        self._file = FileIO(path, "x+")
        self._sample_bytes = bits // 8
        self._frame_bytes = self._sample_bytes * channels
        self._samples = 0
        try:
            self._constant = _format_chunk(rate_hz, channels, bits) + _info_chunk(tags)
            self._write_head()
        except BaseException:
            abandon(self._file, path)
            raise

    def write(self, pcm: NDArray[np.int32]) -> None:
        write_all(self._file, to_bytes(pcm, self._sample_bytes))
        self._samples += len(pcm)

    def checkpoint(self) -> None:
        self._write_head()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        try:
            self._file.truncate(len(_head(self._constant, 0, 0)) + self._samples * self._frame_bytes)
            if self._samples * self._frame_bytes % 2:
                self._file.seek(0, os.SEEK_END)
                write_all(self._file, b"\0")
            self.checkpoint()
        finally:
            self._file.close()

    def _write_head(self) -> None:
        self._file.seek(0)
        write_all(self._file, _head(self._constant, self._samples, self._frame_bytes))
        self._file.seek(0, os.SEEK_END)


def repair(path: Path) -> bool:
    """Give a recording that was cut short the head of its real length; False when there is no sound in it.

    Raises `TakeError` for a file that is not ours.
    """
    try:
        with FileIO(path, "r+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            start = file.read(_INFO_AT + 8)
            if len(start) < _INFO_AT + 8 or start[_FORMAT_AT : _FORMAT_AT + 4] != b"fmt " or start[-8:-4] != b"LIST":
                raise TakeError(f"{path} does not have the head of a take; it cannot be repaired")
            (info_bytes,) = struct.unpack("<I", start[-4:])
            (frame_bytes,) = struct.unpack_from("<H", start, _FORMAT_AT + 8 + 12)
            constant_bytes = 8 + 16 + 8 + info_bytes
            file.seek(_FORMAT_AT)
            constant = file.read(min(constant_bytes, size))
            head_bytes = _FORMAT_AT + constant_bytes + 8
            if len(constant) < constant_bytes or size < head_bytes or not frame_bytes:
                raise TakeError(f"{path} ends within its head; there is no sound in it")
            samples = (size - head_bytes) // frame_bytes
            file.seek(0)
            write_all(file, _head(constant, samples, frame_bytes))
            file.truncate(head_bytes + samples * frame_bytes)
            if samples * frame_bytes % 2:
                file.seek(0, os.SEEK_END)
                write_all(file, b"\0")
            os.fsync(file.fileno())
            return samples > 0
    except OSError as error:
        raise TakeError(f"{path} cannot be repaired ({error}); check the disk") from error


def abandon(file: FileIO, path: Path) -> None:
    """Remove a file that was created a moment ago and came to nothing."""
    file.close()
    with suppress(OSError):  # what went wrong first is the one to tell of
        path.unlink()


def write_all(file: FileIO, data: bytes) -> None:
    """Write all of `data`: an unbuffered file may take less at a time, last of all before a disk is full."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _head(constant: bytes, samples: int, frame_bytes: int) -> bytes:
    data_bytes = samples * frame_bytes
    riff_bytes = _FORMAT_AT + len(constant) + data_bytes + data_bytes % 2
    if riff_bytes <= LARGEST_RIFF_BYTES:
        name, sizes = b"RIFF", b"JUNK" + struct.pack("<I", _DS64_BYTES) + bytes(_DS64_BYTES)
    else:
        name = b"RF64"
        sizes = b"ds64" + struct.pack("<IQQQI", _DS64_BYTES, riff_bytes, data_bytes, samples, 0)
        riff_bytes = data_bytes = 0xFFFFFFFF
    return name + struct.pack("<I", riff_bytes) + b"WAVE" + sizes + constant + b"data" + struct.pack("<I", data_bytes)


def _format_chunk(rate_hz: int, channels: int, bits: int) -> bytes:
    frame_bytes = bits // 8 * channels
    return b"fmt " + struct.pack("<IHHIIHH", 16, 1, channels, rate_hz, rate_hz * frame_bytes, frame_bytes, bits)


def _info_chunk(tags: Mapping[str, str]) -> bytes:
    entries = b"INFO"
    for name, value in tags.items():
        text = value.encode(errors="replace") + b"\0"  # of a path that is not Unicode, "?" for what is not
        entries += _INFO[name] + struct.pack("<I", len(text)) + text + b"\0" * (len(text) % 2)
    return b"LIST" + struct.pack("<I", len(entries)) + entries
