"""`segue probe` through its own words: keys of --json, files written, refusals before any work."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import CorpusError, PackError
from engine.steering.pack import ProbePack
from probes.background import Background
from probes.commands import probe


def call(*words: object) -> Mapping[str, Any]:
    parser = argparse.ArgumentParser()
    probe.configure(parser)
    parser.set_defaults(json=True)
    return probe.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture(scope="module")
def made(
    writing: Callable[..., Path], tiny_spectral: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Mapping[str, Any]]:
    """A pack from a folder, and what the command said."""
    folder = tmp_path_factory.mktemp("made")
    music = writing(folder / "music", songs=15)
    out = folder / "pack.safetensors"
    words = ("train", music, "-o", out, "--model", tiny_spectral, "--cache", folder / "cache")
    return out, call(*words, "--rule", "accuracy", "--report", folder / "report")


def test_train_says_what_the_design_promises(made: tuple[Path, Mapping[str, Any]]) -> None:
    path, told = made
    keys = {"clips", "seconds", "layers", "best_layer", "best_accuracy", "held_out_style_accuracy"}
    assert keys | {"default_layer", "default_law", "pack"} <= told.keys()
    assert told["pack"] == str(path)
    assert told["clips"] == 45
    assert told["seconds"] == pytest.approx(270)
    assert [set(layer) >= {"layer", "accuracy", "ci_low", "ci_high", "ari", "nmi"} for layer in told["layers"]] == [
        True
    ] * 3
    layer = told["layers"][told["best_layer"]]
    assert layer["accuracy"] == told["best_accuracy"]
    assert layer["left_out_accuracy"] == max(x["left_out_accuracy"] for x in told["layers"])
    assert layer["ci_low"] < layer["accuracy"] <= layer["ci_high"] <= 1
    json.dumps(told, default=str)


def test_layers_are_told_as_they_are_analysed(
    writing: Callable[..., Path], tiny_spectral: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By lines of JSON among those of the progress; the same facts stand in the result."""
    music = writing(tmp_path / "music", songs=6)
    words = ("train", music, "-o", tmp_path / "p.safetensors", "--model", tiny_spectral, "--cache", tmp_path / "cache")
    result = call(*words, "--rule", "accuracy")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    told = [line for line in lines if "finding" in line]
    assert [line["finding"] for line in told] == result["layers"]
    assert told[0]["genres"] == result["genres"] == ["clicks", "drone", "hiss"]
    assert result["layers"][0]["style_accuracy"] is None, "this corpus has no styles"
    for name in ("jaccard", "confusion", "cross_talk"):
        assert np.shape(result["layers"][0][name]) == (3, 3)
    np.testing.assert_allclose(np.diag(result["cross_talk"]), 1, atol=1e-5)
    assert "cross_talk_orthogonal" in result


def test_train_writes_the_pack_and_what_belongs_to_it(made: tuple[Path, Mapping[str, Any]]) -> None:
    path, told = made
    pack = ProbePack.load(path)
    assert pack.defaults.layers[0][0] == told["default_layer"]
    Background.load(path.with_name("pack.corpus.safetensors")).check_fits(pack)
    assert (path.parent / "report" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_cannot_be_written_is_refused_before_any_work(
    made: tuple[Path, Mapping[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = made
    before = path.read_bytes()
    for words in (("train", "composed"), ("add", tmp_path, "--name", "x")):
        with pytest.raises(PackError, match="--force"):
            call(*words, "-o", path)
    with pytest.raises(PackError, match="must end in"):
        call("train", "composed", "-o", tmp_path / "pack.pt")
    with pytest.raises(PackError, match="no folder"):
        call("train", "composed", "-o", tmp_path / "nowhere" / "pack.safetensors")
    new = tmp_path / "new.safetensors"
    with pytest.raises(CorpusError, match="cannot be made"):
        call("train", "composed", "-o", new, "--report", path / "report")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PackError, match="may not be written to"):
        call("train", "composed", "-o", new)
    assert path.read_bytes() == before


def test_every_action_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    for action, words in (("train", "a pack of knobs"), ("add", "one more knob"), ("read", "what the probes hear")):
        with pytest.raises(SystemExit):
            call(action, "--help")
        assert words in capsys.readouterr().out


def test_an_unknown_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no corpus at"):
        call("train", tmp_path / "nothing", "-o", tmp_path / "pack.safetensors", "--cache", tmp_path)


def test_add_and_read(made: tuple[Path, Mapping[str, Any]], tiny_spectral: Path, sirens: Path, tmp_path: Path) -> None:
    path, _ = made
    new = tmp_path / "new.safetensors"
    told = call("add", sirens, "--name", "my band", "--pack", path, "-o", new, "--model", tiny_spectral)
    assert told["name"] == "my band"
    assert told["auc"] > 0.8
    assert ProbePack.load(new).genres[-1] == "my band"
    read = call("read", sirens / "album 0" / "0.wav", "--pack", new, "--model", tiny_spectral)
    assert read["heard"].keys() == {"clicks", "drone", "hiss", "my band"}
    assert sum(read["heard"].values()) == pytest.approx(1)
    assert len(read["times_s"]) == len(read["shares"]["drone"])


def test_add_without_the_corpus_sample_says_where_it_comes_from(
    made: tuple[Path, Mapping[str, Any]], tiny_spectral: Path, tmp_path: Path
) -> None:
    path, _ = made
    alone = tmp_path / "alone.safetensors"
    alone.write_bytes(path.read_bytes())
    with pytest.raises(PackError, match=r"alone\.corpus\.safetensors is missing"):
        call(
            "add", tmp_path, "--name", "x", "--pack", alone, "-o", tmp_path / "n.safetensors", "--model", tiny_spectral
        )


def test_a_pack_of_another_model_is_refused(
    made: tuple[Path, Mapping[str, Any]], tiny_musicgen: Path, tmp_path: Path
) -> None:
    with pytest.raises(PackError, match="other weights"):
        call("read", tmp_path / "x.wav", "--pack", made[0], "--model", tiny_musicgen)
