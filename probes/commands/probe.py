"""``segue probe``: knobs from labelled audio, one more knob from a folder, and what the probes hear in a recording."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import CorpusError, PackError
from probes.folders import make_folder

if TYPE_CHECKING:
    from engine.instrument import Instrument
    from engine.steering.pack import ProbePack
    from probes.analyse import Finding
    from probes.train import Training

NAME = "probe"
HELP = "make knobs from labelled audio, or hear genres in a recording"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add ``train``, ``add`` and ``read``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text)

    train = action("train", "a pack of knobs from a corpus; run again to go on after an interruption")
    train.add_argument(
        "corpus",
        metavar="CORPUS",
        help="composed, composed:CLIPS of each genre, a folder of genre folders, or hub:NAME",
    )
    train.add_argument(
        "--genres", metavar="A,B,…", help="of a folder or data set: which, in the knobs' order; without it, all"
    )
    train.add_argument("-o", "--out", type=Path, required=True, metavar="PACK.safetensors")
    train.add_argument("--model", default="pocket", help="pocket, a directory, or a hub id in the local cache")
    train.add_argument("--report", type=Path, metavar="DIR", help="also write report.html there")
    train.add_argument(
        "--rule",
        choices=("effect", "accuracy"),
        default="effect",
        help="what chooses layer, law and strength: steered pieces judged by ear, or held-out accuracy (the paper's)",
    )
    train.add_argument(
        "--cache", type=Path, metavar="DIR", help="where recordings are kept; without it, the user's cache"
    )
    train.add_argument("--ray", metavar="ADDRESS|local", help="record on a Ray cluster that sees the same files")
    train.add_argument("--force", action="store_true", help="replace files that exist")
    add = action("add", "one more knob from a folder of audio")
    add.add_argument("folder", type=Path, metavar="DIR", help="at least 10 clips of 10 s, from at least 3 recordings")
    add.add_argument("--name", required=True, help="of the knob")
    add.add_argument("--pack", type=Path, metavar="PACK", help="the pack to add to; without it, the model's own")
    add.add_argument("-o", "--out", type=Path, required=True, metavar="NEW.safetensors")
    add.add_argument("--model", default="pocket", help="the model that the pack is for")
    add.add_argument("--force", action="store_true", help="replace files that exist")
    read = action("read", "what the probes hear in a recording, and the knobs that would go there")
    read.add_argument("file", type=Path, metavar="FILE", help="a sound file")
    read.add_argument("--pack", type=Path, metavar="PACK", help="without it, the model's own")
    read.add_argument("--model", default="pocket", help="the model that the pack is for")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Run one of the actions.

    Raises:
        SegueError: bad input.
    """
    actions: dict[str, Callable[[argparse.Namespace], Mapping[str, object]]] = {
        "train": run_train,
        "add": run_add,
        "read": run_read,
    }
    return actions[options.action](options)


def check_output(path: Path, force: bool) -> None:
    """Refuse what cannot be written, before any work is done.

    Raises:
        PackError: another suffix, no such folder or none that may be written to, or a file that may not be replaced.
    """
    if path.suffix != ".safetensors":
        raise PackError(f"{path} must end in .safetensors")
    if not path.parent.is_dir():
        raise PackError(f"there is no folder {path.parent}: make it first")
    if not os.access(path.parent, os.W_OK):
        raise PackError(f"{path.parent} may not be written to: choose another folder")
    if path.is_dir() or (path.exists() and not force):
        raise PackError(f"{path} exists: choose another name, or add --force to replace it")


def _load(model: str) -> Instrument:
    from engine.instrument import Instrument
    from engine.model.precision import Precision

    return Instrument.load(model, precision=Precision.FP32)


def _pack(instrument: Instrument, path: Path | None) -> ProbePack:
    pack = instrument.pack(path)
    if pack is None:
        raise PackError(f"{instrument.identity.name} has no probe pack: make one with `segue probe train`")
    return pack


def run_train(options: argparse.Namespace) -> Mapping[str, object]:
    """``segue probe train``: writes the pack, and beside it the corpus sample and the ear."""
    check_output(options.out, options.force)
    if options.report is not None:
        make_folder(options.report)

    from probes.evaluate.batch import memory_in_words

    with memory_in_words():
        return _train(options)


