"""Checkpoints for every test that needs a model: tiny, random, in Hugging Face's layout, and no way to the network."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_OFFLINE"] = "1"


def pytest_configure() -> None:
    """As while there is a window, no thread of an engine may sweep for cycles: they hold the Qt objects of other tests."""
    gc.disable()


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """Between two tests the main thread does."""
    yield
    from gui.sweeper import sweep

    sweep()


def _saved(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from saved_checkpoint import save_random

    directory = tmp_path_factory.mktemp(name)
    save_random(name, directory)
    return directory


@pytest.fixture(scope="session")
def tiny_musicgen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3 layers × 64, 4 codebooks of 64 over a centred EnCodec at 32 kHz; a window of 128 frames. Never written to."""
    return _saved("tiny", tmp_path_factory)


@pytest.fixture(scope="session")
def tiny_stereo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with 8 codebooks and two channels."""
    return _saved("tiny-stereo", tmp_path_factory)


@pytest.fixture(scope="session")
def tiny_spectral(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same over a spectral codec at 24 kHz, as Pocket is."""
    return _saved("tiny-spectral", tmp_path_factory)
