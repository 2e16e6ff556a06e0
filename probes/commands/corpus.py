"""``segue corpus compose``: labelled music of our own making, to learn and to test with."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

NAME = "corpus"
HELP = "compose and render labelled music"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add ``compose`` and its options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    compose = actions.add_parser("compose", help="compose a corpus into a folder; run again to resume")
    compose.add_argument("folder", type=Path, metavar="DIR", help="where to write FLAC files and manifest.jsonl")
    compose.add_argument(
        "--clips-per-genre", type=int, default=100, metavar="N", help="clips of each of the four genres (%(default)s)"
    )
    compose.add_argument("--seconds", type=float, default=10.0, metavar="S", help="length of a clip (%(default)s)")
    compose.add_argument("--workers", type=int, default=1, metavar="W", help="processes (%(default)s)")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Compose the corpus.

    Raises:
        CorpusError: see :func:`probes.corpus.composed.write.write_corpus`.
    """
    from engine.progress import bars, lines
    from probes.corpus.composed.write import write_corpus

    summary = write_corpus(
        options.folder,
        clips_per_genre=options.clips_per_genre,
        seconds=options.seconds,
        workers=options.workers,
        progress=lines if options.json else bars,
    )
    if not options.json:
        ending = "stopped; the same command goes on" if summary.interrupted else "complete"
        print(f"{summary.folder}: {summary.written} clips composed, {summary.kept} kept, {ending}")
    return {
        "folder": str(summary.folder),
        "written": summary.written,
        "kept": summary.kept,
        "splits": summary.splits,
        "seconds": options.seconds,
        "interrupted": summary.interrupted,
    }
