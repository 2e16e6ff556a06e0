"""``segue takes``: list, check, recover and replay recorded takes."""

from __future__ import annotations

import argparse
import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.automation import Automation
from engine.errors import TakeError
from engine.takes.library import Library, verify_take
from engine.takes.naming import default_folder
from engine.takes.passage import Passage
from engine.takes.recovery import recover
from engine.takes.replay import replay_take
from engine.takes.score import Score
from engine.takes.take import Take, describe_take
from engine.takes.variation import Variation, vary_take

if TYPE_CHECKING:
    import torch

    from engine.control import ControlState
    from engine.instrument import Instrument
    from engine.performance import Block
    from engine.steering.pack import ProbePack

NAME = "takes"
HELP = "list, check, recover and replay recorded takes"


def configure(parser: argparse.ArgumentParser) -> None:
    """One sub-command for each thing that can be done to takes."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)

    def add(
        name: str, action: Callable[[argparse.Namespace], Mapping[str, object]], text: str
    ) -> argparse.ArgumentParser:
        words = actions.add_parser(name, help=text, description=text)
        words.add_argument("--folder", type=Path, default=default_folder(), help="where the takes are (%(default)s)")
        words.set_defaults(run_action=action)
        return words

    add("list", list_takes, "list takes, oldest first")
    verify = add("verify", verify_takes, "hold takes against their scores")
    verify.add_argument("takes", nargs="*", metavar="TAKE", help="names or files; without any, all in the folder")
    add("recover", recover_takes, "complete takes whose recording was cut off")
    replay = add("replay", replay_one, "render a take again from its score and compare every token")
    replay.add_argument("take", metavar="TAKE", help="name or file")
    replay.add_argument("-o", "--out", type=Path, help="also write the sound, to a new .wav or .flac file")
    replay.add_argument("--automation", type=Path, help="move knobs otherwise, as JSON; a new take, to --out")
    replay.add_argument("--model", help="where the take's model is, if not where it was")
    replay.add_argument("--pack", type=Path, help="where the take's probe pack is, if not the model's own")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Do what was asked. Raises `TakeError`."""
    return options.run_action(options)


def list_takes(options: argparse.Namespace) -> Mapping[str, object]:
    """What is in the folder, and what cannot be read."""
    takes, problems = Library(options.folder).scan()
    if not options.json:
        for take in takes:
            print(_line(take))
        print(*problems, sep="\n", end="\n" if problems else "")
        print(f"{len(takes)} takes in {options.folder}")
    return {"folder": options.folder, "takes": [describe_take(take) for take in takes], "problems": list(problems)}


def verify_takes(options: argparse.Namespace) -> Mapping[str, object]:
    """Raises `TakeError` that names the damaged takes, if there are any."""
    library = Library(options.folder)
    takes: tuple[Take, ...] = tuple(library.find(name) for name in options.takes)
    damaged: list[str] = []
    if not options.takes:
        takes, unreadable = library.scan()
        damaged += unreadable
    for take in takes:
        problems = verify_take(take)
        damaged += [f"{take.path.name}: {', '.join(problems)}"] if problems else []
        if not options.json:
            print(f"{take.path.name}: {'damaged' if problems else 'whole'}")
    if damaged:
        raise TakeError(f"{len(damaged)} damaged, restore from a backup: {'; '.join(damaged)}")
    return {"folder": options.folder, "verified": [take.path.stem for take in takes]}


def recover_takes(options: argparse.Namespace) -> Mapping[str, object]:
    """What the next start of the window would do by itself."""
    recoveries = recover(options.folder)
    if not options.json:
        print(*(recovery.text for recovery in recoveries) if recoveries else ["nothing to recover"], sep="\n")
    return {
        "folder": options.folder,
        "recovered": [describe_take(recovery.take) for recovery in recoveries if recovery.take is not None],
        "problems": [recovery.text for recovery in recoveries if recovery.take is None],
    }


