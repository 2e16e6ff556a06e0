"""``segue study``: make a blind listening study, and score it. Taking part happens on the window's Study page."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from engine.errors import PackError, StudyError

NAME = "study"
HELP = "make or score a blind listening study"
SHORTEST_S, LONGEST_S = 2.0, 30.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add ``new`` and ``score``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text)

    new = action("new", "make the clips and the order of trials; run again to go on")
    new.add_argument("folder", type=Path, metavar="DIR", help="where to; new, empty, or begun with the same words")
    new.add_argument("--model", default="pocket", help="pocket, a directory, or a hub id in the local cache")
    new.add_argument("--pack", type=Path, help="probe pack; without it, the model's own")
    new.add_argument("--seed", type=int, default=0, help="of clips and order (%(default)s)")
    new.add_argument("--sources", type=int, default=20, metavar="N", help="pieces to start from, in all (%(default)s)")
    new.add_argument(
        "--transitions", metavar="FROM:TO,…", help="without it, classical → electronic → jazz → rock → classical"
    )
    new.add_argument("--seconds", type=float, default=10.0, metavar="S", help="length of a clip (%(default)s)")
    score = action(
        "score",
        "count the answers: how often each group chose right in each transition, and whether chance could do that",
    )
    score.add_argument("paths", type=Path, nargs="+", metavar="DIR|FILE", help="a study, or sheets of answers")
    score.add_argument("-o", "--out", type=Path, metavar="FILE.md", help="also write the table there")
    score.add_argument("--force", action="store_true", help="replace a file that exists")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Run one of the actions.

    Raises:
        SegueError: bad input.
    """
    return run_new(options) if options.action == "new" else run_score(options)


def run_new(options: argparse.Namespace) -> Mapping[str, object]:
    """``segue study new``."""
    if not SHORTEST_S <= options.seconds <= LONGEST_S:
        raise StudyError(f"--seconds must lie between {SHORTEST_S:g} and {LONGEST_S:g}")

    from probes.study.design import RING, lay_out, parse_transitions, ring

    transitions = ring(RING) if options.transitions is None else parse_transitions(options.transitions)
    lay_out(transitions, options.sources, options.seed)  # refuses what cannot be, before a model is loaded

    from engine.instrument import PROMPT_SECONDS, Instrument
    from engine.model.precision import Precision
    from engine.progress import bars, lines
    from probes.evaluate.batch import memory_in_words, rows_at_once
    from probes.study.materials import Request, check_folder, make_study

    check_folder(options.folder)
    instrument = Instrument.load(options.model, precision=Precision.FP32)
    pack = instrument.pack(options.pack)
    if pack is None:
        raise PackError(f"{instrument.identity.name} has no probe pack: make one with `segue probe train`")
    request = Request(transitions, options.sources, options.seed, options.seconds)
    batch = rows_at_once(instrument, *(round(s * instrument.frame_rate_hz) for s in (PROMPT_SECONDS, options.seconds)))
    with memory_in_words():
        study = make_study(options.folder, request, instrument, pack, lines if options.json else bars, batch)
    trials = len(study.booklets[0])
    if not options.json:
        print(f"{study.folder}: {len(study.clips)} clips, {trials} trials a participant; open it on the Study page")
    return {
        "folder": str(study.folder),
        "study": study.digest,
        "model": study.model,
        "licence": study.licence,
        "seed": study.seed,
        "clips": len(study.clips),
        "trials": trials,
        "booklets": len(study.booklets),
        "transitions": [[transition.source, transition.target] for transition in transitions],
    }


def run_score(options: argparse.Namespace) -> Mapping[str, object]:
    """``segue study score``."""
    out: Path | None = options.out
    if out is not None:
        if not out.parent.is_dir():
            raise StudyError(f"there is no folder {out.parent}: make it first")
        if out.is_dir() or (out.exists() and not options.force):
            raise StudyError(f"{out} exists: choose another name, or add --force to replace it")

    from probes.study.score import read_sheets, score
    from probes.study.table import to_json, to_markdown

    table = score(read_sheets(options.paths))
    text = to_markdown(table)
    if out is not None:
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise StudyError(f"{out} cannot be written ({error.strerror}): choose another place") from None
    if not options.json:
        print(text, end="")
    return to_json(table)
