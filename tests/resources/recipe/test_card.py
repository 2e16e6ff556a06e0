"""What the card says of the pack that lies beside the model."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.model.checkpoint_files import find
from engine.steering.pack import PACK_NAME, ModelIdentity, PackDefaults, ProbePack
from resources.recipe.card import Making, write_card
from resources.recipe.language_model import Sizes

FACTS: dict[str, Any] = {
    "clips": {"train": 600},
    "held_out_accuracy": 0.985,
    "held_out_style_accuracy": 0.91,
    "effect": {"delta": 0.61, "target_share": 0.75, "frechet_ratio": 0.9},
    "ear": {"held_out_accuracy": {"passthrough": 0.98, "styles_passthrough": 0.97}},
    "straightness": {"jazz": {"before": 0.81, "after": 0.97}, "rock": {"before": 0.9, "after": 0.99}},
}


@pytest.fixture
def folder(tiny_spectral: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_spectral, tmp_path / "model"))


def save_pack(folder: Path, facts: dict[str, Any], digest: str | None = None) -> None:
    unit = np.zeros((3, 2, 64), np.float32)
    unit[..., 0] = 1
    identity = ModelIdentity("model", digest or find(str(folder)).digest, 3, 64)
    line = np.ones(2, np.float32)
    pack = ProbePack(
        identity, ("jazz", "rock"), unit, unit, unit[..., 0], unit[:, 0, 0], line, PackDefaults(((1, 1.0),)), 1, "mse-3"
    )
    replace(pack, provenance=facts, redline=np.array([1.25, 1.5], np.float32)).save(folder / PACK_NAME)


def card(folder: Path) -> str:
    making = Making(Sizes(), 930, 10**6, 24_000, 50, 500, 1, 1, 10, 1.0)
    write_card(folder, making, None)
    return (folder / "CARD.md").read_text(encoding="utf-8")


def test_the_command_that_makes_the_pack_is_named(folder: Path) -> None:
    text = card(folder)
    assert "segue probe train composed -o resources/pocket/probes.safetensors" in text
    assert "R²" not in text


def test_the_packs_figures_are_told(folder: Path) -> None:
    save_pack(folder, FACTS)
    text = card(folder)
    assert "600 clips" in text
    assert "98.5% of clips of held-out songs and 91.0% of clips of held-out sub-styles" in text
    assert "by +0.61, to 0.75, at 0.90 ×" in text
    assert "| rock | 1.50 | 0.900 | 0.990 |" in text


def test_music_without_sub_styles_has_none_to_tell_of(folder: Path) -> None:
    facts = {key: value for key, value in FACTS.items() if key != "held_out_style_accuracy"}
    save_pack(folder, facts | {"ear": {"held_out_accuracy": {"passthrough": 0.98}}})
    assert "98.5% of clips of held-out songs; the ear, through the codec, 98.0%." in card(folder)


@pytest.mark.parametrize("digest", ["cd" * 32])
def test_a_pack_of_other_weights_is_not_this_models(folder: Path, digest: str) -> None:
    save_pack(folder, FACTS, digest)
    assert "R²" not in card(folder)


def test_a_pack_that_was_never_heard_has_no_effect_to_tell(folder: Path) -> None:
    save_pack(folder, {"rule": "accuracy"})
    assert "R²" not in card(folder)