def replay_one(options: argparse.Namespace) -> Mapping[str, object]:
    """Raises `TakeError` where the take's model, pack or audio prompt is not there as it was."""
    take = Library(options.folder).find(options.take)
    origin = take.score.origin
    automation = None if options.automation is None else Automation.load(options.automation)
    if automation is not None and options.out is None:
        raise TakeError("--automation makes a new take: name its file with --out")

    from engine.instrument import Instrument
    from engine.model.precision import Precision
    from engine.progress import bars, lines

    if origin.dtype not in {precision.value for precision in Precision}:
        raise TakeError(f"{take.path.name} was made with the unknown format {origin.dtype!r}; update Segue")
    instrument = Instrument.load(options.model or origin.model, precision=Precision(origin.dtype))
    if instrument.identity.digest != origin.model_sha256:
        raise TakeError(f"{instrument.identity.name} is not the model of {take.path.name}; name its place with --model")
    pack = _take_pack(instrument, options.pack, take)
    prompt = _take_prompt(instrument, take)
    heard: dict[str, float] = {}

    def render(score: Score) -> Iterator[Passage]:
        with (lines if options.json else bars)("replaying, frames", score.end_frame) as advance:
            for block in _blocks(instrument, pack, prompt, score):
                advance(block.passage.codes.shape[1])
                if pack is not None and block.heard is not None and block.passage.frame < score.end_frame:
                    heard.update(zip(pack.genres, map(float, block.heard), strict=True))
                yield block.passage

    if automation is not None:
        return _varied(vary_take(take, automation, render, options.out, lambda: heard), options)
    replay = replay_take(take, render, options.out)
    device = instrument.decoder.device.type
    if not options.json:
        here = "" if device == origin.device else f"; recorded on {origin.device}, replayed on {device}"
        print(f"{take.path.name}: {'identical' if replay.identical else 'NOT identical'}, {replay.frames} frames{here}")
    return {
        "take": take.path,
        "identical": replay.identical,
        "frames": replay.frames,
        "codes_sha256": replay.codes_sha256,
        "codes_sha256_recorded": take.score.codes_sha256,
        "device": device,
        "device_recorded": origin.device,
        "path": replay.path,
    }


def _varied(variation: Variation, options: argparse.Namespace) -> Mapping[str, object]:
    take, difference = variation.take, variation.first_difference
    if not options.json:
        where = "nowhere" if difference is None else f"from frame {difference} on"
        print(f"{take.path.name}: other than {options.take} {where}")
    return describe_take(take) | {"codes_sha256": take.score.codes_sha256, "first_difference_frame": difference}


def _take_pack(instrument: Instrument, path: Path | None, take: Take) -> ProbePack | None:
    wanted = take.score.origin.pack_sha256
    if not wanted:
        return None
    pack = instrument.pack(path)
    if pack is None or pack.digest != wanted:
        raise TakeError(f"{take.path.name} was steered with another probe pack; name its file with --pack")
    return pack


def _take_prompt(instrument: Instrument, take: Take) -> torch.Tensor | None:
    prompt = take.score.origin.audio_prompt
    if prompt is None:
        return None
    path = Path(prompt.path)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise TakeError(f"the audio prompt {path} of {take.path.name} cannot be read; put it back") from error
    if digest != prompt.sha256:
        raise TakeError(
            f"the audio prompt {path} has been changed since {take.path.name} was made; put the old one back"
        )
    if prompt.stop_s is None:
        return instrument.encode_clip(path, prompt.start_s)
    return instrument.encode_clip(path, prompt.start_s, prompt.stop_s - prompt.start_s)


def _blocks(
    instrument: Instrument, pack: ProbePack | None, prompt: torch.Tensor | None, score: Score
) -> Iterator[Block]:
    """The score's performance from frame 0, for as long as it is asked to go on."""
    from engine.performance import Performance, perform

    performance = Performance(instrument, pack)
    try:
        yield from perform(performance, score.origin.seed, _controls(score), prompt)
    finally:
        performance.close()


def _controls(score: Score) -> Iterator[ControlState]:
    from engine.control import ControlState

    state, control = score.initial, ControlState.from_json(score.initial)
    for frame in itertools.count():
        if (now := score.state_at(frame)) is not state:
            state, control = now, ControlState.from_json(now)
        yield control


def _line(take: Take) -> str:
    minutes, seconds = divmod(take.seconds, 60)
    heard = ", ".join(f"{genre} {share:.0%}" for genre, share in take.heard.items())
    parts = [
        f"{'*' if take.star else ' '} {take.path.name:<24} {minutes:3.0f}:{seconds:04.1f}",
        f"{take.peak_dbfs:6.1f} dBFS {take.lufs:6.1f} LUFS",
        f"{take.dropouts} dropouts",
        heard,
        take.interrupted,
        take.notes,
    ]
    return "  ".join(part for part in parts if part)
