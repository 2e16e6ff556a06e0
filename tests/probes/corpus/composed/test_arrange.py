from __future__ import annotations

import numpy as np

from probes.corpus.composed.arrange import SECTION_BARS, arrange
from probes.corpus.composed.compose import compose
from probes.corpus.composed.song import Brief, Program, Song


def sounding(song: Song, section: int) -> set[str]:
    beats = SECTION_BARS * song.beats_per_bar
    return {track.name for track in song.tracks for note in track.notes if int(note.beat // beats) == section}


def busy_song(seed: int) -> Song:
    song = Song(Brief(np.random.default_rng(seed), "rock", "test", 40.0), 120, 0, "major")
    for name, bus in (("guitar", "music"), ("organ", "music"), ("electric bass", "bass"), ("piano", "music")):
        track = song.track(name, Program(0), bus)
        for beat in range(song.beats):
            track.note(beat, 1, 60, 90)
    song.effects.kick_beats = [float(beat) for beat in range(song.beats)]
    return song


def test_layers_leave_and_return_and_two_always_stay() -> None:
    absences = 0
    for seed in range(30):
        song = busy_song(seed)
        arrange(song)
        for section in range(song.bars // SECTION_BARS):
            present = sounding(song, section)
            assert len(present) >= 2
            absences += 4 - len(present)
    assert absences > 30


def test_kicks_that_fell_silent_duck_nothing() -> None:
    silent = 0
    for seed in range(40):
        song = compose("electronic", seed, "techno", 20.0)
        kick = next((track for track in song.tracks if track.bus == "kick"), None)
        if kick is not None:
            assert sorted(note.beat for note in kick.notes) == sorted(song.effects.kick_beats)
            silent += len(kick.notes) < song.beats * 0.8
    assert silent > 0
