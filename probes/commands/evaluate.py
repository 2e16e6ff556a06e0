"""``segue evaluate``: does steering work? The paper's experiment with its controls, on any checkpoint that has a pack."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import CorpusError, PackError

if TYPE_CHECKING:
    from engine.instrument import Instrument
    from engine.steering.pack import ProbePack
    from probes.background import Background

NAME = "evaluate"
HELP = "play, judge and count what steering does, beside text, chance and other methods"
MOST_SAMPLES = 1_000
FEWEST_SWEPT = 2  # of one piece of a genre there is no spread


def configure(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="DIR", help="run again to go on where it stopped"
    )
    parser.add_argument("--model", default="pocket", help="pocket, a directory, or a hub id in the local cache")
    parser.add_argument("--pack", type=Path, metavar="PACK", help="probe pack; without it, the model's own")
    parser.add_argument("--judge", default="ear", help="ear, clap, or clap:MODEL (%(default)s)")
    parser.add_argument("--labels", help="what CLAP may hear, such as jazz,rock; without it, the pack's genres")
    parser.add_argument("--template", help="CLAP's sentence about a label, with {} in its place")
    parser.add_argument(
        "--corpus",
        metavar="CORPUS",
        help="music that quality is measured from: composed, composed:CLIPS, a folder of genre folders, or hub:NAME; "
        "without it, what the ear learnt from, or for CLAP the model's own music from text",
    )
    parser.add_argument("--samples", type=int, default=20, metavar="N", help="sources of each genre (%(default)s)")
    parser.add_argument("--transitions", metavar="A:B,…", help="such as jazz:rock; without it, the paper's ring")
    parser.add_argument(
        "--sweep",
        action="store_true",
        help="also play every strength × layer × law, and the pack's own layers and law on every frame, every 2nd, 5th and "
        "25th; longer than all the rest together",
    )
    parser.add_argument("--ray", metavar="ADDRESS|local", help="play on a Ray cluster that sees the same files")
    parser.add_argument("--force", action="store_true", help="replace the pages of an earlier evaluation in DIR")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Evaluate; writes the pages and returns ``evaluate.json``.

    Raises:
        SegueError: bad input. Whatever stops it, what was heard until then is kept in the folder.
    """
    if not 1 <= options.samples <= MOST_SAMPLES:
        raise CorpusError(f"--samples must lie between 1 and {MOST_SAMPLES}, not {options.samples}")
    if options.sweep and options.samples < FEWEST_SWEPT:
        raise CorpusError(f"--sweep judges too little by one piece of each genre: add --samples {FEWEST_SWEPT} or more")
    if options.judge == "ear" and (options.labels is not None or options.template is not None):
        raise CorpusError("--labels and --template are CLAP's: add --judge clap")

    from probes.evaluate.batch import memory_in_words

    with memory_in_words():
        return _evaluate(options)


def _evaluate(options: argparse.Namespace) -> Mapping[str, object]:
    from engine.control import ControlState
    from engine.instrument import Instrument
    from engine.model.precision import Precision
    from engine.progress import bars, lines
    from engine.steering.pack import PACK_NAME
    from probes.evaluate.batch import rows_at_once
    from probes.evaluate.generate import Generator
    from probes.evaluate.judges.open import open_judge
    from probes.evaluate.page import FACTS_NAME, NAMES, PAGE_NAME, TABLE_NAME, gathered, plain, write_pages
    from probes.evaluate.sections import sections
    from probes.evaluate.stage import NEW_S, PROMPT_S, VERDICTS_FOLDER, Stage
    from probes.folders import make_folder

    check_unfinished(options.out, NAMES, options.force)
    make_folder(options.out)
    make_folder(options.out / VERDICTS_FOLDER)
    progress, corpus = lines if options.json else bars, None
    if options.corpus is not None:
        import platformdirs

        from probes.corpus.open import open_corpus

        corpus = open_corpus(options.corpus, platformdirs.user_cache_path("segue", appauthor=False), progress)
    instrument = Instrument.load(options.model, precision=Precision.FP32)
    pack = instrument.pack(options.pack)
    if pack is None:
        raise PackError(f"{instrument.identity.name} has no probe pack: make one with `segue probe train`")
    path = options.pack or (instrument.folder or Path()) / PACK_NAME
    pairs = parse_transitions(options.transitions, pack.genres)
    labels = parse_labels(options.labels, pack.genres)
    check_labels(labels, pairs)  # before a CLAP is loaded; an ear brings its own
    judge = open_judge(options.judge, path, labels, options.template)
    check_labels(judge.labels, pairs)
    places = None
    if corpus is not None:
        from probes.evaluate.real_music import real_places

        genres = [genre for genre in pack.genres if genre in judge.labels]
        kept = options.out / VERDICTS_FOLDER
        places = real_places(corpus, genres, options.samples, instrument, judge, kept, progress)
    batch = rows_at_once(instrument, *(round(s * instrument.frame_rate_hz) for s in (PROMPT_S, NEW_S)))
    control, crew = ControlState(), None
    if options.ray is not None:
        from probes.evaluate.ray_hearing import RayCrew, Spec

        heard = (options.judge, judge.identity, options.pack, labels, options.template)
        crew = RayCrew(options.ray, Spec(options.model, pack, *heard, batch))
    stage = Stage(
        Generator(instrument, control, batch),
        control,
        pack,
        judge,
        options.samples,
        options.out,
        progress,
        crew,
        places,
    )
    parts = [section(stage) for section in sections(pairs, background_of(path, pack), options.sweep)]
    title = f"Steering {instrument.identity.name}"
    facts = summary(instrument, pack, options.samples, judge.name)
    write_pages(options.out, title, in_words(pack, options.samples, judge.name), facts, parts)
    if not options.json:
        print((options.out / TABLE_NAME).read_text(encoding="utf-8"))
        print(f"{options.out / PAGE_NAME} lets you hear it; {options.out / FACTS_NAME} has the figures")
    out: dict[str, object] = plain(gathered(facts, parts))
    return out


