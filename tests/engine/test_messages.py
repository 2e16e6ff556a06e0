"""What the engine tells of itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.messages import ModelLoaded


def test_a_model_that_plays_as_words_of_a_command() -> None:
    folder, pack = Path("models", "mine"), Path("packs", "blues.safetensors")
    local = ModelLoaded("mine", "CC0-1.0", 2, 24_000, 480, folder=folder)
    assert local.words == ["--model", str(folder)]
    assert replace(local, pack=pack).words == ["--model", str(folder), "--pack", str(pack)]
    assert replace(local, name="facebook/musicgen-small").words == ["--model", "facebook/musicgen-small"]
    assert replace(local, name="pocket", folder=None).words == ["--model", "pocket"]
