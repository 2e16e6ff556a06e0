"""A take as a file for elsewhere: of another format, at another loudness, with the take's metadata in it."""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.audio.loudness import LoudnessMeter, TruePeakMeter
from engine.errors import TakeError
from engine.progress import Progress, silent
from engine.takes.journal import SUFFIX as JOURNAL_SUFFIX
from engine.takes.naming import sidecar_path
from engine.takes.pcm import BITS
from engine.takes.sound import SUFFIXES, create_sound
from engine.takes.take import Take, load_take, sound_tags

DEPTHS = (24, 16)
PEAK_DBTP = -1.0  # the cap of EBU R 128
LOUDEST_LUFS, QUIETEST_LUFS = 0.0, -70.0
LOWEST_PEAK_DBTP = -40.0
NEARLY_DB = 0.05
_BLOCK_SAMPLES = 1 << 16


@dataclass(frozen=True)
class Export:
    """What was written.

    Attributes:
        gain_db: that the take was given; lufs, true_peak_dbtp: of the file, −inf for silence.
        limited: the cap left less gain than the loudness asked for: the file is quieter than the target.
    """

    path: Path
    gain_db: float
    lufs: float
    true_peak_dbtp: float
    limited: bool


class _Level(NamedTuple):
    lufs: float
    true_peak_dbtp: float


