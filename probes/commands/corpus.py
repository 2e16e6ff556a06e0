"""``segue corpus``: compose labelled music of our own, or look at what a folder of genre folders holds."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

NAME = "corpus"
HELP = "compose and render labelled music, or look at a corpus"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add ``compose`` and ``show``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    compose = actions.add_parser("compose", help="compose a corpus into a folder; run again to resume")
    compose.add_argument("folder", type=Path, metavar="DIR", help="where to write FLAC files and manifest.jsonl")
    compose.add_argument(
        "--clips-per-genre", type=int, default=100, metavar="N", help="clips of each of the four genres (%(default)s)"
    )
    compose.add_argument("--seconds", type=float, default=10.0, metavar="S", help="length of a clip (%(default)s)")
    compose.add_argument("--workers", type=int, default=1, metavar="W", help="processes (%(default)s)")
    show = actions.add_parser("show", help="what a corpus holds, and what of it cannot be used")
    show.add_argument("folder", type=Path, metavar="DIR", help="a folder of genre folders, or a composed corpus")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Run one of the actions.

    Raises:
        CorpusError: bad input.
    """
    return run_compose(options) if options.action == "compose" else run_show(options)


def run_compose(options: argparse.Namespace) -> Mapping[str, object]:
    """``segue corpus compose``."""
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


def run_show(options: argparse.Namespace) -> Mapping[str, object]:
    """``segue corpus show``: reads no more of the sound files than their headers."""
    from probes.corpus.open import open_corpus

    folder = options.folder.absolute()  # so that no name is taken for one of the words for corpora
    corpus = open_corpus(str(folder), folder)
    genres = []
    for label in corpus.labels:
        clips = [clip for clip in corpus.clips if clip.label == label]
        songs, seconds = len({clip.song for clip in clips}), sum(clip.seconds for clip in clips)
        genres.append({"genre": label, "clips": len(clips), "songs": songs, "seconds": seconds})
        if not options.json:
            print(f"{label:>16} {len(clips):5} clips of {songs} recordings, {seconds / 60:.1f} minutes")
    if not options.json:
        for line in corpus.skipped:
            print(f"left out: {line}")
    return {"folder": str(options.folder), "genres": genres, "skipped": list(corpus.skipped)}
