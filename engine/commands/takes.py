"""``segue takes``: list, check, recover, replay and export recorded takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from engine.automation import Automation
from engine.errors import TakeError
from engine.progress import Progress, bars, lines
from engine.takes.export import DEPTHS, PEAK_DBTP, export_take
from engine.takes.library import Library, verify_take
from engine.takes.naming import default_folder
from engine.takes.passage import Passage
from engine.takes.recovery import recover
from engine.takes.replay import keep_replay, replay_take
from engine.takes.score import Score
from engine.takes.take import Heading, Take, describe_take
from engine.takes.variation import Variation, vary_take

NAME = "takes"
HELP = "list, check, recover, replay and export recorded takes"


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
    replay.add_argument("-o", "--out", type=Path, help="also keep it as a take, in a new .wav or .flac file")
    replay.add_argument("--automation", type=Path, help="move knobs otherwise, as JSON; a new take, to --out")
    replay.add_argument("--model", help="where the take's model is now")
    replay.add_argument("--pack", type=Path, help="where the take's probe pack is now")
    export = add("export", export_one, "write a take as a file for elsewhere, at another loudness if asked to")
    export.add_argument("take", metavar="TAKE", help="name or file")
    export.add_argument("out", type=Path, metavar="OUT", help="a new .wav or .flac file")
    export.add_argument("--lufs", type=float, help="integrated loudness to aim at, such as -14, -16 or -23")
    export.add_argument(
        "--peak", type=float, metavar="DBTP", help=f"true peak to stay below; with --lufs {PEAK_DBTP:g} unless said"
    )
    export.add_argument("--bits", type=int, choices=DEPTHS, default=DEPTHS[0], help="per sample (%(default)s)")
    export.add_argument("--overwrite", action="store_true", help="replace OUT if it is there")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Do what was asked. Raises `TakeError`."""
    return options.run_action(options)


def list_takes(options: argparse.Namespace) -> Mapping[str, object]:
    """What is in the folder, and what cannot be read."""
    takes, problems = Library(options.folder).load()
    if not options.json:
        for take in takes:
            print(_line(take))
        print(*problems, sep="\n", end="\n" if problems else "")
        print(f"{len(takes)} takes in {options.folder}")
    return {"folder": options.folder, "takes": [describe_take(take) for take in takes], "problems": list(problems)}


def verify_takes(options: argparse.Namespace) -> Mapping[str, object]:
    """Raises `TakeError` that names the damaged takes, if there are any."""
    library = Library(options.folder)
    takes: tuple[Heading, ...] = tuple(library.find(name) for name in options.takes)
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
    automation = None if options.automation is None else Automation.load(options.automation)
    if automation is not None and options.out is None:
        raise TakeError("--automation makes a new take: name its file with --out")

    from engine.replayer import Replayer

    replayer = Replayer.of(take, options.model, options.pack)
    here = replace(take, score=replace(take.score, origin=replayer.origin))

    def render(score: Score) -> Iterator[Passage]:
        with _progress(options)("replaying, frames", score.end_frame) as advance:
            yield from replayer.render(score, advance)

    def heard() -> Mapping[str, float]:
        return replayer.heard

    if automation is not None:
        return _varied(vary_take(here, automation, render, options.out, heard), options)
    if options.out is not None:
        _, replay = keep_replay(
            take, here.score, options.out, render, heard, lambda same: f"{take.path.stem} again, {_verdict(same)}"
        )
    else:
        replay = replay_take(take, render)
    device, device_recorded = replayer.origin.device, take.score.origin.device
    if not options.json:
        moved = "" if device == device_recorded else f"; recorded on {device_recorded}, replayed on {device}"
        print(f"{take.path.name}: {_verdict(replay.identical)}, {replay.frames} frames{moved}")
    return {
        "take": take.path,
        "identical": replay.identical,
        "frames": replay.frames,
        "codes_sha256": replay.codes_sha256,
        "codes_sha256_recorded": take.score.codes_sha256,
        "device": device,
        "device_recorded": device_recorded,
        "path": replay.path,
    }


def _verdict(identical: bool) -> str:
    return "identical" if identical else "NOT identical"


def _varied(variation: Variation, options: argparse.Namespace) -> Mapping[str, object]:
    take, difference = variation.take, variation.first_difference
    if not options.json:
        where = "nowhere" if difference is None else f"from frame {difference} on"
        print(f"{take.path.name}: other than {options.take} {where}")
    return describe_take(take) | {"codes_sha256": take.score.codes_sha256, "first_difference_frame": difference}


def export_one(options: argparse.Namespace) -> Mapping[str, object]:
    """Raises `TakeError` where the file exists, cannot be written, or the take cannot be measured."""
    take = Library(options.folder).find(options.take)
    export = export_take(
        take,
        options.out,
        bits=options.bits,
        lufs=options.lufs,
        peak_dbtp=options.peak,
        overwrite=options.overwrite,
        progress=_progress(options),
    )
    if not options.json:
        levels = f"{export.gain_db:+.1f} dB, {export.lufs:.1f} LUFS, {export.true_peak_dbtp:.1f} dBTP"
        print(f"{export.path}: {levels}{'; the peak allows no more' if export.limited else ''}")
    return {
        "take": take.path,
        "path": export.path,
        "bits": options.bits,
        "gain_db": export.gain_db,
        "lufs_integrated": export.lufs,
        "true_peak_dbtp": export.true_peak_dbtp,
        "limited_by_peak": export.limited,
    }


def _progress(options: argparse.Namespace) -> Progress:
    return lines if options.json else bars


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