def export_take(
    take: Take,
    path: Path,
    *,
    bits: int = BITS,
    lufs: float | None = None,
    peak_dbtp: float | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Export:
    """Write a take to `path`, .wav or .flac, with 24 or 16 bits; those of 16 are dithered.

    All of the take is given one gain: what brings its integrated loudness to `lufs`, but never so much that its true
    peak would pass `peak_dbtp`. There is no limiter, so the dynamics stay as they were played. With a target and without
    a cap, the cap is −1 dBTP; with neither, a file of 24 bits holds the take's very samples.

    Raises `TakeError`: the file is there and `overwrite` is not asked for, it is a take's own, the take cannot be read
    or is too quiet to be measured. Whatever stops the work, no unfinished file stays, and the one to overwrite does.
    """
    _check(path, bits, lufs, peak_dbtp, overwrite)
    if lufs is not None and peak_dbtp is None:
        peak_dbtp = PEAK_DBTP
    with progress("measuring, seconds", take.seconds) as advance:
        level = _measure(take, advance)
    gain_db, limited = _gain(take, level, lufs, peak_dbtp)
    draft = draft_path(path, os.getpid()) if overwrite else path
    try:
        with progress("writing, seconds", take.seconds) as advance:
            _write(take, draft, bits, gain_db, advance)
        os.replace(draft, path)
    except OSError as error:
        raise TakeError(f"{path} cannot be written ({error}); choose a new file on a disk with space") from error
    return Export(path, gain_db, level.lufs + gain_db, level.true_peak_dbtp + gain_db, limited)


def draft_path(path: Path, process_id: int) -> Path:
    """Where a process writes what is to take the place of the file at `path`."""
    return path.with_name(f".{process_id}.{path.name}")


def _check(path: Path, bits: int, lufs: float | None, peak_dbtp: float | None, overwrite: bool) -> None:
    if path.suffix.lower() not in SUFFIXES.values():
        raise TakeError(f"{path} is neither {' nor '.join(SUFFIXES.values())}; choose one of the two")
    if bits not in DEPTHS:
        raise TakeError(f"{bits} bits cannot be written; choose 24 or 16")
    if lufs is not None and not QUIETEST_LUFS < lufs <= LOUDEST_LUFS:
        raise TakeError(f"{lufs:g} LUFS is no loudness to aim at; −14, −16 and −23 are the usual ones")
    if peak_dbtp is not None and not LOWEST_PEAK_DBTP <= peak_dbtp <= 0.0:
        raise TakeError(f"a true peak of {peak_dbtp:g} dBTP cannot be kept to; choose 0 or less, −1 is the usual one")
    check_no_take(path)
    if os.path.exists(path) and not overwrite:
        raise TakeError(f"{path} exists; choose another name, or ask for it to be overwritten")


def check_no_take(path: Path) -> None:
    """Refuse to write over a take, finished or in the making. Raises `TakeError`."""
    if _is_recorded(path):
        raise TakeError(f"{path} is being recorded; choose another name")
    if _is_take(path):
        raise TakeError(f"{path} is a take of its own; choose another name")


def _is_recorded(path: Path) -> bool:
    """A take in the making, or one that was cut off: it has a journal and no sidecar yet."""
    return os.path.exists(path.with_name(path.stem + JOURNAL_SUFFIX))


def _is_take(path: Path) -> bool:
    with suppress(TakeError):
        return os.path.exists(sidecar_path(path)) and load_take(sidecar_path(path)).path == path
    return False


def _blocks(take: Take, advance: Callable[[float], None]) -> Iterator[NDArray[np.int32]]:
    """The take's own integers, of 24 bits, `(samples, channels)`."""
    try:
        with soundfile.SoundFile(take.path) as file:
            if file.subtype != f"PCM_{BITS}" or (file.samplerate, file.channels) != (
                take.sample_rate_hz,
                take.channels,
            ):
                raise TakeError(f"{take.path} is not as it was recorded; restore it from a backup")
            for block in file.blocks(_BLOCK_SAMPLES, dtype="int32", always_2d=True):
                yield block >> (32 - BITS)
                advance(len(block) / take.sample_rate_hz)
    except (OSError, soundfile.LibsndfileError) as error:
        raise TakeError(f"{take.path} cannot be read ({error}); it is damaged or gone") from error


def _measure(take: Take, advance: Callable[[float], None]) -> _Level:
    """Measured anew, not believed: the sidecar tells nothing of what lies between the samples."""
    loudness = LoudnessMeter(take.sample_rate_hz, take.channels)
    peak = TruePeakMeter(take.sample_rate_hz, take.channels)
    for block in _blocks(take, advance):
        samples = (block / (1 << (BITS - 1))).astype(np.float32)
        loudness.push(samples)
        peak.push(samples)
    return _Level(loudness.current.integrated_lufs, peak.finish())


def _gain(take: Take, level: _Level, lufs: float | None, peak_dbtp: float | None) -> tuple[float, bool]:
    """The gain in dB, and whether the cap made it smaller than the target asks for."""
    if lufs is not None and not math.isfinite(level.lufs):
        raise TakeError(
            f"{take.path.name} is too quiet or too short for its loudness to be measured; export it as it is"
        )
    wanted = 0.0 if lufs is None else lufs - level.lufs
    room = math.inf if peak_dbtp is None else peak_dbtp - level.true_peak_dbtp
    return min(wanted, room), lufs is not None and room < wanted - NEARLY_DB


def _write(take: Take, path: Path, bits: int, gain_db: float, advance: Callable[[float], None]) -> None:
    tags = sound_tags(take.score.origin, take.title, take.created)
    if gain_db:
        tags["comment"] += f"; gain {gain_db:+.1f} dB"
    scale = 10.0 ** (gain_db / 20.0) / (1 << (BITS - bits))
    dither = np.random.default_rng(take.score.origin.seed) if bits < BITS else None
    highest = 1 << (bits - 1)
    file = create_sound(path, take.sample_rate_hz, take.channels, tags, bits)
    try:
        for pcm in _blocks(take, advance):
            scaled = pcm * scale
            if dither is not None:  # triangular, of two steps: the error no longer follows the music
                scaled += dither.random(pcm.shape) - dither.random(pcm.shape)
            file.write(np.clip(np.rint(scaled), -highest, highest - 1).astype(np.int32))
        file.close()
    except BaseException:
        with suppress(OSError, ValueError):  # it may be closed already
            file.close()
        with suppress(OSError):
            path.unlink()
        raise
