"""From a folder of music to a pack, on a tiny random model: the whole way, and what each part hands on."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from engine.control import ControlState, Law
from engine.instrument import Instrument
from engine.progress import silent
from engine.steering.pack import ProbePack
from probes.background import HELD_OUT_CLIPS, Background
from probes.commands.evaluate import MOST_SAMPLES
from probes.corpus.clip import Split
from probes.corpus.folder import open_folder
from probes.evaluate import stage
from probes.evaluate.generate import Generator, Piece
from probes.facts import training_facts
from probes.fit import Method
from probes.report import page
from probes.train import SOURCE_SEED, UNHEARD_ALPHA, Training, play_sources, played_layers, train, with_method


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def genres(writing: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return writing(tmp_path_factory.mktemp("music"), songs=15)


@pytest.fixture(scope="module")
def by_accuracy(genres: Path, tiny_instrument: Instrument, cache: Path) -> Training:
    return train(open_folder(genres), tiny_instrument, cache, silent, by_effect=False)


@pytest.fixture(scope="module")
def by_effect(genres: Path, tiny_instrument: Instrument, cache: Path) -> Training:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("probes.train.NEW_FRAMES", 25)
        patch.setattr("probes.train.THOROUGH_SOURCES", 1)
        patch.setattr("probes.train.PATIENT_SOURCES", 1)
        return train(open_folder(genres), tiny_instrument, cache, silent)


def test_tones_noise_and_clicks_are_told_apart(by_accuracy: Training) -> None:
    """A random model keeps enough of its input for that."""
    assert by_accuracy.best.accuracy.share > 0.8
    assert by_accuracy.best.accuracy.count == len(by_accuracy.recording.rows(Split.TEST))


def test_the_papers_rule_takes_the_most_accurate_layer(by_accuracy: Training) -> None:
    pack, findings = by_accuracy.pack, by_accuracy.findings
    assert pack.defaults.layers == ((by_accuracy.best.layer, 1.0),)
    assert by_accuracy.best.chosen_by.share == max(finding.chosen_by.share for finding in findings)
    np.testing.assert_allclose(pack.accuracy, [finding.accuracy.share for finding in findings], rtol=1e-6)
    assert pack.defaults.knob_scale == UNHEARD_ALPHA, "a knob at 1 must not push by the whole residual"
    assert pack.method == Method.MSE
    assert by_accuracy.choice is None


def test_rows_of_the_pack_are_the_genres_it_names(by_accuracy: Training) -> None:
    """Row order, to the end of the line: along row g, genre g's clips lie furthest."""
    pack = by_accuracy.pack
    assert pack.genres == ("clicks", "drone", "hiss")
    layer = by_accuracy.best.layer
    record = by_accuracy.recording.layer(layer)
    along = record.means @ pack.directions[layer].T
    means = np.stack([along[record.targets == genre].mean(0) for genre in range(3)])
    np.testing.assert_array_equal(means.argmax(0), [0, 1, 2])


def test_a_layers_directions_are_fitted_at_that_layer(by_accuracy: Training) -> None:
    """The authors read the vector of layer L from layer L - 2."""
    pack = by_accuracy.pack
    for finding in by_accuracy.findings:
        own = finding.probes[Method.MSE].directions
        for layer in range(pack.model.layers):
            same = np.allclose(pack.directions[layer], own, atol=1e-6)
            assert same == (layer == finding.layer)


def test_the_readout_tells_probabilities(by_accuracy: Training) -> None:
    pack, recording = by_accuracy.pack, by_accuracy.recording
    record = recording.layer(pack.meter_layer)
    logits = record.means @ pack.readout[pack.meter_layer].T + pack.readout_bias[pack.meter_layer]
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    rows = recording.rows(Split.TEST)
    assert (shares[rows].argmax(1) == record.targets[rows]).mean() > 0.8
    assert shares[rows].max(1).mean() > 0.6
    assert pack.meter_layer == by_accuracy.best.layer


def test_the_audition_decides(by_effect: Training, by_accuracy: Training) -> None:
    choice, pack = by_effect.choice, by_effect.pack
    assert choice is not None
    assert pack.defaults.layers == choice.setting.layers
    assert pack.defaults.law is choice.setting.law
    assert pack.defaults.knob_scale == choice.setting.alpha
    assert pack.provenance["rule"] == "effect"
    expected = with_method(by_accuracy.pack, by_accuracy.findings, choice.setting.method)
    np.testing.assert_array_equal(pack.directions, expected.directions)
    assert (pack.redline > 0).all()
    assert pack.knob_map is choice.knob_map
    assert sorted(choice.layers) == [0, 1, 2]
    assert {effect.setting.law for effect in choice.trials} == set(Law)


