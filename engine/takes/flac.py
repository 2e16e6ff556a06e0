"""FLAC that is a valid file at every moment of a recording.

libFLAC states the length only when a file is closed, and libsndfile does not read a file that states none. So after
every block of the encoder (4096 samples) the length so far is written into the head (STREAMINFO, RFC 9639 section 8.2).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import TakeError
from engine.stopping import stopping_later
from engine.takes.pcm import BITS
from engine.takes.wav import abandon, write_all

_BLOCK_SIZE_AT = 8
_LENGTH_AT = 18  # rate (20 bits), channels (3), bits (5), length (36)
_LONGEST_SAMPLES = (1 << 36) - 1
_FRAME_SYNC = b"\xff\xf8"
_READ_SAMPLES = 1 << 16


class FlacWriter:
    """A `SoundWriter`; every block of the encoder reaches the system at once, unbuffered."""

    def __init__(self, path: Path, rate_hz: int, channels: int, tags: Mapping[str, str], bits: int = BITS) -> None:
        self._sink = _Sink(path)
        self._shift = 32 - bits
        self._stated_blocks = 0
        try:
            with self._sink.raising():
                self._encoder = soundfile.SoundFile(
                    self._sink, "w", samplerate=rate_hz, channels=channels, format="FLAC", subtype=f"PCM_{bits}"
                )
                for name, value in tags.items():
                    if value:  # libsndfile refuses empty ones
                        setattr(self._encoder, name, value.encode(errors="replace").decode())
        except BaseException:
            abandon(self._sink.file, path)
            raise

    def write(self, pcm: NDArray[np.int32]) -> None:
        with self._sink.raising():
            self._encoder.write(pcm << self._shift)
        if self._sink.blocks > self._stated_blocks:
            self._state_length()

    def checkpoint(self) -> None:
        os.fsync(self._sink.file.fileno())

    def close(self) -> None:
        try:
            with self._sink.raising():
                self._encoder.close()
            if self._sink.broken:
                self._sink.file.truncate(self._sink.end_of_blocks)
            self.checkpoint()
        finally:
            self._sink.file.close()

    def _state_length(self) -> None:
        file = self._sink.file
        file.seek(_BLOCK_SIZE_AT)
        samples = self._sink.blocks * int.from_bytes(file.read(2), "big")
        file.seek(_LENGTH_AT)
        fields = int.from_bytes(file.read(8), "big")
        file.seek(_LENGTH_AT)
        write_all(file, (fields >> 36 << 36 | samples).to_bytes(8, "big"))
        file.seek(0, os.SEEK_END)
        self._stated_blocks = self._sink.blocks


class _Sink:
    """The file under the encoder. An exception cannot pass through libsndfile, so it is kept until the call returns."""

    def __init__(self, path: Path) -> None:
        self.file = FileIO(path, "x+")
        self.blocks = 0
        self.broken = False
        self.end_of_blocks = 0
        self._error: OSError | None = None

    def write(self, data: bytes) -> int:
        if self.broken:  # or the encoder would state a length that is not there
            return 0
        try:
            write_all(self.file, data)
        except OSError as error:
            self._error, self.broken = error, True
            return 0
        if data.startswith(_FRAME_SYNC):
            self.blocks += 1
            self.end_of_blocks = self.file.tell()
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Raises what went wrong here in place of libsndfile's account of it; a Ctrl-C waits until libsndfile is done."""
        with stopping_later():
            failure: Exception | None = None
            try:
                yield
            except Exception as error:  # soundfile only asserts that all has been written
                failure = error
            cause, self._error = self._error, None
            if cause is not None:
                raise cause from failure
            if isinstance(failure, soundfile.LibsndfileError):
                raise OSError(f"the encoder failed: {failure}") from failure
            if failure is not None:
                raise failure


def repair(path: Path) -> bool:
    """Encode what a recording that was cut short states as its length anew, so that nothing half-written trails behind.

    False when not even the first block was written. Raises `TakeError`; the file is replaced only by a whole one.
    """
    whole = path.with_name(f".{path.name}.repaired")
    try:
        with soundfile.SoundFile(path) as source:
            if source.frames > _LONGEST_SAMPLES:  # libsndfile's answer to a length that is not stated yet
                return False
            whole.unlink(missing_ok=True)
            target = FlacWriter(whole, source.samplerate, source.channels, source.copy_metadata())
            try:
                for block in source.blocks(_READ_SAMPLES, dtype="int32", always_2d=True):
                    target.write(block >> (32 - BITS))
            finally:
                target.close()
        os.replace(whole, path)
        return True
    except (OSError, soundfile.LibsndfileError) as error:
        with suppress(OSError):
            whole.unlink(missing_ok=True)
        raise TakeError(f"{path} cannot be repaired ({error}); check the disk") from error
