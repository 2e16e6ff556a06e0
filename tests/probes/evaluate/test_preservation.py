"""Tempo, key and melody of music whose tempo, key and melody are known; tempo and chroma beside librosa's."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from probes.evaluate.preservation import (
    chroma,
    chroma_correlation,
    key,
    melody_similarity,
    same_tempo,
    tempo_bpm,
)
from probes.moments import Floats

RATE_HZ = 24_000
C4_HZ = 261.63
MAJOR_SCALE, MINOR_SCALE = (0, 4, 7, 0, 5, 9, 7, 11, 2, 0), (0, 3, 7, 0, 5, 8, 7, 3, 2, 0)


def clicks(bpm: float, seconds: float = 5.0) -> Floats:
    """Decaying noise on every beat, softer on the half beats."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(0).standard_normal(len(time_s))
    beat = time_s * bpm / 60
    return (noise * (np.exp(-25 * (beat % 1)) + 0.3 * np.exp(-25 * ((beat + 0.5) % 1)))).astype(np.float32) * 0.3


def melody(semitones: tuple[int, ...], transposed: int = 0, seconds_each: float = 0.5) -> Floats:
    """Notes with overtones, one after another."""
    time_s = np.arange(round(seconds_each * RATE_HZ)) / RATE_HZ
    notes = []
    for semitone in semitones:
        hz = C4_HZ * 2 ** ((semitone + transposed) / 12)
        note = sum(np.sin(2 * np.pi * hz * k * time_s) / k**2 for k in (1, 2, 3))
        notes.append(note * np.exp(-2 * time_s))
    return (0.3 * np.concatenate(notes)).astype(np.float32)


@pytest.mark.parametrize("bpm", [72, 90, 104, 120, 128, 150])
def test_tempo_is_found_as_librosa_finds_it(bpm: float) -> None:
    ours = tempo_bpm(clicks(bpm), RATE_HZ)
    theirs = float(np.atleast_1d(librosa.feature.tempo(y=clicks(bpm), sr=RATE_HZ))[0])
    assert same_tempo(np.array([ours]), np.array([float(bpm)]))[0]
    assert same_tempo(np.array([ours]), np.array([theirs]))[0]


def test_tempi_agree_across_octaves_and_not_otherwise() -> None:
    ours = np.array([120.0, 61.0, 238.0, 90.0, np.nan])
    assert same_tempo(ours, np.full(5, 120.0)).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("samples", [0, 1_000, 5 * RATE_HZ])
def test_silence_has_no_tempo_and_no_pitch(samples: int) -> None:
    silence = np.zeros(samples, np.float32)
    assert np.isnan(tempo_bpm(silence, RATE_HZ))
    assert not chroma(silence, RATE_HZ).any()


def test_chroma_follows_the_notes_as_librosas_does() -> None:
    sound = melody(tuple(range(12)))
    ours = chroma(sound, RATE_HZ)
    assert ours.shape == (60, 12)
    assert [int(column.argmax()) for column in ours[2::5]] == list(range(12))
    theirs = librosa.feature.chroma_stft(y=sound, sr=RATE_HZ, n_fft=8192, hop_length=RATE_HZ // 10).T[:60]
    theirs = theirs / np.linalg.norm(theirs, axis=1, keepdims=True)
    assert np.median((ours * theirs).sum(1)) > 0.9


@pytest.mark.parametrize("tonic", range(12))
def test_keys_are_told(tonic: int) -> None:
    assert key(chroma(melody(MAJOR_SCALE, tonic), RATE_HZ)) == tonic
    assert key(chroma(melody(MINOR_SCALE, tonic), RATE_HZ)) == 12 + tonic


def test_harmony_is_compared_by_its_mean() -> None:
    home, home_again, far = (
        chroma(melody(notes, up), RATE_HZ)
        for notes, up in ((MAJOR_SCALE, 0), (MAJOR_SCALE[::-1], 12), (MAJOR_SCALE, 6))
    )
    assert chroma_correlation(home, home) == pytest.approx(1)
    assert chroma_correlation(home, home_again) > 0.8 > 0.2 > chroma_correlation(home, far)
    assert chroma_correlation(home, np.zeros_like(home)) == 0


def test_a_melody_is_known_again_wherever_it_begins() -> None:
    tune = (0, 7, 4, 9, 2, 5, 11, 0, 4, 2)
    whole, later = chroma(melody(tune), RATE_HZ), chroma(melody(tune[4:] + tune[:4]), RATE_HZ)
    rng = np.random.default_rng(1)
    other = chroma(melody(tuple(int(x) for x in rng.permutation(12)[:10])), RATE_HZ)
    assert melody_similarity(whole, whole) == pytest.approx(1, abs=1e-3)
    assert melody_similarity(later, whole) > 0.85
    assert melody_similarity(other, whole) < melody_similarity(later, whole) - 0.2
