"""Small corpora with genres that can be told apart by ear: tones, noise, clicks, a sweep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

RATE_HZ = 24_000
Sound = Callable[[NDArray[np.float64], np.random.Generator], NDArray[np.float64]]


def drone(time_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    return 0.3 * np.sin(2 * np.pi * rng.uniform(100, 200) * time_s)


def hiss(time_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    return 0.1 * rng.standard_normal(len(time_s))


def clicks(time_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    return 0.8 * np.exp(-60 * (time_s * rng.uniform(2, 4) % 1)) * rng.standard_normal(len(time_s))


SOUNDS: dict[str, Sound] = {"clicks": clicks, "drone": drone, "hiss": hiss}


def write_genres(folder: Path, songs: int, seconds: float = 6.0, suffix: str = ".wav", genres: int = 3) -> Path:
    """``folder/drone/3.wav`` and so on."""
    for label, sound in list(SOUNDS.items())[:genres]:
        (folder / label).mkdir(parents=True, exist_ok=True)
        for song in range(songs):
            rng = np.random.default_rng([song, len(label)])
            time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
            soundfile.write(folder / label / f"{song}{suffix}", sound(time_s, rng), RATE_HZ)
    return folder


@pytest.fixture(scope="session")
def writing() -> Callable[..., Path]:
    """:func:`write_genres`, for tests that need a corpus of their own."""
    return write_genres


@pytest.fixture(scope="session")
def genres(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three genres of six songs, six seconds each. Never written to."""
    return write_genres(tmp_path_factory.mktemp("genres"), songs=6)


@pytest.fixture(scope="session")
def tiny_instrument(tiny_spectral: Path) -> object:
    from engine.instrument import Instrument
    from engine.model.precision import Precision

    return Instrument.load(str(tiny_spectral), precision=Precision.FP32)


@pytest.fixture(scope="session")
def sirens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A band unlike the corpus: tones that glide up and down. Eleven songs of six seconds, in two albums."""
    folder = tmp_path_factory.mktemp("sirens")
    time_s = np.arange(6 * RATE_HZ) / RATE_HZ
    for song in range(11):
        rng = np.random.default_rng(song)
        hz = 1500 + 800 * np.sin(2 * np.pi * rng.uniform(0.3, 0.6) * time_s + rng.uniform(0, 6))
        album = folder / f"album {song % 2}"
        album.mkdir(exist_ok=True)
        soundfile.write(album / f"{song}.wav", 0.3 * np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ), RATE_HZ)
    return folder