def check_unfinished(folder: Path, names: Sequence[str], force: bool) -> None:
    """Refuse to replace an evaluation unasked.

    Raises:
        CorpusError: it is finished.
    """
    found = [name for name in names if (folder / name).exists()]
    if found and not force:
        raise CorpusError(f"{folder / found[0]} exists: choose another folder, or add --force to replace it")


def parse_transitions(text: str | None, genres: Sequence[str]) -> list[tuple[str, str]]:
    """``jazz:rock,rock:jazz``; without any the paper's ring, or if the pack has other genres, the pack's own in order.

    Raises:
        CorpusError: not of that form, genres that the pack lacks, or one twice: it would count twice among the tests that
            are corrected for.
    """
    from probes.evaluate.transitions import RING

    if text is None:
        ring = [pair for pair in RING if set(pair) <= set(genres)]
        if len(genres) < 2:
            raise CorpusError("the pack knows one genre: a transition needs two")
        return ring or list(zip(genres, (*genres[1:], genres[0]), strict=True))
    pairs = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        source, colon, target = (word.strip() for word in part.partition(":"))
        if not (source and colon and target) or source == target:
            raise CorpusError(f"'{part}' is no transition: write it like jazz:rock")
        for genre in (source, target):
            if genre not in genres:
                raise CorpusError(f"no genre '{genre}' in this pack: it has {', '.join(genres)}")
        pairs.append((source, target))
    if not pairs:
        raise CorpusError("--transitions names none: write them like classical:jazz,jazz:rock")
    if len(set(pairs)) < len(pairs):
        raise CorpusError(f"--transitions {text} names one twice: name each once")
    return pairs


def parse_labels(text: str | None, genres: Sequence[str]) -> tuple[str, ...]:
    """``jazz, rock``, each once; without any the pack's genres."""
    return tuple(genres) if text is None else tuple(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))


def check_labels(labels: Sequence[str], pairs: Sequence[tuple[str, str]]) -> None:
    """Refuse a judge that cannot hear what is to be judged.

    Raises:
        CorpusError: a source or target is not among its labels.
    """
    for pair in pairs:
        for genre in pair:
            if genre not in labels:
                raise CorpusError(
                    f"the judge has no label '{genre}', only {', '.join(labels) or 'none'}: add it to --labels"
                )


def background_of(pack_path: Path, pack: ProbePack) -> Background | None:
    """The corpus sample beside the pack; None where there is none."""
    from probes.background import Background, beside

    path = beside(pack_path, "corpus")
    if not path.exists():
        return None
    background = Background.load(path)
    background.check_fits(pack)
    return background if set(pack.genres) <= set(background.labels) else None


def summary(instrument: Instrument, pack: ProbePack, samples: int, judge: str) -> dict[str, object]:
    """The first keys of the JSON object."""
    defaults = pack.defaults
    return {
        "judge": judge,
        "samples": samples,
        "model": instrument.identity.name,
        "pack": {
            "digest": pack.digest,
            "method": pack.method,
            "layers": [layer for layer, _ in defaults.layers],
            "law": defaults.law.value,
            "knob_scale": defaults.knob_scale,
        },
    }


def in_words(pack: ProbePack, samples: int, judge: str) -> str:
    """The page's first sentences."""
    defaults = pack.defaults
    return (
        f"{pack.model.name}, steered at {defaults.where} with directions `{pack.method}` by the law `{defaults.law}`; a knob "
        f"at 1 is α = {defaults.knob_scale:.2f}. Judge: {judge}; {samples} sources of each genre."
    )
