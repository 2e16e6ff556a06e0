"""``segue render``: a steered performance to a sound file, without a window."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.automation import Automation, states
from engine.control import ControlState, Law, parse_blend
from engine.errors import AudioFileError, ControlError
from engine.replacing import replace_file
from engine.takes.export import check_no_take, draft_path
from engine.takes.sound import SUFFIXES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "render"
HELP = "render a steered performance to a sound file"


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command; defaults of sampling are those of :class:`ControlState`."""
    default = ControlState()
    parser.add_argument("out", type=Path, metavar="OUT.wav", help="24-bit WAV, or FLAC by its suffix")
    parser.add_argument("--model", default="pocket", help="pocket, a directory, or a hub id in the local cache")
    parser.add_argument("--pack", type=Path, help="probe pack; without it, the model's own")
    parser.add_argument("--prompt", default="", help="text")
    parser.add_argument("--audio-prompt", type=Path, help="a sound file whose first 5 s the music continues")
    parser.add_argument("--seconds", type=float, default=10.0, help="how much music (default: %(default)s)")
    parser.add_argument("--blend", default="", help="knobs, such as jazz=0.6,rock=-0.2")
    parser.add_argument("--automation", type=Path, help="knob moves over time, as JSON")
    parser.add_argument(
        "--layer",
        help="layers to steer, such as 4 or 3,5; they share the pack's weight evenly; without it, the pack's own",
    )
    parser.add_argument("--law", choices=[law.value for law in Law], help="without it, the pack's own")
    parser.add_argument(
        "--orthogonal", action="store_true", help="take out of each direction what it shares with the others"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the sampling (default: %(default)s)")
    parser.add_argument(
        "--guidance",
        type=float,
        default=default.guidance,
        help="how strongly the prompt pulls; 1 is no guidance (default: %(default)s)",
    )
    parser.add_argument(
        "--temperature", type=float, default=default.temperature, help="0 is greedy (default: %(default)s)"
    )
    parser.add_argument(
        "--top-k", type=int, default=default.top_k, help="sample from so many likeliest tokens (default: %(default)s)"
    )
    parser.add_argument("--dtype", choices=["fp32", "int8", "fp16", "bf16"], help="without it, what suits the device")
    parser.add_argument("--codes", type=Path, help="also write the codes, (K, T) with the delay undone, as .npy")
    parser.add_argument("--force", action="store_true", help="replace files that exist")


def parse_layers(text: str) -> tuple[int, ...]:
    """``3,5`` → (3, 5).

    Raises:
        ControlError: not whole numbers.
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ControlError(f"'{text}' names no layers: write them like 4 or 3,5") from None


def check_output(path: Path, force: bool) -> None:
    """Refuse what cannot be written, before any work is done.

    Raises:
        AudioFileError: the folder is missing, or the file exists and may not be replaced.
        TakeError: it is the sound of a take.
    """
    if not os.path.isdir(path.parent):
        raise AudioFileError(f"there is no folder {path.parent}: make it first")
    check_no_take(path)
    if os.path.isdir(path) or (os.path.lexists(path) and not force):
        raise AudioFileError(f"{path} exists: choose another name, or add --force to replace it")
    try:
        os.lstat(draft_path(path, os.getpid()))  # a name that is too long, a folder that may not be entered
    except FileNotFoundError:
        pass
    except OSError as error:
        raise cannot_write(path, error) from None


def cannot_write(path: Path, error: OSError) -> AudioFileError:
    """The one line for a file that the system does not take."""
    return AudioFileError(
        f"{path} cannot be written ({error.strerror or error}): choose another place, with room on it"
    )


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Where to write what takes the place of ``path`` once it is whole; of what fails nothing stays.

    Raises:
        AudioFileError: the system does not take it.
    """
    draft = draft_path(path, os.getpid())
    try:
        yield draft
        replace_file(draft, path)
    except BaseException as error:
        with suppress(OSError):
            draft.unlink()
        if isinstance(error, OSError):
            raise cannot_write(path, error) from None
        raise


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Render; returns the JSON object of the design.

    Raises:
        SegueError: bad input. Ctrl-C ends the file where it is, as a valid one.
    """
    control = ControlState(
        blend=parse_blend(options.blend),
        law=None if options.law is None else Law(options.law),
        orthogonal=options.orthogonal,
        guidance=options.guidance,
        temperature=options.temperature,
        top_k=options.top_k,
        prompt=options.prompt,
    )
    layers = None if options.layer is None else parse_layers(options.layer)
    if not 0.1 <= options.seconds <= 24 * 3600:
        raise ControlError("--seconds must lie between 0.1 and 86400")
    if options.out.suffix.lower() not in SUFFIXES.values():
        raise AudioFileError(f"{options.out} must end in .wav or .flac")
    wanted = [path for path in (options.out, options.codes) if path is not None]
    for path in wanted:
        check_output(path, options.force)
    if len({os.path.normcase(os.path.realpath(path)) for path in wanted}) < len(wanted):
        raise AudioFileError(f"{options.out} cannot hold both the sound and the codes: give --codes another name")
    automation = None if options.automation is None else Automation.load(options.automation)

    import numpy as np

    from engine.audio.loudness import LoudnessMeter
    from engine.audio.peaks import to_db
    from engine.instrument import Instrument
    from engine.model.precision import Precision
    from engine.performance import Performance, perform
    from engine.progress import bars, lines
    from engine.steering.blend import blend
    from engine.takes.passage import CodesHash
    from engine.takes.pcm import quantise
    from engine.takes.sound import create_sound

    instrument = Instrument.load(options.model, precision=Precision(options.dtype) if options.dtype else None)
    pack = instrument.pack(options.pack)
    if pack is not None and layers is not None:
        control = replace(control, layers=pack.defaults.shared_among(layers))
    # What cannot be played is refused before there is a file.
    first = control if automation is None else automation.at(control, 0.0)
    if pack is not None:
        blend(first, pack)
    elif first.blend or layers:
        raise ControlError(f"{instrument.identity.name} has no probe pack: make one with `segue probe train`")
    prompt = None if options.audio_prompt is None else instrument.encode_clip(options.audio_prompt)
    codec = instrument.codec
    rate_hz, channels = codec.sample_rate_hz, codec.channels
    frames = round(options.seconds * instrument.frame_rate_hz)

    performance = Performance(instrument, pack)
    loudness, peak, samples = LoudnessMeter(rate_hz, channels), 0.0, 0
    codes: list[NDArray[np.integer]] = [np.empty((codec.codebooks, 0), np.int16)]
    heard: list[NDArray[np.float32]] = []
    digest = CodesHash()
    started = time.perf_counter()
    controls = states(control, automation, frames, instrument.frame_rate_hz)
    progress = lines if options.json else bars
    interrupted = False
    tags = {"comment": json.dumps({"seed": options.seed, "model": instrument.identity.name})}
    try:
        with draft_of(options.out) as draft:
            file = create_sound(draft, rate_hz, channels, tags)
            try:
                with progress("rendering, s", options.seconds) as advance:
                    for block in perform(performance, options.seed, controls, prompt):
                        sound = block.passage.samples
                        file.write(quantise(sound))
                        loudness.push(sound)
                        peak = max(peak, float(np.abs(sound).max(initial=0.0)))
                        samples += len(sound)
                        codes.append(block.passage.codes)
                        digest.update(block.passage.codes)
                        if block.heard is not None:
                            heard.append(block.heard)
                        advance(len(sound) / rate_hz)
            except KeyboardInterrupt:
                interrupted = True
            finally:
                file.close()
    finally:
        performance.close()
    elapsed_s = time.perf_counter() - started
    if options.codes is not None:
        with draft_of(options.codes) as draft, draft.open("xb") as out:
            np.save(out, np.concatenate(codes, axis=1))
    shares_heard = mean_shares(pack.genres, heard) if pack is not None and heard else {}
    result = {
        "path": str(options.out),
        "seconds": samples / rate_hz,
        "sample_rate": rate_hz,
        "seed": options.seed,
        "model": instrument.identity.name,
        "codes_sha256": digest.hexdigest(),
        "realtime_factor": samples / rate_hz / elapsed_s,
        "peak_dbfs": to_db(peak),
        "lufs_integrated": loudness.current.integrated_lufs,
        "heard": shares_heard,
        "interrupted": interrupted,
        "licence": instrument.licence,
    }
    if not options.json:
        shares = ", ".join(f"{genre} {share:.0%}" for genre, share in shares_heard.items())
        print(f"{options.out}: {samples / rate_hz:.1f} s" + (f", heard {shares}" if shares else ""))
    return result


def mean_shares(genres: tuple[str, ...], heard: list[NDArray[np.float32]]) -> dict[str, float]:
    """The average of the meter's readings, by genre."""
    import numpy as np

    return {genre: float(share) for genre, share in zip(genres, np.mean(heard, axis=0), strict=True)}
