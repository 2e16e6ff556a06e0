"""Small corpora with genres that can be told apart by ear: tones, noise, clicks, a sweep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

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


CLAP_TEXT: dict[str, Any] = {
    "vocab_size": 64,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 40,
    "projection_dim": 8,
}
CLAP_AUDIO: dict[str, Any] = {
    "spec_size": 64,
    "num_mel_bins": 16,
    "hidden_size": 32,
    "patch_embeds_hidden_size": 8,
    "depths": [1, 1, 1],
    "num_attention_heads": [1, 1, 1],
    "window_size": 4,
    "num_hidden_layers": 3,
    "projection_dim": 8,
}


def save_clap(folder: Path, truncation: str = "rand_trunc") -> Path:
    """A ClapModel of random weights that hears two seconds at a time, with its tokenizer and feature extractor."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import ClapConfig, ClapFeatureExtractor, ClapModel, PreTrainedTokenizerFast

    fusion = {"enable_fusion": True, "fusion_type": "aff_2d"} if truncation == "fusion" else {}
    config = ClapConfig(
        text_config=CLAP_TEXT, audio_config=CLAP_AUDIO | fusion, projection_dim=8, logit_scale_init_value=100.0
    )
    torch.manual_seed(0)
    model = ClapModel(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # at its default initialisation every sound lies at the same place
            if parameter.dim() > 1:
                parameter.mul_(8)
    model.save_pretrained(folder)
    ClapFeatureExtractor(
        feature_size=16,
        sampling_rate=16_000,
        hop_length=500,
        max_length_s=2,
        fft_window_size=1024,
        frequency_max=8_000,
        truncation=truncation,
    ).save_pretrained(folder)
    words = [
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        "This",
        "is",
        "a",
        "sound",
        "of",
        "music",
        ".",
        "Hear",
        "jazz",
        "rock",
        "classical",
    ]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>").save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def saving_clap() -> Callable[..., Path]:
    """:func:`save_clap`, for tests that judge by one."""
    return save_clap