def _train(options: argparse.Namespace) -> Mapping[str, object]:
    import platformdirs

    from engine.progress import bars, lines
    from probes.background import beside
    from probes.corpus.open import open_corpus
    from probes.facts import training_facts
    from probes.record import batch_for
    from probes.train import train

    cache = options.cache or platformdirs.user_cache_path("segue", appauthor=False)
    progress = lines if options.json else bars
    only = [name for name in map(str.strip, (options.genres or "").split(",")) if name]
    corpus = open_corpus(options.corpus, cache, progress, only)
    instrument = _load(options.model)
    batch = batch_for(instrument.decoder.device)
    record = None
    if options.ray is not None:
        from probes.ray_recording import RayRecorder

        record = RayRecorder(options.ray, options.model, instrument.identity, corpus.labels, batch)
    training = train(
        corpus,
        instrument,
        cache,
        progress,
        options.rule == "effect",
        batch,
        record,
        lambda finding: _tell_finding(finding, corpus.labels) if options.json else None,
    )
    training.pack.save(options.out)
    training.background.save(beside(options.out, "corpus"))
    training.lesson.ear.save(beside(options.out, "ear"))
    if options.report is not None:
        from probes.report import write_report

        write_report(training, options.report)
    if not options.json:
        _tell(training, options.out)
    return training_facts(training) | {"pack": str(options.out)}


def _tell_finding(finding: Finding, genres: Sequence[str]) -> None:
    """One line for the program that started us, among those of :func:`engine.progress.lines`."""
    from probes.facts import finding_facts

    print(json.dumps({"finding": finding_facts(finding), "genres": list(genres)}), file=sys.stderr, flush=True)


def _tell(training: Training, path: Path) -> None:
    best, defaults = training.best, training.pack.defaults
    low, high = best.accuracy.interval
    for line in training.recording.skipped:
        print(f"skipped {line}")
    print(f"layer {best.layer} knows genre best: {best.accuracy.share:.3f} of held-out clips ({low:.3f}–{high:.3f})")
    if best.style.count:
        print(f"on styles that were held out: {best.style.share:.3f}")
    if training.choice is not None:
        effect = training.choice.effect
        print(f"layers by effect: {', '.join(map(str, training.choice.layers))}")
        print(f"a knob at 1 raises its genre's probability by {effect.delta:.2f}, to {effect.share:.2f}")
    print(f"{path}: {defaults.where}, law {defaults.law}, α {defaults.knob_scale:.2f} at a knob of 1")


def run_add(options: argparse.Namespace) -> Mapping[str, object]:
    """``segue probe add``: writes the wider pack, and beside it its corpus sample and the old pack's ear."""
    check_output(options.out, options.force)
    if not options.folder.is_dir():
        raise CorpusError(f"{options.folder} is no folder: give one with at least 10 clips of 10 s")

    from engine.progress import bars, lines
    from engine.steering.pack import PACK_NAME
    from probes.add import add_knob
    from probes.background import Background, beside
    from probes.evaluate.judges.ear import Ear

    instrument = _load(options.model)
    pack = _pack(instrument, options.pack)
    path = options.pack or (instrument.folder or Path()) / PACK_NAME
    background = Background.load(beside(path, "corpus"))
    background.check_fits(pack)
    progress = lines if options.json else bars
    added = add_knob(options.folder, options.name, pack, background, instrument, progress)
    added.pack.save(options.out)
    added.background.save(beside(options.out, "corpus"))
    ear = beside(path, "ear")
    if ear.exists():
        Ear.load(ear).save(beside(options.out, "ear"))  # of the genres that it knows
    if not options.json:
        for line in added.skipped:
            print(f"skipped {line}")
        print(f"{options.out}: '{options.name}' is told from the rest with AUC {added.auc:.3f} (held-out songs)")
    return {
        "pack": str(options.out),
        "name": options.name,
        "clips": added.clips,
        "skipped": list(added.skipped),
        "auc": added.auc,
        "p_value": added.p_value,
    }


def run_read(options: argparse.Namespace) -> Mapping[str, object]:
    """``segue probe read``."""
    from engine.progress import bars, lines
    from probes.read import read_recording

    instrument = _load(options.model)
    pack = _pack(instrument, options.pack)
    reading = read_recording(options.file, instrument, pack, lines if options.json else bars)
    heard = dict(zip(pack.genres, reading.heard.tolist(), strict=True))
    if not options.json:
        for genre, share in sorted(heard.items(), key=lambda item: -item[1]):
            print(f"{genre:>16} {share:6.1%}")
        print("knobs:", ",".join(f"{genre}={knob:.2f}" for genre, knob in reading.knobs(pack.genres)))
    return {
        "file": str(options.file),
        "heard": heard,
        "knobs": dict(reading.knobs(pack.genres)),
        "times_s": reading.times_s,
        "shares": {genre: reading.shares[:, index].tolist() for index, genre in enumerate(pack.genres)},
    }
