"""``segue evaluate`` on a tiny model with a pack and an ear of its own: pages, resuming, and what it refuses."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.control import Law
from engine.errors import CheckpointError, CorpusError, DeviceError, PackError, SegueError
from engine.instrument import Instrument
from engine.model.precision import Precision
from engine.steering.pack import PACK_NAME, PackDefaults, ProbePack
from probes.background import Background, beside
from probes.commands import evaluate
from probes.evaluate.features import SIZE
from probes.evaluate.generate import Generator, Piece
from probes.evaluate.judges.ear import train_ear
from probes.evaluate.page import NAMES
from probes.evaluate.part import Part
from probes.evaluate.stage import Stage

GENRES = ("jazz", "rock")


@pytest.fixture(scope="module")
def model(tiny_spectral: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model's folder with pack, corpus sample and ear."""
    folder = tmp_path_factory.mktemp("model") / "tiny"
    shutil.copytree(tiny_spectral, folder)
    identity = Instrument.load(str(folder), precision=Precision.FP32).identity
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((3, 2, 64))
    wide = (directions / np.linalg.norm(directions, axis=-1, keepdims=True)).astype(np.float32)
    zeros = np.zeros((3, 2), np.float32)
    some = PackDefaults(((1, 1.0),), Law.PRESERVE, 0.5)
    ProbePack(identity, GENRES, wide, wide, zeros, zeros[:, 0], np.ones(2, np.float32), some, 1, "made up").save(
        folder / PACK_NAME
    )
    targets = np.arange(20) % 2
    means = rng.standard_normal((20, 3, 64)).astype(np.float32)
    background = Background(identity, GENRES, means, targets, np.zeros(20, np.int64))
    background.save(beside(folder / PACK_NAME, "corpus"))
    features = rng.standard_normal((40, SIZE)).astype(np.float32)
    ear = train_ear(features, np.arange(40) % 2, GENRES)
    corpus = {genre: rng.standard_normal((20, len(ear.axes))) for genre in GENRES}
    replace(ear, corpus=corpus).save(beside(folder / PACK_NAME, "ear"))
    return folder


def options(folder: Path, out: Path, **changes: Any) -> argparse.Namespace:
    """As the command line gives them, but for the changes."""
    parser = argparse.ArgumentParser()
    evaluate.configure(parser)
    given = vars(
        parser.parse_args(["-o", str(out), "--model", str(folder), "--samples", "2", "--transitions", "jazz:rock"])
    )
    return argparse.Namespace(**given | {"json": True} | changes)


