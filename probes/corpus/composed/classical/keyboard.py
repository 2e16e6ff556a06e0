"""Piano, organ and harpsichord."""

from __future__ import annotations

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.classical import harmony
from probes.corpus.composed.melody import THREE_FOUR, Rhythm, melody, ornament, rhythms_for
from probes.corpus.composed.song import Brief, Song, Track
from probes.corpus.composed.theory import nearest
from probes.corpus.composed.voicing import close_voicing

_RUNNING: tuple[Rhythm, ...] = (
    (0.25,) * 16,
    (0.5, 0.25, 0.25) * 4,
    (0.5,) * 8,
    (0.25,) * 8 + (0.5,) * 4,
    (0.5, 0.25, 0.25, 0.5, 0.5) * 2,
)


def sonatina(brief: Brief) -> Song:
    """A light melody over an Alberti bass."""
    song = harmony.begin(brief, 92, 140, timing_s=0.006)
    rng = song.rng
    piano = song.track("piano", harmony.PIANO)
    figure = pick(rng, ((0, 2, 1, 2), (0, 1, 2, 1), (0, 2, 1, 2, 0, 2, 1, 2)))
    step = pick(rng, (0.5, 0.5, 0.25)) if song.bpm < 118 else 0.5
    harmony.figuration(song, piano, figure, step, 46, 64, bass=None, ring=0.95, soft=58, loud=68)
    for note in melody(song, 67, 88, rhythms_for(song), velocity=92):
        ornament(song, piano, note, 0.3)
    harmony.hall(song, 1.0, 1.9, 0.10, 0.20)
    song.tags = ["piano", "alberti bass", "light melody"]
    return song


def romantic(brief: Brief) -> Song:
    """A nocturne: pedalled wide arpeggios, rubato, a singing right hand, sometimes in octaves."""
    song = harmony.begin(brief, 60, 88, metres=(4, 3), rubato=0.07, timing_s=0.012)
    rng = song.rng
    piano = song.track("piano", harmony.PIANO)
    piano.pedal = True
    step = 1 / 3 if happens(rng, 0.6) else 0.25
    for segment in song.segments:
        pitches = harmony.wide_arpeggio(segment.chord)
        for index in range(round(segment.beats / step)):
            beat = segment.start + index * step
            velocity = (62 if index == 0 else 46) * song.swell(beat)
            piano.note(beat, min(segment.end - beat, step * 2.2), pitches[index % len(pitches)], velocity)
    octaves = happens(rng, 0.3)
    for note in melody(
        song, 65, 86, [rhythm for rhythm in rhythms_for(song) if len(rhythm) <= 5], velocity=90, leap=0.3
    ):
        ornament(song, piano, note, 0.25)
        if octaves:
            note.play(piano, transpose=-12, loudness=0.6)
    harmony.hall(song, 1.6, 2.6, 0.16, 0.28)
    song.tags = ["piano", "broken chords", "expressive melody"]
    return song


def etude(brief: Brief) -> Song:
    """A study: fast broken chords in the right hand over slow octaves in the left."""
    song = harmony.begin(brief, 84, 126, rubato=0.03, timing_s=0.007)
    rng = song.rng
    piano = song.track("piano", harmony.PIANO)
    piano.pedal = happens(rng, 0.7)
    shape = pick(rng, ((0, 1, 2, 3), (3, 2, 1, 0), (0, 2, 1, 3), (0, 1, 2, 3, 2, 1), (0, 3, 1, 3, 2, 3)))
    previous: list[int] | None = None
    for segment in song.segments:
        previous = close_voicing(segment.chord.triad, previous, 60, 77)
        pitches = [*previous, previous[0] + 12]
        for index in range(round(segment.beats * 4)):
            beat = segment.start + index / 4
            piano.note(
                beat, 0.24, pitches[shape[index % len(shape)]], (84 if index % 4 == 0 else 66) * song.swell(beat, 0.25)
            )
        bass = nearest(38, segment.chord.root, 31, 45)
        piano.chord(segment.start, segment.beats * 0.98, (bass, bass + 12), 82)
    if happens(rng, 0.5):
        for note in melody(song, 72, 93, [(1, 1, 1, 1), (2, 2), (2, 1, 1), (3, 1)], velocity=98):
            note.play(piano)
    harmony.hall(song, 1.1, 2.0, 0.10, 0.20)
    song.tags = ["piano", "fast broken chords", "virtuoso runs"]
    return song


