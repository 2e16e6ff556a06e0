"""Orchestra, winds, choir."""

from __future__ import annotations

from probes.corpus.composed.chance import happens, pick, pick_some
from probes.corpus.composed.classical import harmony
from probes.corpus.composed.melody import melody, rhythms_for
from probes.corpus.composed.song import Brief, Song
from probes.corpus.composed.theory import nearest

_ORCHESTRAL_LEADS = (
    ("flute", harmony.FLUTE, 70, 93, 0),
    ("oboe", harmony.OBOE, 65, 86, 0),
    ("clarinet", harmony.CLARINET, 60, 84, -12),
    ("violins", harmony.STRINGS, 67, 91, 0),
    ("trumpet", harmony.TRUMPET, 60, 80, -12),
)


def symphony(brief: Brief) -> Song:
    """Strings in motion, sustained horns, timpani, a tune in two doubled instruments."""
    song = harmony.begin(brief, 84, 136, rubato=0.015, timing_s=0.012)
    rng = song.rng
    strings = song.track("string ensemble", harmony.STRINGS, gain=0.9)
    pizzicato = song.track("pizzicato strings", harmony.PIZZICATO, gain=0.9)
    horns = song.track("french horn", harmony.FRENCH_HORN, gain=0.75)
    timpani = song.track("timpani", harmony.TIMPANI, gain=0.9)
    basses = song.track("contrabass", harmony.CONTRABASS, gain=0.8)
    texture = pick(rng, ("staccato", "pizzicato", "broken"))
    for start, beats, pitches in harmony.parts(song):
        for index in range(round(beats * 2)):
            beat = start + index / 2
            if texture == "staccato":
                if index % 2 == 0 or song.bpm < 110:
                    strings.chord(beat, 0.24, pitches[1:], 66 * song.swell(beat))
            elif texture == "pizzicato":
                pizzicato.note(beat, 0.3, pitches[1 + index % 3], 78)
                if index % 2 == 0:
                    pizzicato.note(beat, 0.3, pitches[0], 74)
            else:
                strings.note(beat, 0.48, pitches[(1, 2, 3, 2)[index % 4]], 66 * song.swell(beat))
        horns.chord(start, beats * 0.95, pitches[1:3], 62 * song.swell(start, 0.3))
        basses.note(start, beats * 0.9, pitches[0] - 12 if pitches[0] > 46 else pitches[0], 72)
        drum = nearest(45, song.chord_at(start).root, 40, 53)
        if start % song.beats_per_bar == 0 and happens(rng, 0.7):
            timpani.note(start, 0.5, drum, 84)
        if happens(rng, 0.15):
            for index in range(8):
                timpani.note(start + beats - 1 + index / 8, 0.12, drum, 48 + index * 5)
    (first, program, low, high, _), (second, doubling_program, _, _, transpose) = pick_some(rng, _ORCHESTRAL_LEADS, 2)
    lead = song.track(first, program)
    doubling = song.track(second, doubling_program)
    for note in melody(song, low, high, rhythms_for(song), velocity=94):
        note.play(lead)
        if happens(rng, 0.5):
            note.play(doubling, transpose=transpose, loudness=0.8)
    harmony.hall(song, 1.6, 2.6, 0.18, 0.30)
    song.tags = ["orchestra", "strings", "woodwinds", "horns", "timpani"]
    return song


def winds(brief: Brief) -> Song:
    """Flute and oboe over clarinet, horn and bassoon; sustained or in a light march."""
    song = harmony.begin(brief, 76, 128, metres=(4, 3))
    rng = song.rng
    flute = song.track("flute", harmony.FLUTE)
    oboe = song.track("oboe", harmony.OBOE, gain=0.7)
    clarinet = song.track("clarinet", harmony.CLARINET, gain=0.8)
    bassoon = song.track("bassoon", harmony.BASSOON)
    horn = song.track("french horn", harmony.FRENCH_HORN, gain=0.6)
    march = happens(rng, 0.5)
    for start, beats, (bass, tenor, alto, _) in harmony.parts(song):
        if not march:
            for track, pitch, velocity in ((bassoon, bass, 72), (clarinet, alto, 64), (horn, tenor, 60)):
                track.note(start, beats * 0.95, pitch, velocity)
            continue
        for index in range(max(1, round(beats))):
            fifth = index % 2 and happens(rng, 0.6)
            bassoon.note(start + index, 0.4, bass + (song.chord_at(start).fifth if fifth else 0), 74)
            clarinet.note(start + index + 0.5, 0.4, alto, 62)
            horn.note(start + index + 0.5, 0.4, tenor, 60)
    alternating = happens(rng, 0.5)
    for note in melody(song, 69, 91, rhythms_for(song), velocity=90):
        note.play(oboe if alternating and (note.beat // (2 * song.beats_per_bar)) % 2 else flute)
    harmony.hall(song, 1.1, 2.0, 0.14, 0.26)
    song.tags = ["flute", "oboe", "clarinet", "bassoon"]
    return song


def choral(brief: Brief) -> Song:
    """A choir in four parts, often with organ or low strings under it."""
    song = harmony.begin(brief, 60, 92, rubato=0.03, timing_s=0.015)
    rng = song.rng
    choir = song.track("choir", pick(rng, (harmony.CHOIR, harmony.CHOIR, harmony.VOICE)))
    support = pick(rng, (("church organ", harmony.CHURCH_ORGAN, 0.5), ("string ensemble", harmony.STRINGS, 0.6), None))
    under = song.track(support[0], support[1], gain=support[2]) if support else None
    moving = happens(rng, 0.5)
    for start, beats, pitches in harmony.parts(song):
        soft = song.swell(start, 0.25)
        choir.chord(start, beats, pitches[0:3], 72 * soft)
        if moving and beats >= 2:
            passing = pitches[3] + (2 if (pitches[3] + 2) % 12 in song.scale_at(start) else 1) * pick(rng, (1, -1, 0))
            choir.note(start, beats * 0.5, pitches[3], 80 * soft)
            choir.note(start + beats * 0.5, beats * 0.25, passing, 74 * soft)
            choir.note(start + beats * 0.75, beats * 0.25, pitches[3], 74 * soft)
        else:
            choir.note(start, beats, pitches[3], 80 * soft)
        if under:
            under.chord(start, beats, (pitches[0] - 12, *pitches[:2]), 62)
    if happens(rng, 0.4):
        descant = song.track("soprano voices", harmony.VOICE, gain=0.7)
        for note in melody(song, 69, 84, [(2, 2), (3, 1), (2, 1, 1), (4,), (1, 1, 2)], velocity=80, legato=1.02):
            note.play(descant)
    harmony.hall(song, 2.0, 3.0, 0.24, 0.38)
    song.tags = ["choir", "four-part harmony", *([under.name] if under else ["a cappella"])]
    return song
