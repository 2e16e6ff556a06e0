"""A corpus of sines in the composer's format, small enough to train on in seconds."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE_HZ = 32_000
WINDOW_FRAMES = 60
PITCHES_HZ = {"classical": 262.0, "electronic": 440.0, "jazz": 330.0, "rock": 110.0}


def write_sines(folder: Path, clips_per_genre: int = 3, seconds: float = 2.0) -> Path:
    """Pulsing sines, one pitch per genre; of each genre the last clip is the test's and the one before validation's."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, rows = np.random.default_rng(0), []
    time_s = np.arange(round(RATE_HZ * seconds)) / RATE_HZ
    for genre, pitch_hz in PITCHES_HZ.items():
        for take in range(clips_per_genre):
            name = f"{genre}_{take}"
            bpm = 120.0 + take
            pulse = np.exp(-6 * ((time_s * bpm / 60) % 1))
            audio = 0.3 * pulse * np.sin(2 * np.pi * pitch_hz * time_s) + 0.003 * rng.standard_normal(len(time_s))
            soundfile.write(folder / f"{name}.flac", audio, RATE_HZ, subtype="PCM_16")
            rows.append(
                {
                    "id": name,
                    "file": f"{name}.flac",
                    "genre": genre,
                    "style": f"{genre} sines",
                    "song": name,
                    "split": {0: "train", clips_per_genre - 2: "valid", clips_per_genre - 1: "test"}.get(take, "train"),
                    "seed": take,
                    "bpm": bpm,
                    "instruments": ["sine"],
                    "prompts": [f"{genre} music, {bpm:.0f} bpm", f"a {genre} song"],
                    "seconds": seconds,
                    "sample_rate": RATE_HZ,
                    "solo": False,
                }
            )
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "manifest.jsonl").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def sines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sines(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def window_frames() -> int:
    """Frames that the tiny language model is trained on."""
    return WINDOW_FRAMES


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory, sines: Path) -> Path:
    """A work folder with a codec of three steps, its tokens and a language model of four."""
    from resources.recipe import codec, decoder, tokens

    folder = tmp_path_factory.mktemp("work")
    sizes = ["--hidden-size", "64", "--layers", "2", "--window-frames", str(WINDOW_FRAMES), "--batch", "2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codec, "QUANTIZE_FROM_STEP", 2)
        run_command(patch, codec.main, sines, "-o", folder, "--steps", 3, "--batch", 2)
        run_command(patch, tokens.main, sines, "-o", folder)
        run_command(patch, decoder.main, sines, "-o", folder, "--steps", 4, *sizes)
    return folder


@pytest.fixture(scope="session")
def pocket(tmp_path_factory: pytest.TempPathFactory, work: Path) -> Path:
    """The model of that work folder, assembled."""
    from resources.recipe import assemble

    folder = tmp_path_factory.mktemp("pocket")
    with pytest.MonkeyPatch.context() as patch:
        run_command(patch, assemble.main, work, "-o", folder)
    return folder


def run_command(patch: pytest.MonkeyPatch, main: Callable[[], None], *words: object) -> None:
    """Run a recipe module's ``main`` with these words."""
    patch.setattr("sys.argv", ["recipe", *map(str, words)])
    main()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a recipe module's ``main`` with these words."""
    return partial(run_command, monkeypatch)
