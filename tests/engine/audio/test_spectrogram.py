"""The mel spectrogram that is drawn, against librosa's."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from engine.audio.spectrogram import BANDS, FLOOR_DB, LOWEST_HZ, Spectrogram, mel_filters

RATE_HZ = 24_000
HOP, WINDOW = 480, 1536


def sweep(seconds: float = 2.0) -> np.ndarray:
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = 0.5 * np.sin(2 * np.pi * (200 * time_s + 900 * time_s**2)) + 0.01 * np.cos(2 * np.pi * 6000 * time_s)
    return wave.astype(np.float32)[:, None]


def test_it_is_librosas() -> None:
    sound = sweep()
    shown = Spectrogram(RATE_HZ, HOP)
    shown.push(sound)
    count = len(sound) // HOP - 2
    # librosa centres its frames at multiples of the hop, ours are centred in their columns: half a hop apart
    shifted = np.concatenate([sound[HOP // 2 :, 0], np.zeros(HOP, np.float32)])
    power = np.abs(librosa.stft(shifted, n_fft=WINDOW, hop_length=HOP, window="hann", center=True)) ** 2
    theirs = librosa.feature.melspectrogram(
        S=power / (WINDOW / 4) ** 2,
        sr=RATE_HZ,
        n_mels=BANDS,
        fmin=LOWEST_HZ,
        fmax=RATE_HZ / 2,
        htk=True,
        norm=None,
    )
    theirs_db = 10 * np.log10(np.maximum(theirs, 10 ** (FLOOR_DB / 10))).T
    ours = shown.columns(0, count)
    wide = mel_filters(RATE_HZ, WINDOW, BANDS, LOWEST_HZ, RATE_HZ / 2).astype(bool).sum(1) > 3
    np.testing.assert_allclose(ours[2:count, wide], theirs_db[2:count, wide], atol=0.1)


def test_a_full_scale_sine_is_at_nought() -> None:
    shown = Spectrogram(RATE_HZ, HOP)
    shown.push(np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)[:, None])
    assert shown.columns(RATE_HZ // 2, 1).max() == pytest.approx(0.0, abs=2.5)


@pytest.mark.parametrize("block", [1, 333, 480, 5000])
def test_blocks_do_not_matter(block: int) -> None:
    sound = sweep(0.5)
    whole, pieces = Spectrogram(RATE_HZ, HOP), Spectrogram(RATE_HZ, HOP)
    whole.push(sound)
    for start in range(0, len(sound), block):
        pieces.push(sound[start : start + block])
    np.testing.assert_allclose(pieces.columns(0, 25), whole.columns(0, 25), atol=1e-4)


def test_what_is_not_known_is_the_floor() -> None:
    shown = Spectrogram(RATE_HZ, HOP, history_s=1.0)
    assert (shown.columns(0, 10) == FLOOR_DB).all()
    shown.push(sweep(3.0))
    assert (shown.columns(0, 10) == FLOOR_DB).all(), "too long ago"
    assert (shown.columns(round(2.2 * RATE_HZ), 10) > FLOOR_DB).any()
    shown.clear()
    assert (shown.columns(0, 200) == FLOOR_DB).all()
