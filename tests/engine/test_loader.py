"""A model with the pack that was asked for; with its own where that one cannot be used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.errors import CheckpointError
from engine.loader import Ready
from engine.model.precision import Precision
from engine.steering.pack import PACK_NAME, ProbePack


@pytest.fixture(scope="module")
def model(tiny_spectral: Path, tiny_pack: ProbePack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loader") / "tiny"
    shutil.copytree(tiny_spectral, folder)
    tiny_pack.save(folder / PACK_NAME)
    return folder


def load(model: Path, pack: Path | None) -> Ready:
    return Ready.load(str(model), Precision.FP32, pack)


def test_its_own_pack_or_another(model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    shutil.copy(model / PACK_NAME, other)
    own, chosen = load(model, None), load(model, other)
    assert (own.pack_path, own.trouble) == (None, "")
    assert (chosen.pack_path, chosen.trouble) == (other, "")
    assert own.pack is not None
    assert chosen.pack is not None
    assert own.pack.digest == chosen.pack.digest


@pytest.mark.parametrize("content", [None, b"rubbish"])
def test_a_pack_that_cannot_be_used_gives_way(model: Path, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "gone.safetensors"
    if content is not None:
        path.write_bytes(content)
    ready = load(model, path)
    assert ready.pack is not None
    assert ready.pack_path is None
    assert "gone.safetensors" in ready.trouble
    assert "own pack steers" in ready.trouble


def test_without_a_model_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        load(tmp_path, None)
