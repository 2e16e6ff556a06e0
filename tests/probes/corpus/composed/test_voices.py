from __future__ import annotations

import numpy as np
import pytest

from probes.corpus.composed.filters import SAMPLE_RATE_HZ
from probes.corpus.composed.realise import Part, Sounding
from probes.corpus.composed.song import Kick, Saw, Track
from probes.corpus.composed.voices import play_kick, play_saw, saw_wave


@pytest.mark.parametrize("frequency_hz", [110.0, 1070.0, 3000.0])
def test_saws_have_a_saws_harmonics_and_little_alias(frequency_hz: float) -> None:
    wave = saw_wave(np.array([frequency_hz]), np.zeros(1), SAMPLE_RATE_HZ)
    spectrum = np.abs(np.fft.rfft(wave)) / SAMPLE_RATE_HZ  # one-hertz bins: every harmonic falls on one
    harmonics = np.arange(frequency_hz, SAMPLE_RATE_HZ / 2, frequency_hz).astype(int)
    assert spectrum[harmonics[0]] == pytest.approx(1 / np.pi, rel=0.03)
    assert spectrum[harmonics[1]] == pytest.approx(1 / (2 * np.pi), rel=0.15)
    others = np.delete(spectrum, harmonics)
    naive = (
        np.abs(np.fft.rfft(2 * (np.arange(SAMPLE_RATE_HZ) * frequency_hz / SAMPLE_RATE_HZ % 1) - 1)) / SAMPLE_RATE_HZ
    )
    below = int(5 * frequency_hz)
    assert others[5:below].max() < 0.35 * np.delete(naive, harmonics)[5:below].max()


def test_detuned_voices_beat() -> None:
    wave = saw_wave(np.array([200.0, 202.0]), np.zeros(2), SAMPLE_RATE_HZ)
    envelope = np.abs(wave).reshape(-1, 800).max(axis=1)
    assert envelope.max() > 1.5 * envelope.min()


def play(patch: Saw, *notes: Sounding) -> np.ndarray:
    return play_saw(patch, Part(Track("s", patch), notes, ()), SAMPLE_RATE_HZ, np.random.default_rng(0))


def test_notes_start_and_end_where_they_should() -> None:
    sound = play(Saw(1, 0, 4_000, 0, 0.7, 0.2), Sounding(0.25, 0.5, 57, 100))
    assert np.abs(sound[:8_000]).max() == 0
    assert np.abs(sound[9_000:16_000]).max() > 0.05
    assert np.abs(sound[18_000:]).max() < 1e-3


def test_every_note_opens_the_filter_which_closes_again() -> None:
    sound = play(Saw(1, 0, 200, 6_000, 0.8, 0.05), Sounding(0.0, 0.9, 45, 110))
    spectra = [np.abs(np.fft.rfft(part * np.hanning(4_000))) for part in np.split(sound[:28_000], 7)]
    brightness = [spectrum[250:].sum() / spectrum.sum() for spectrum in spectra]  # above 2 kHz
    assert brightness[0] > 3 * brightness[-1]


def test_notes_beyond_the_end_are_ignored() -> None:
    assert np.abs(play(Saw(2, 0.1, 1_000, 0, 1, 0.1), Sounding(5.0, 6.0, 60, 100))).max() == 0


def test_the_kick_falls_in_pitch_and_dies() -> None:
    patch = Kick(50, 0.2, 0.25)
    part = Part(Track("k", patch), (Sounding(0.0, 0.1, 36, 127), Sounding(0.99, 1.1, 36, 127)), ())
    sound = play_kick(patch, part, SAMPLE_RATE_HZ, np.random.default_rng(0))
    crossings = np.nonzero(np.diff(np.signbit(sound[200:12_000])))[0]
    periods = np.diff(crossings)
    assert periods[-2:].mean() > 1.5 * periods[1:4].mean()
    assert np.abs(sound[13_500:14_300]).max() < 0.4 * np.abs(sound[:2_000]).max()
    assert np.abs(sound[14_400:31_600]).max() == 0
    assert np.abs(sound[-300:]).max() > 0.05
