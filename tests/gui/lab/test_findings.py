"""What is told becomes what is shown; the words say what the figures say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.steering.blend import cross_talk
from engine.steering.pack import ModelIdentity, PackDefaults, ProbePack
from gui.lab.findings import (
    Findings,
    confusion_in_words,
    cross_talk_in_words,
    effects_in_words,
    jaccard_in_words,
    layers_in_words,
    signed,
)
from gui.lab.pack_facts import pack_facts

GENRES = ("drone", "hiss", "jazz")


def facts(layer: int, accuracy: float, ari: float, styles: float | None = None) -> dict[str, object]:
    matrix = np.eye(3).tolist()
    told = {"layer": layer, "accuracy": accuracy, "ci_low": accuracy - 0.1, "ci_high": min(accuracy + 0.1, 1.0)}
    told |= {"style_accuracy": styles, "last_token_accuracy": 0.5, "ari": ari, "nmi": ari}
    return told | {"jaccard": matrix, "confusion": matrix, "cross_talk": matrix}


def make_pack(**provenance: object) -> ProbePack:
    rows = np.random.default_rng(0).normal(size=(2, 3, 8)).astype(np.float32)
    directions = rows / np.linalg.norm(rows, axis=-1, keepdims=True)
    return ProbePack(
        ModelIdentity("toy", "0" * 64, 2, 8),
        GENRES,
        directions,
        directions,
        np.zeros((2, 3), np.float32),
        np.array([0.5, 0.75], np.float32),
        np.full(3, 1.5, np.float32),
        PackDefaults(((1, 1.0),)),
        1,
        "mse",
        provenance,
    )


def test_layers_come_one_by_one() -> None:
    findings = Findings()
    assert "Nothing" in layers_in_words(findings)
    for layer, accuracy, ari in ((0, 0.6, 0.4), (1, 0.9, 0.2), (2, 0.9, 0.1)):
        findings = findings.with_told({"finding": facts(layer, accuracy, ari), "genres": list(GENRES)})
    assert findings.genres == GENRES
    assert findings.best.layer == 1
    assert findings.most_clustered is not None
    assert findings.most_clustered.layer == 0
    words = layers_in_words(findings)
    assert "Layer 1 knows genre best: 90\u00a0%" in words
    assert "80\u00a0% to 100\u00a0%" in words
    assert "chance is 33\u00a0%" in words
    assert "layer 0: ARI 0.40" in words


def test_of_equal_layers_the_one_that_knows_new_styles_is_best() -> None:
    told = [facts(0, 0.9, 0.1, styles=0.5), facts(1, 0.9, 0.1, styles=0.7)]
    findings = Findings.of_result({"genres": GENRES, "layers": told, "default_layers": [0, 1]})
    assert findings.best.layer == 1
    assert findings.steered == (0, 1)
    assert findings.effects == ()


def test_a_pack_tells_what_it_knows_and_keeps_what_the_run_found() -> None:
    pack = make_pack()
    own = Findings.of_pack(pack)
    assert [finding.accuracy for finding in own.layers] == [0.5, 0.75]
    assert own.layers[0].ari is None
    assert own.steered == (1,)
    np.testing.assert_allclose(own.layers[1].cross_talk, cross_talk(pack.directions[1]))
    np.testing.assert_allclose(own.layers[1].orthogonal, np.eye(3), atol=1e-6)
    effects = [{"layer": 1, "delta": 0.4}, {"layer": 0, "delta": 0.1}]
    result = {"genres": GENRES, "layers": [facts(0, 0.5, 0.3), facts(1, 0.75, 0.2)], "default_layers": [1]}
    both = Findings.of_pack(pack, Findings.of_result(result | {"effect_by_layer": effects}))
    assert both.layers[0].ari == 0.3
    assert both.layers[0].orthogonal is not None
    assert both.effects == ((1, 0.4), (0, 0.1))


def test_all_layers_that_the_knobs_push_are_told() -> None:
    pack = replace(make_pack(), defaults=PackDefaults(((0, 1.0), (1, 1.0))))
    findings = Findings.of_pack(pack)
    assert findings.steered == (0, 1)
    assert layers_in_words(findings).endswith("The knobs push layers 0 and 1.")
    assert dict(pack_facts(pack))["Pushes"].startswith("layers 0 and 1, law")
    one = Findings.of_pack(replace(pack, defaults=PackDefaults(((0, 0.0), (1, 1.0)))))
    assert layers_in_words(one).endswith("The knobs push layer 1.")


def test_words_for_matrices() -> None:
    counts = np.array([[5.0, 0, 0], [2, 3, 0], [0, 1, 4]])
    assert confusion_in_words(counts, GENRES) == "Mistaken most often: hiss for drone, 2 of 5 clips."
    assert "No mistake among 12" in confusion_in_words(4 * np.eye(3), GENRES)
    assert "drone is 90" in jaccard_in_words(np.diag([0.9, 0.5, 0.2]), GENRES)
    cosines = np.array([[1, 0.3, -0.2], [0.3, 1, -0.001], [-0.2, -0.001, 1]])
    words = cross_talk_in_words(cosines, GENRES)
    assert words == "Nearest to each other: drone and hiss (+0.30). Farthest apart: drone and jazz (−0.20)."
    alike = np.eye(3) * 1.5 - 0.5
    assert "No two knobs" in cross_talk_in_words(alike, GENRES)
    assert effects_in_words(((6, 0.42), (5, 0.1))).startswith("Pushing layer 6 raises a genre's probability by 0.42")
    assert (signed(-0.001), signed(-0.1)) == ("+0.00", "−0.10")


def test_a_packs_own_account() -> None:
    added = [{"name": "my band", "clips": 12, "auc": 0.97}]
    pack = make_pack(
        corpus="composed",
        clips={"train": 10, "test": 5},
        seconds=150.0,
        held_out_accuracy=0.9,
        rule="accuracy",
        added=added,
    )
    account = dict(pack_facts(pack))
    assert account["Made for"] == "toy, 2 layers"
    assert account["Learnt from"] == "composed, 10 clips, 5 more held out, 2 minutes in all"
    assert account["Held out"] == "90\u00a0% of songs"
    assert "paper" in account["Chosen"]
    assert "AUC 0.97" in account["Added: my band"]


@pytest.mark.parametrize(
    "provenance",
    [{}, {"clips": 3, "effect": [], "added": {}, "ear": 0}, {"added": [3, {"auc": "x"}], "clips": {"train": "many"}}],
)
def test_rubbish_in_a_packs_provenance_is_left_out(provenance: dict[str, object]) -> None:
    assert dict(pack_facts(make_pack(**provenance)))["Knobs"] == "drone, hiss, jazz"
