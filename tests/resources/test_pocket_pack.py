"""The pack that is shipped: Pocket's own, as good as it must be, and as its card says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.model.checkpoint_files import find
from engine.steering.pack import PACK_NAME, ProbePack
from probes.background import Background, beside
from probes.evaluate.judges.ear import Ear
from resources.recipe.card import KNOBS, pack_in_words


@pytest.fixture(scope="module")
def folder() -> Path:
    return find("pocket").folder


@pytest.fixture(scope="module")
def pack(folder: Path) -> ProbePack:
    return ProbePack.load(folder / PACK_NAME)


def test_pack_corpus_sample_and_ear_belong_to_pocket(folder: Path, pack: ProbePack) -> None:
    assert pack.model.digest == find("pocket").digest
    Background.load(beside(folder / PACK_NAME, "corpus")).check_fits(pack)
    ear = Ear.load(beside(folder / PACK_NAME, "ear"))
    assert set(ear.labels) == set(ear.corpus) == set(pack.genres)


def test_it_knows_songs_and_styles_that_were_held_out(pack: ProbePack) -> None:
    assert pack.provenance["held_out_accuracy"] >= 0.97
    assert pack.provenance["held_out_style_accuracy"] >= 0.85
    assert pack.provenance["ear"]["held_out_accuracy"]["passthrough"] >= 0.95


def test_its_knobs_were_heard_and_straightened(pack: ProbePack) -> None:
    assert pack.provenance["rule"] == "effect"
    assert pack.provenance["effect"]["target_share"] >= 0.6
    assert pack.provenance["effect"]["frechet_ratio"] <= 1.5
    assert pack.knob_map is not None
    assert (pack.redline >= 0.9).all()
    before, after = (
        np.mean([genre[key] for genre in pack.provenance["straightness"].values()]) for key in ("before", "after")
    )
    assert after > max(before, 0.9)


def test_the_card_says_what_the_pack_says(folder: Path) -> None:
    assert KNOBS + pack_in_words(folder) in (folder / "CARD.md").read_text(encoding="utf-8")