def test_it_leaves_three_pages_and_says_the_designs_keys(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    told = evaluate.run(options(model, out))
    assert set(NAMES) <= {path.name for path in out.iterdir()}
    assert not list(out.rglob("*.part"))
    written = json.loads((out / "evaluate.json").read_text("utf-8"))
    assert written == json.loads(json.dumps(told))
    assert (written["judge"], written["samples"]) == ("ear", 2)
    (transition,) = written["transitions"]
    assert (transition["source"], transition["target"]) == ("jazz", "rock")
    for arm in ("unsteered", "steered", "prompted", "random", "diffmean"):
        assert {"delta", "ci_low", "ci_high", "target_share", "quality"} <= set(transition["arms"][arm])
    assert transition["arms"]["unsteered"]["delta"] == 0
    assert written["reference"] == "the corpus that the ear learnt from"


def test_any_clap_judges(model: Path, saving_clap: Callable[..., Path], tmp_path: Path) -> None:
    """It brings no corpus: the model's own music from text stands in."""
    clap = saving_clap(tmp_path / "clap")
    told = evaluate.run(
        options(model, tmp_path / "out", judge=f"clap:{clap}", labels="rock, jazz,classical", samples=1)
    )
    assert told["judge"] == "clap"
    assert told["reference"] == "other pieces that the unsteered model made from the genre's name in words"
    with pytest.raises(CorpusError, match="the judge has no label 'rock'"):
        evaluate.run(options(model, tmp_path / "other", judge=f"clap:{clap}", labels="jazz,classical"))


def test_quality_is_measured_from_any_corpus(
    model: Path,
    saving_clap: Callable[..., Path],
    writing: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look(stage: Stage) -> Part:
        sizes = {genre: len(places) for genre, places in stage.reference.items()}
        return Part("Reference", {"reference": stage.reference_name, "sizes": sizes}, "", "")

    monkeypatch.setattr("probes.evaluate.sections.sections", lambda *_: (look,))
    music = writing(tmp_path / "music", songs=6, genres=2)
    (music / "clicks").rename(music / "jazz")
    (music / "drone").rename(music / "rock")
    clap = saving_clap(tmp_path / "clap")
    told = evaluate.run(options(model, tmp_path / "out", judge=f"clap:{clap}", samples=3, corpus=str(music)))
    assert told["reference"] == "the corpus that was given, through the codec"
    assert told["sizes"] == {"jazz": 3, "rock": 3}
    assert len(list((tmp_path / "out" / "verdicts").glob("corpus-*.safetensors"))) == 1


class Stopped(Exception):
    """A power cut."""


def test_an_interrupted_run_goes_on_where_it_was(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play, played = Generator.codes, list[int]()

    def cut_off(self: Generator, pieces: Sequence[Piece], frames: int) -> Any:
        if len(played) == 2:
            raise Stopped
        played.append(len(pieces))
        return play(self, pieces, frames)

    with monkeypatch.context() as patch:
        patch.setattr(Generator, "codes", cut_off)
        with pytest.raises(Stopped):
            evaluate.run(options(model, tmp_path))
    assert not set(NAMES) & {path.name for path in tmp_path.iterdir()}
    kept = {path.name for path in (tmp_path / "verdicts").iterdir()}
    assert len(kept) == 2

    played.clear()
    monkeypatch.setattr(
        Generator, "codes", lambda self, pieces, n: (played.append(len(pieces)), play(self, pieces, n))[1]
    )
    resumed = evaluate.run(options(model, tmp_path))
    assert kept < {path.name for path in (tmp_path / "verdicts").iterdir()}
    count = len(played)
    played.clear()
    again = evaluate.run(options(model, tmp_path, force=True))
    assert not played
    assert count > 0
    assert again == resumed


def test_a_finished_evaluation_is_not_overwritten_unasked(model: Path, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"index.html exists: choose another folder, or add --force"):
        evaluate.run(options(model, tmp_path))
    assert (tmp_path / "index.html").read_text("utf-8") == "mine"
    (tmp_path / "file").write_text("", encoding="utf-8")


@pytest.fixture
def nothing_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: Any, **__: Any) -> Any:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(Instrument, "load", load)


@pytest.mark.usefixtures("nothing_loads")
def test_a_folder_that_takes_no_file_is_refused_before_a_model_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"below cannot be made .* choose another folder"):
        evaluate.run(options(tmp_path, tmp_path / "file" / "below"))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "verdicts").write_text("", encoding="utf-8")
    with pytest.raises(CorpusError, match="verdicts cannot be made"):
        evaluate.run(options(tmp_path, tmp_path / "out"))

    def touch(self: Path, *_: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "touch", touch)
    with pytest.raises(CorpusError, match=r"other cannot be written to \(Read-only file system\): choose another"):
        evaluate.run(options(tmp_path, tmp_path / "other"))


@pytest.mark.usefixtures("nothing_loads")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"sweep": True, "samples": 1},
            "--sweep judges too little by one piece of each genre: add --samples 2 or more",
        ),
        ({"labels": "jazz,rock"}, "--labels and --template are CLAP's: add --judge clap"),
        ({"template": "a song of {}"}, "--labels and --template are CLAP's: add --judge clap"),
        (
            {"corpus": "nowhere"},
            "no corpus at nowhere: give composed, composed:CLIPS, a folder of genre folders, or hub:NAME",
        ),
    ],
)
def test_words_that_make_no_sense_are_refused_before_a_model_is_loaded(
    changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError) as caught:
        evaluate.run(options(tmp_path, tmp_path / "out", **changes))
    assert str(caught.value) == words
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("labels", ["", " , ", "jazz", "jazz,jazz"])
def test_labels_are_looked_at_before_clap_is(labels: str, model: Path, tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"the judge has no label '(jazz|rock)', only (none|jazz): add it to --labels"
    ):
        evaluate.run(options(model, tmp_path / "out", judge=f"clap:{tmp_path}", labels=labels))