def baroque(brief: Brief) -> Song:
    """Running notes over a continuo of harpsichord or organ with cello."""
    song = harmony.begin(brief, 76, 116, rubato=0.01, timing_s=0.007)
    rng = song.rng
    minor = ("i iv|bVII bIII|bVI iio|V7 i", "i|V7|i iv|V7", "i V|bVI bIII|iv i|iv V7", "i|iv|V7|i V7")
    major = ("I IV|viio iii|vi ii|V7 I", "I V|vi iii|IV I|IV V7", "I|V7|vi ii|V7 I", "I IV|V7 I|vi ii|V7 I")
    song.progression(pick(rng, minor if song.is_minor else major))
    keys = (
        song.track("harpsichord", harmony.HARPSICHORD)
        if happens(rng, 0.67)
        else song.track("church organ", harmony.CHURCH_ORGAN)
    )
    cello = song.track("cello continuo", harmony.CELLO, gain=0.9)
    soloist = pick(
        rng,
        (("violin", harmony.VIOLIN), ("flute", harmony.FLUTE), ("oboe", harmony.OBOE), ("recorder", harmony.RECORDER)),
    )
    solo = song.track(*soloist)
    previous: list[int] | None = None
    for segment in song.segments:
        chord = segment.chord
        previous = close_voicing(chord.triad, previous, 55, 72)
        keys.chord(segment.start, segment.beats * 0.8, previous, 62)
        root = nearest(45, chord.root, 36, 55)
        walk = (root, root + 12, root + chord.fifth, root + chord.intervals[1])
        for index in range(round(segment.beats * 2)):
            beat = segment.start + index / 2
            cello.note(beat, 0.46, walk[index % 4], 72)
            keys.note(beat, 0.46, walk[index % 4], 55)
    for note in melody(song, 67, 88, _RUNNING, velocity=88, leap=0.28, legato=0.85):
        ornament(song, solo, note, 0.4)
    harmony.hall(song, 1.2, 2.2, 0.12, 0.24)
    song.tags = [soloist[0], keys.name, "cello continuo", "running notes"]
    return song


def organ(brief: Brief) -> Song:
    """Church organ: four-part hymn or toccata figures over pedal notes."""
    song = harmony.begin(brief, 66, 104, rubato=0.01, timing_s=0.008)
    rng = song.rng
    manual = song.track("church organ", harmony.CHURCH_ORGAN)
    pedals = song.track("organ pedals", harmony.CHURCH_ORGAN, gain=0.8)
    toccata = happens(rng, 0.5)
    figure = pick(rng, ((1, 2, 3, 2), (3, 2, 1, 2), (1, 3, 2, 3)))
    for start, beats, pitches in harmony.parts(song):
        pedals.note(start, beats * 0.97, pitches[0] - 12 if pitches[0] > 47 else pitches[0], 80)
        if toccata:
            for index in range(round(beats * 4)):
                manual.note(start + index / 4, 0.22, pitches[figure[index % 4]] + 12 * (index % 8 == 7), 76)
        else:
            manual.chord(start, beats * 0.97, pitches[1:], 74)
    if not toccata:
        for note in melody(
            song,
            67,
            86,
            [(1, 1, 1, 1), (2, 1, 1), (1.5, 0.5, 1, 1), (2, 2), (0.5, 0.5, 1, 1, 1)],
            velocity=86,
            legato=1.0,
        ):
            note.play(manual)
    harmony.hall(song, 2.2, 3.0, 0.22, 0.36)
    song.tags = ["church organ", "toccata figures" if toccata else "hymn chords", "organ pedals"]
    return song


def waltz(brief: Brief) -> Song:
    """Bass on one, chords on two and three; on a piano or in a small orchestra."""
    song = harmony.begin(brief, 110, 140, metres=(3,), rubato=0.04, timing_s=0.009)
    rng = song.rng
    orchestral = happens(rng, 0.5)
    bass: Track
    chords: Track
    lead: Track
    if orchestral:
        bass = song.track("double bass", harmony.CONTRABASS)
        chords = song.track("pizzicato strings", harmony.PIZZICATO)
        lead = song.track(
            *pick(rng, (("violins", harmony.STRINGS), ("clarinet", harmony.CLARINET), ("flute", harmony.FLUTE)))
        )
    else:
        bass = chords = lead = song.track("piano", harmony.PIANO)
    previous: list[int] | None = None
    for segment in song.segments:
        previous = close_voicing(segment.chord.triad, previous, 55, 70)
        bass.note(segment.start, 0.9, nearest(42, segment.chord.root, 36, 50), 78)
        offbeats = (1.0, 2.0) if segment.beats > 2 else (1.0,) if segment.start % 3 == 0 else (0.5,)
        for offset in offbeats:
            if offset < segment.beats:
                chords.chord(segment.start + offset, 0.4, previous, 56 * song.swell(segment.start))
    for note in melody(song, 67, 88, THREE_FOUR, velocity=92):
        ornament(song, lead, note, 0.25)
    harmony.hall(song, 1.2, 2.2, 0.14, 0.26)
    song.tags = (
        [lead.name, "orchestra" if orchestral else "piano", "waltz rhythm"] if orchestral else ["piano", "waltz rhythm"]
    )
    return song
