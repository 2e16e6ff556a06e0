"""The models that can be chosen, on a machine of the test's making."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engine.model import catalogue
from engine.model.catalogue import Machine, look, published, survey, this_machine
from engine.model.checkpoint_files import find
from engine.model.memory import GB
from engine.model.precision import Precision

ROOMY = Machine("cpu", Precision.INT8, int(1000 * GB))


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub cache that no model is in."""
    cache = tmp_path / "hub"
    for module in ("huggingface_hub.constants", "huggingface_hub.file_download", "huggingface_hub._snapshot_download"):
        monkeypatch.setattr(f"{module}.HF_HUB_CACHE", str(cache), raising=False)
    return cache


def test_the_published_ones_weigh_what_their_pages_say() -> None:
    sizes = {size.name: catalogue._stored_bytes(size) / GB for size in published()}
    assert list(sizes)[:3] == [f"facebook/musicgen-{name}" for name in ("small", "medium", "large")]
    assert [sizes[f"facebook/musicgen-{name}"] for name in ("small", "medium", "large")] == pytest.approx(
        [2.36, 8.04, 13.7], rel=0.01
    )
    for name in ("small", "medium", "large"):
        assert 0 < sizes[f"facebook/musicgen-stereo-{name}"] - sizes[f"facebook/musicgen-{name}"] < 0.2


def test_what_is_not_here_is_offered_with_its_licence() -> None:
    pocket, *others = survey((), ROOMY)
    assert (pocket.name, pocket.here, pocket.licence) == ("pocket", True, "cc0-1.0")
    assert [entry.name for entry in others] == [size.name for size in published()]
    assert {(entry.here, entry.licence, entry.trouble) for entry in others} == {(False, "cc-by-nc-4.0", "")}
    assert all(entry.fits for entry in others)


def test_a_small_machine_is_told_what_does_not_fit() -> None:
    entries = survey((), Machine("cpu", Precision.INT8, int(2.5 * GB)))
    assert next(entry.name for entry in entries if entry.fits) == "pocket"
    assert not next(entry for entry in entries if entry.name.endswith("musicgen-large")).fits
    small = next(entry for entry in entries if entry.name.endswith("musicgen-small"))
    assert small.memory_bytes < look(small.name, replace(ROOMY, precision=Precision.FP32), published()[0]).memory_bytes


def test_a_folder_is_read_from_its_headers(tiny_spectral: Path) -> None:
    entry = survey([str(tiny_spectral)], ROOMY)[-1]
    assert (entry.name, entry.here, entry.trouble) == (str(tiny_spectral), True, "")
    assert entry.disk_bytes == sum(file.size_bytes for file in find(str(tiny_spectral)).weights)


def test_a_folder_that_went_away_says_so(tmp_path: Path) -> None:
    entry = look(str(tmp_path / "gone"), ROOMY)
    assert not entry.here
    assert "gone" in entry.trouble


def test_half_a_download_is_told_from_none(tiny_spectral: Path, empty_cache: Path) -> None:
    repository = empty_cache / "models--facebook--musicgen-small"
    snapshot = repository / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40, encoding="utf-8")
    shutil.copy(tiny_spectral / "config.json", snapshot)
    entry = look("facebook/musicgen-small", ROOMY, published()[0])
    assert not entry.here
    assert "incomplete" in entry.trouble
    shutil.copy(tiny_spectral / "model.safetensors", snapshot)
    assert look("facebook/musicgen-small", ROOMY, published()[0]).here


def test_this_machine_has_some_memory() -> None:
    machine = this_machine()
    assert machine.free_bytes > 0
    assert machine.device
