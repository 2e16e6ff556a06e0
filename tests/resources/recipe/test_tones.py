"""Pitch recovery on tones of known pitch, and on the soundfont's own scales where there is one."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import CorpusError
from resources.recipe.spectra import Samples
from resources.recipe.tones import GAP_S, NOTE_S, NOTES, SCALES, pitches_found, render_scale

RATE_HZ = 24_000


def plain_scale(pitches: list[int], cents: float = 0.0) -> Samples:
    time_s = np.arange(round(NOTE_S * RATE_HZ)) / RATE_HZ
    gap = np.zeros(round((NOTE_S + GAP_S) * RATE_HZ) - len(time_s))
    notes = []
    for pitch in pitches:
        hz = 440 * 2 ** ((pitch - 69 + cents / 100) / 12)
        notes += [sum(np.sin(2 * np.pi * hz * k * time_s) / k for k in (1, 2, 3)) * 0.1, gap]
    return np.concatenate(notes).astype(np.float32)


def test_hears_notes_where_they_are() -> None:
    pitches = [40, 57, 69, 81]
    assert pitches_found(plain_scale(pitches), pitches, RATE_HZ) == [True] * 4
    assert pitches_found(plain_scale(pitches, 30), pitches, RATE_HZ) == [True] * 4
    assert pitches_found(plain_scale(pitches, 100), pitches, RATE_HZ) == [False] * 4


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(0).standard_normal(round(2 * (NOTE_S + GAP_S) * RATE_HZ)).astype(np.float32)
    assert pitches_found(noise * 0.1, [60, 64], RATE_HZ) == [False, False]


def test_scales_rise_two_octaves() -> None:
    for scale in SCALES:
        assert len(scale.pitches) == NOTES
        assert scale.pitches[-1] - scale.pitches[0] == 24


def test_soundfont_scale_is_in_tune() -> None:
    from probes.corpus.composed.soundfont import SoundfontSynth

    try:
        synth = SoundfontSynth()
    except CorpusError as error:
        pytest.skip(str(error))
    scale = SCALES[0]
    sound = render_scale(synth, scale, RATE_HZ)
    synth.close()
    assert np.mean(pitches_found(sound, scale.pitches, RATE_HZ)) > 0.9
