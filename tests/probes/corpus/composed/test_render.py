from __future__ import annotations

import numpy as np
import pytest

from engine.errors import CorpusError
from probes.corpus.composed.compose import compose
from probes.corpus.composed.exercise import compose_exercise
from probes.corpus.composed.filters import SAMPLE_RATE_HZ, gated_rms
from probes.corpus.composed.genres import GENRES
from probes.corpus.composed.mixing import TARGET_DBFS, TARGET_SPREAD_DB
from probes.corpus.composed.render import Renderer
from probes.corpus.composed.song import Brief, Program, Saw, Sidechain, Song


def level_dbfs(sound: np.ndarray) -> float:
    return 20 * np.log10(gated_rms(sound.astype(np.float64)))


@pytest.mark.parametrize("genre", GENRES)
def test_clips_have_their_length_level_and_ceiling(renderer: Renderer, genre: str) -> None:
    for seed in (1, 2):
        sound = renderer.render(compose(genre, seed, seconds=4.0))
        assert sound.shape == (4 * SAMPLE_RATE_HZ,)
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() <= 0.95
        assert abs(level_dbfs(sound) - TARGET_DBFS) < TARGET_SPREAD_DB + 1.0
        assert abs(sound.mean()) < 1e-3
        assert abs(sound[0]) < 1e-3
        assert abs(sound[-1]) < 1e-3


def test_rendering_does_not_depend_on_order(renderer: Renderer) -> None:
    songs = [
        compose("rock", 5, "hard rock", 3.0),
        compose("electronic", 6, "trance", 3.0),
        compose("jazz", 7, "big band", 3.0),
    ]
    forwards = [renderer.render(song).tobytes() for song in songs]
    backwards = [renderer.render(song).tobytes() for song in reversed(songs)][::-1]
    assert forwards == backwards
    assert len(set(forwards)) == 3


def two_voices() -> Song:
    song = Song(Brief(np.random.default_rng(0), "electronic", "test", 3.0), 120, 9, "minor")
    song.progression("i")
    song.preroll_s = 0.0
    song.track("low", Saw(1, 0, 3_000, 0, 0.7, 0.3), gain=0.5).note(0, 8, 45, 100)
    song.track("high", Program(0)).note(0, 8, 81, 100)
    song.effects.sidechain = Sidechain(0.9, 0.9)
    song.effects.kick_beats = [float(beat) for beat in range(8)]
    song.effects.riser = 0.1
    return song


def share_at(sound: np.ndarray, frequency_hz: float) -> float:
    """Of the energy, the share within a semitone of a frequency and its harmonics."""
    spectrum = np.square(np.abs(np.fft.rfft(sound * np.hanning(len(sound)))))
    bins = np.arange(len(spectrum)) * SAMPLE_RATE_HZ / len(sound)
    harmonic = np.maximum(1, np.round(bins / frequency_hz)) * frequency_hz
    return float(spectrum[np.abs(bins - harmonic) < 0.06 * frequency_hz].sum() / spectrum.sum())


def test_a_solo_is_one_instrument_at_full_level_without_pumping(renderer: Renderer) -> None:
    song = two_voices()
    both = renderer.render(song)
    high = renderer.render(song, solo="high")
    low = renderer.render(song, solo="low")
    assert share_at(high, 880) > 0.98
    assert share_at(both, 880) < 0.9
    assert share_at(low, 110) > 0.98
    for sound in (high, low):
        assert abs(level_dbfs(sound) - TARGET_DBFS) < TARGET_SPREAD_DB + 1.0
    frames = np.sqrt(np.square(high[SAMPLE_RATE_HZ // 2 : 2 * SAMPLE_RATE_HZ].reshape(-1, 1_600)).mean(axis=1))
    pumped = np.sqrt(np.square(both[SAMPLE_RATE_HZ // 2 : 2 * SAMPLE_RATE_HZ].reshape(-1, 1_600)).mean(axis=1))
    assert frames.min() > 0.8 * frames.max()
    assert pumped.min() < 0.6 * pumped.max()


def test_a_solo_that_nobody_plays_names_the_players(renderer: Renderer) -> None:
    song = compose("jazz", 1, "piano trio", 2.0)
    for name in ("kazoo", "swing drums", "brushed drums"):
        with pytest.raises(CorpusError, match=r"no pitched track .*piano"):
            renderer.render(song, solo=name)


def test_the_clip_starts_where_the_preroll_ends(renderer: Renderer) -> None:
    song = two_voices()
    song.tracks[0].notes.clear()
    song.tracks[1].notes.clear()
    song.tracks[1].note(2, 2, 81, 100)  # sounds from 1.0 s
    song.timing_s = 0
    song.effects.riser = 0.0
    song.effects.reverb_wet = 0.0
    start = renderer.render(song, solo="high")
    song.preroll_s = 0.75
    later = renderer.render(song, solo="high")
    onsets = [int(np.argmax(np.abs(sound) > 0.01)) / SAMPLE_RATE_HZ for sound in (start, later)]
    assert onsets == pytest.approx([1.0, 0.25], abs=0.02)


@pytest.mark.parametrize("genre", GENRES)
def test_exercises_sound(renderer: Renderer, genre: str) -> None:
    for seed in range(3):
        sound = renderer.render(compose_exercise(genre, seed, 3.0))
        assert abs(level_dbfs(sound) - TARGET_DBFS) < TARGET_SPREAD_DB + 1.0
