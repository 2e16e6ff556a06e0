"""Where packs lie and what they are called."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from engine.messages import ModelLoaded
from gui.lab.packs import free_path, kept_packs, own_pack


def test_a_name_that_is_free(tmp_path: Path) -> None:
    assert free_path(tmp_path, "my band") == tmp_path / "my band.safetensors"
    (tmp_path / "my band.safetensors").touch()
    assert free_path(tmp_path, "my band") == tmp_path / "my band-2.safetensors"
    assert free_path(tmp_path, "a/b:c").parent == tmp_path


def test_packs_are_listed_without_what_lies_beside_them(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "my.band", "old")):
        for suffix in ("", ".corpus", ".ear"):
            (tmp_path / f"{name}{suffix}.safetensors").touch()
            os.utime(tmp_path / f"{name}{suffix}.safetensors", (1000 - age, 1000 - age))
    (tmp_path / "readme.txt").touch()
    assert [path.stem for path in kept_packs(tmp_path)] == ["new", "my.band", "old"]
    assert kept_packs(tmp_path / "nowhere") == []


def test_a_models_own_pack(loaded: ModelLoaded, tmp_path: Path) -> None:
    assert own_pack(None) is None
    assert own_pack(replace(loaded, folder=tmp_path)) is None
    (tmp_path / "probes.safetensors").touch()
    assert own_pack(replace(loaded, folder=tmp_path)) == tmp_path / "probes.safetensors"