def test_labels_count_once() -> None:
    """CLAP's probabilities are shares: a label that stands twice would get two."""
    assert evaluate.parse_labels("jazz, rock,jazz ,", GENRES) == ("jazz", "rock")
    assert evaluate.parse_labels(None, GENRES) == GENRES


def test_a_batch_is_what_memory_holds(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def played(self: Generator, pieces: Sequence[Piece], frames: int) -> Any:
        raise Stopped(f"{len(pieces)} of {self.batch}")

    monkeypatch.setattr(Generator, "codes", played)
    with pytest.raises(Stopped, match="2 of 64"):
        evaluate.run(options(model, tmp_path / "out"))
    monkeypatch.setattr("probes.evaluate.batch.available_bytes", lambda _: 0)
    with pytest.raises(Stopped, match="1 of 1"):
        evaluate.run(options(model, tmp_path / "out"))


def test_memory_that_runs_out_is_told_in_one_line(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(*_: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(Generator, "codes", too_much)
    with pytest.raises(DeviceError, match="not enough memory"):
        evaluate.run(options(model, tmp_path / "out"))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"samples": 0}, CorpusError, "--samples must lie between 1 and 1000, not 0"),
        ({"judge": "critic"}, CorpusError, "no judge 'critic': choose ear, clap, or clap:MODEL"),
        ({"judge": "clap:some/where"}, CheckpointError, "get it with `segue download some/where`"),
        ({"transitions": "jazz:polka"}, CorpusError, "no genre 'polka' in this pack: it has jazz, rock"),
        ({"transitions": "jazz"}, CorpusError, "'jazz' is no transition: write it like jazz:rock"),
        ({"transitions": "jazz:jazz"}, CorpusError, "'jazz:jazz' is no transition"),
        ({"transitions": " , "}, CorpusError, "--transitions names none"),
        ({"transitions": "jazz:rock,jazz : rock"}, CorpusError, "names one twice: name each once"),
        ({"judge": "clap:~no-such-user/clap"}, CheckpointError, "~no-such-user/clap begins with nobody's home folder"),
        ({"pack": Path("nowhere.safetensors")}, PackError, "no probe pack at nowhere.safetensors"),
        ({"model": "no-model"}, CheckpointError, "there is no model 'no-model'"),
    ],
)
def test_bad_input_is_told_in_one_line(
    changes: dict[str, Any], error: type[SegueError], words: str, model: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(error) as caught:
        evaluate.run(options(model, tmp_path / "out", **changes))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "out").rglob("*.safetensors"))


def test_a_judge_without_the_target_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"the judge has no label 'rock', only jazz, pop: add it to --labels"):
        evaluate.check_labels(("jazz", "pop"), [("jazz", "rock")])
    evaluate.check_labels(("jazz", "rock"), [("jazz", "rock")])


def test_a_model_without_a_pack_says_how_to_make_one(tiny_spectral: Path, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="has no probe pack: make one with `segue probe train`"):
        evaluate.run(options(tiny_spectral, tmp_path))


def test_the_papers_ring_or_the_packs_own() -> None:
    ring = evaluate.parse_transitions(None, ("classical", "electronic", "jazz", "rock"))
    assert ring == [("classical", "electronic"), ("electronic", "jazz"), ("jazz", "rock"), ("rock", "classical")]
    assert evaluate.parse_transitions(None, ("a", "b", "c")) == [("a", "b"), ("b", "c"), ("c", "a")]
    assert evaluate.parse_transitions(None, ("a", "b")) == [("a", "b"), ("b", "a")]
    assert evaluate.parse_transitions("b:a, a : b", ("a", "b")) == [("b", "a"), ("a", "b")]
    with pytest.raises(CorpusError, match="a transition needs two"):
        evaluate.parse_transitions(None, ("a",))
