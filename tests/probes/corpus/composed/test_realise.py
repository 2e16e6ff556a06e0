from __future__ import annotations

import numpy as np
import pytest

from probes.corpus.composed.realise import Sounding, TempoMap, perform, separated
from probes.corpus.composed.song import Brief, Program, Song


def plain_song(bpm: float = 120.0, seconds: float = 20.0) -> Song:
    song = Song(Brief(np.random.default_rng(3), "jazz", "test", seconds), bpm, 0, "major")
    song.progression("I|IV|V|I")
    song.preroll_s = 0.0
    song.timing_s = song.velocity_spread = 0.0
    return song


def test_a_steady_tempo_is_exact() -> None:
    beats = np.arange(0, 30, 0.25)
    np.testing.assert_allclose(TempoMap(plain_song(90)).seconds(beats), beats * 60 / 90, atol=1e-12)


def test_swing_delays_the_offbeats_only() -> None:
    song = plain_song(60)
    song.swing = 2 / 3
    np.testing.assert_allclose(TempoMap(song).seconds([0, 0.5, 1, 1.5, 1.75, 2]), [0, 2 / 3, 1, 5 / 3, 11 / 6, 2])


def test_rubato_never_runs_backwards_and_slows_at_phrase_ends() -> None:
    song = plain_song(100, 60)
    song.rubato = 0.07
    times = TempoMap(song).seconds(np.arange(0, 96, 0.125))
    assert (np.diff(times) > 0).all()
    last_beats = np.concatenate([np.diff(times)[(k * 16 + 15) * 8 + 4 : (k * 16 + 16) * 8] for k in range(5)])
    assert last_beats.mean() > np.diff(times).mean() * 1.03


def test_performances_repeat_and_scatter_as_asked() -> None:
    song = plain_song()
    track = song.track("t", Program(0))
    for beat in range(39):
        track.note(beat, 0.5, 60, 90)
    song.timing_s, song.velocity_spread, song.performance_seed = 0.01, 6.0, 7
    tempo = TempoMap(song)
    first, again = perform(song, tempo)[0].notes, perform(song, tempo)[0].notes
    assert first == again
    errors = np.array([note.start_s for note in first[1:]]) - np.arange(1, 39) / 2
    assert 0.005 < errors.std() < 0.016
    assert 3 < np.std([note.velocity for note in first]) < 9
    song.performance_seed = 8
    assert perform(song, tempo)[0].notes != first


def test_a_track_plays_the_same_whoever_else_plays() -> None:
    song = plain_song()
    for name in ("a", "b"):
        track = song.track(name, Program(0))
        for beat in range(8):
            track.note(beat, 0.5, 60, 90)
    song.timing_s = 0.01
    together = perform(song, TempoMap(song))
    song.tracks[1].notes = song.tracks[1].notes[:1]
    assert perform(song, TempoMap(song))[0] == together[0]


def test_the_pedal_holds_notes_until_the_chord_changes() -> None:
    song = plain_song(60)
    track = song.track("piano", Program(0))
    track.pedal = True
    track.note(1, 0.25, 60, 90)
    track.note(4, 0.25, 60, 90)
    ends = [note.end_s for note in perform(song, TempoMap(song))[0].notes]
    assert ends == pytest.approx([4 - 0.03, 8 - 0.03])


def test_notes_after_the_clip_are_not_played() -> None:
    song = plain_song(seconds=4.0)
    track = song.track("t", Program(0))
    track.note(2, 1, 60, 90)
    track.note(9, 1, 60, 90)
    assert len(perform(song, TempoMap(song))[0].notes) == 1


def test_a_pitch_never_overlaps_itself() -> None:
    notes = [
        Sounding(0.0, 1.0, 60, 80),
        Sounding(0.01, 1.2, 60, 90),
        Sounding(0.5, 0.9, 60, 70),
        Sounding(0.2, 2.0, 64, 70),
    ]
    kept = separated(notes)
    assert [(n.start_s, n.end_s, n.velocity) for n in kept if n.pitch == 60] == [
        (0.0, pytest.approx(0.494), 90),
        (0.5, 0.9, 70),
    ]
    assert [n for n in kept if n.pitch == 64] == [notes[3]]
