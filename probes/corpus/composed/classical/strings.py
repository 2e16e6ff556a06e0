"""Bowed and plucked strings: quartet, string orchestra, duo with piano, guitar, harp."""

from __future__ import annotations

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.classical import harmony
from probes.corpus.composed.melody import Rhythm, melody, ornament, rhythms_for
from probes.corpus.composed.song import Brief, Song, Track

_SLOW: tuple[Rhythm, ...] = ((2, 2), (3, 1), (4,), (1, 1, 2), (1.5, 0.5, 2), (2, 1, 1))
_ROLLED = ((0, 1, 2, 3, 2, 1), (0, 2, 1, 3), (0, 1, 2, 3))


def quartet(brief: Brief) -> Song:
    """Two violins, viola, cello: sustained, in repeated eighths, or in dialogue."""
    song = harmony.begin(brief, 66, 124, metres=(4, 4, 3), rubato=0.025, timing_s=0.012)
    rng = song.rng
    first = song.track("violin", harmony.VIOLIN, gain=1.05)
    second = song.track("second violin", harmony.VIOLIN, gain=0.8)
    viola = song.track("viola", harmony.VIOLA, gain=0.85)
    cello = song.track("cello", harmony.CELLO)
    texture = pick(rng, ("sustained", "repeated", "dialogue"))
    for start, beats, (bass, tenor, alto, _) in harmony.parts(song):
        if texture == "sustained":
            for track, pitch in ((cello, bass), (viola, tenor), (second, alto)):
                track.note(start, beats * 0.98, pitch, 68 * song.swell(start))
            continue
        for index in range(round(beats * 2)):
            beat = start + index / 2
            if texture == "repeated":
                viola.note(beat, 0.45, tenor, 60 * song.swell(beat))
                second.note(beat, 0.45, alto, 60 * song.swell(beat))
            else:
                (viola if index % 2 else second).note(beat, 0.48, alto if index % 2 else tenor, 62 * song.swell(beat))
                if index % 2 == 0:
                    cello.note(beat, 0.45, bass + (12 if index % 4 == 2 else 0), 66)
        if texture == "repeated":
            cello.note(start, beats * 0.9, bass, 72 * song.swell(start))
    for note in melody(song, 67, 90, rhythms_for(song), velocity=88, legato=1.0):
        ornament(song, first, note, 0.18)
    harmony.hall(song, 1.2, 2.1, 0.16, 0.28)
    song.tags = ["violins", "viola", "cello"]
    return song


def adagio(brief: Brief) -> Song:
    """Slow sustained chords with suspensions; sometimes a choir, often a solo violin."""
    song = harmony.begin(brief, 60, 84, rubato=0.04, timing_s=0.015)
    rng = song.rng
    upper = song.track("string ensemble", pick(rng, (harmony.STRINGS, harmony.SLOW_STRINGS)))
    cello = song.track("cello", harmony.CELLO, gain=0.7)
    bass = song.track("double bass", harmony.CONTRABASS, gain=0.7)
    choir = song.track("choir", harmony.CHOIR, gain=0.6) if happens(rng, 0.25) else None
    for index, (start, beats, pitches) in enumerate(harmony.parts(song)):
        soft = song.swell(start, 0.25)
        upper.chord(start, beats * 1.02, pitches[1:3], 70 * soft)
        if index and happens(rng, 0.35):
            step = 2 if (pitches[3] + 2) % 12 in song.scale_at(start) else 1
            upper.note(start, beats / 2, pitches[3] + step, 78)
            upper.note(start + beats / 2, beats / 2, pitches[3], 72)
        else:
            upper.note(start, beats * 1.02, pitches[3], 76 * soft)
        cello.note(start, beats, pitches[0], 72)
        bass.note(start, beats, pitches[0] - 12, 64)
        if choir:
            choir.chord(start, beats, pitches[1:], 62)
    if happens(rng, 0.6):
        solo = song.track("solo violin", harmony.VIOLIN, gain=0.9)
        for note in melody(song, 69, 91, _SLOW, velocity=84, legato=1.02):
            note.play(solo)
    harmony.hall(song, 1.8, 3.0, 0.20, 0.34)
    song.tags = ["strings", "slow sustained chords", *(["choir"] if choir else [])]
    return song


def duo(brief: Brief) -> Song:
    """A sonata for one melody instrument and piano."""
    song = harmony.begin(brief, 72, 126, metres=(4, 4, 3), rubato=0.03)
    rng = song.rng
    name, program, low, high = pick(
        rng,
        (
            ("violin", harmony.VIOLIN, 62, 89),
            ("cello", harmony.CELLO, 45, 69),
            ("flute", harmony.FLUTE, 67, 91),
            ("clarinet", harmony.CLARINET, 57, 82),
            ("oboe", harmony.OBOE, 64, 86),
        ),
    )
    solo = song.track(name, program, gain=1.1)
    piano = song.track("piano", harmony.PIANO, gain=0.8)
    piano.pedal = happens(rng, 0.5)
    figure = pick(rng, ((0, 1, 2, 3), (0, 2, 3, 2), (0, 3, 2, 3), (0, 1, 2, 3, 2, 1)))
    step = pick(rng, (0.5, 0.5, 0.25)) if song.bpm < 100 else 0.5
    harmony.figuration(song, piano, figure, step, 52, 69, bass=(40, 34, 48), ring=1.1, soft=54, loud=66)
    for note in melody(song, low, high, rhythms_for(song), velocity=92, legato=1.0, leap=0.26):
        ornament(song, solo, note, 0.2)
    harmony.hall(song, 1.1, 2.0, 0.12, 0.24)
    song.tags = [name, "piano", "chamber music"]
    return song


def guitar(brief: Brief) -> Song:
    """Fingerpicked nylon guitar: arpeggios and a melody on one instrument."""
    song, instrument = _plucked(brief, "nylon guitar")
    _sing_over(song, instrument, doubling_flute=False)
    return song


def harp(brief: Brief) -> Song:
    """Harp arpeggios, with its own melody or a flute's."""
    song, instrument = _plucked(brief, "harp")
    _sing_over(song, instrument, doubling_flute=happens(song.rng, 0.6))
    return song


def _plucked(brief: Brief, name: str) -> tuple[Song, Track]:
    song = harmony.begin(brief, 66, 118, metres=(4, 3), rubato=0.04, timing_s=0.009)
    rng = song.rng
    instrument = song.track(name, harmony.NYLON_GUITAR if name == "nylon guitar" else harmony.HARP)
    step = 0.5 if song.bpm > 96 else pick(rng, (0.25, 0.5))
    harmony.figuration(
        song, instrument, pick(rng, _ROLLED), step, 52, 69, bass=(43, 40, 52), ring=2.5, soft=56, loud=74
    )
    harmony.hall(song, 1.1, 2.2, 0.14, 0.26)
    song.tags = [name, "arpeggios"]
    return song, instrument


def _sing_over(song: Song, instrument: Track, *, doubling_flute: bool) -> None:
    lead = song.track("flute", harmony.FLUTE, gain=0.9) if doubling_flute else instrument
    if doubling_flute:
        song.tags.insert(1, "flute")
    for note in melody(song, 69, 86, [rhythm for rhythm in rhythms_for(song) if len(rhythm) < 7], velocity=90):
        ornament(song, lead, note, 0.2)