def test_the_ear_was_examined_on_songs_that_it_had_not_heard(by_effect: Training) -> None:
    lesson = by_effect.lesson
    assert lesson.original.share == 1.0
    assert lesson.original.count == lesson.passthrough.count == len(by_effect.recording.rows(Split.TEST))
    assert lesson.style_passthrough.count == 0


def test_a_pack_survives_the_disk(by_effect: Training, tiny_instrument: Instrument, tmp_path: Path) -> None:
    by_effect.pack.save(tmp_path / "pack.safetensors")
    loaded = ProbePack.load(tmp_path / "pack.safetensors")
    assert loaded.digest == by_effect.pack.digest
    loaded.check_fits(tiny_instrument.identity)


def test_the_background_is_a_sample_of_every_genre(by_accuracy: Training, tmp_path: Path) -> None:
    background = by_accuracy.background
    recording = by_accuracy.recording
    held_out = len(recording.rows(Split.TEST, Split.VALID))
    assert background.held_out.sum() == min(held_out, 3 * HELD_OUT_CLIPS)
    assert sorted(set(background.targets)) == [0, 1, 2]
    background.save(tmp_path / "background.safetensors")
    loaded = Background.load(tmp_path / "background.safetensors")
    np.testing.assert_array_equal(loaded.means, background.means)
    loaded.check_fits(by_accuracy.pack)


def test_sources_are_the_models_own_music_from_the_genres_names(tiny_instrument: Instrument) -> None:
    generator = Generator(tiny_instrument, ControlState(), batch=4)  # which cuts across a genre
    drone, hiss = play_sources(generator, ("drone", "hiss"), 12, each=3)
    assert [source.label for source in (*drone, *hiss)] == ["drone"] * 3 + ["hiss"] * 3
    alone = generator.codes([Piece(SOURCE_SEED * 2 + 1, prompt="hiss music")], 12)
    np.testing.assert_array_equal(hiss[1].codes, alone[0])


def test_an_evaluation_plays_on_other_sources_than_the_choice() -> None:
    assert SOURCE_SEED > 100 * stage.SOURCE_SEED  # which is multiplied by the genre's number
    assert stage.SOURCE_SEED > MOST_SAMPLES


def test_two_genres_are_enough(
    writing: Callable[..., Path], tiny_instrument: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music = writing(tmp_path / "music", songs=10)
    shutil.rmtree(music / "clicks")
    for name, few in (("NEW_FRAMES", 25), ("THOROUGH_SOURCES", 1), ("PATIENT_SOURCES", 2)):
        monkeypatch.setattr(f"probes.train.{name}", few)
    made = train(open_folder(music), tiny_instrument, tmp_path / "cache", silent)
    assert made.pack.genres == ("drone", "hiss")
    assert made.choice is not None


def test_of_a_large_model_the_most_accurate_layers_are_auditioned(
    by_accuracy: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert played_layers(by_accuracy.findings) == [0, 1, 2]
    monkeypatch.setattr("probes.train.MOST_LAYERS_PLAYED", 1)
    assert played_layers(by_accuracy.findings) == [by_accuracy.best.layer]


def test_the_report_stands_alone(by_effect: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # which a user of the program need not have
    text = page(by_effect)
    assert text.count("<svg") == 13
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        assert "nan" not in svg
        ElementTree.fromstring(svg)
    assert "<script" not in text
    assert "src=" not in text
    for word in ("Cross-talk", "Confusion", "Jaccard", "Effect", "last token", "R² with it"):
        assert word in text


def test_the_papers_rule_has_no_effects_to_report(by_accuracy: Training) -> None:
    text = page(by_accuracy)
    assert text.count("<svg") == 6
    assert "Effect" not in text


def test_the_facts_tell_the_effect_of_every_layer_that_was_played(by_effect: Training) -> None:
    assert by_effect.choice is not None
    facts: Any = json.loads(json.dumps(training_facts(by_effect)))
    told = facts["effect_by_layer"]
    assert [each["layer"] for each in told] == facts["layers_by_effect"] == list(by_effect.choice.layers)
    played: dict[int, list[float]] = {effect.setting.layers[0][0]: [] for effect in by_effect.choice.trials}
    for effect in by_effect.choice.trials:
        played[effect.setting.layers[0][0]].append(effect.delta)
    assert all(each["delta"] in played[each["layer"]] for each in told)
