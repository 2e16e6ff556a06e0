"""Small swinging groups: combo, bebop, piano, organ and vibraphone groups, ballad, waltz, modal jazz."""

from __future__ import annotations

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.jazz import rhythm_section as section
from probes.corpus.composed.melody import melody, scoop, vibrato
from probes.corpus.composed.song import Brief, Song
from probes.corpus.composed.theory import nearest


def combo(brief: Brief) -> Song:
    """A horn with piano, bass and drums at a medium swing."""
    song = section.begin(brief, 118, 196)
    rng = song.rng
    section.drums(song, pick(rng, (section.JAZZ_KIT, section.JAZZ_KIT, section.STANDARD_KIT)))
    section.walk(song, section.bassist(song))
    section.comp(song, song.track("piano", section.PIANO))
    soloist = pick(rng, section.SOLOISTS)
    section.improvise(song, song.track(soloist.name, soloist.program, bus="lead", gain=1.05), soloist.low, soloist.high)
    section.room(song)
    song.tags = [soloist.name, "piano", "walking bass", "ride cymbal"]
    return song


def bebop(brief: Brief) -> Song:
    """Fast, dense and chromatic."""
    song = section.begin(brief, 168, 208)
    rng = song.rng
    section.drums(song, velocity=88)
    section.walk(song, section.bassist(song), velocity=94)
    section.comp(song, song.track("piano", section.PIANO, gain=0.9), 53, 72, velocity=66)
    soloist = pick(rng, (section.ALTO, section.ALTO, section.TENOR, section.TRUMPETER))
    horn = song.track(soloist.name, soloist.program, bus="lead", gain=1.05)
    section.improvise(song, horn, soloist.low, soloist.high, density=0.95, chromatic=0.35, triplets=0.09)
    section.room(song)
    song.tags = [soloist.name, "fast swing", "walking bass", "piano"]
    return song


def piano_trio(brief: Brief) -> Song:
    """The piano plays chords and lines."""
    song = section.begin(brief, 104, 192)
    brushes = happens(song.rng, 0.5)
    section.drums(song, section.BRUSH_KIT if brushes else section.JAZZ_KIT)
    section.walk(song, section.bassist(song))
    piano = song.track("piano", section.PIANO)
    section.comp(song, piano, 50, 67, velocity=62, rhythms=("x..x....", "...x....", "x.......", "..x..x.."))
    section.improvise(song, piano, 64, 91, velocity=92, bends=0, triplets=0.1)
    section.room(song)
    song.tags = ["jazz piano", "walking bass", "brushes" if brushes else "ride cymbal"]
    return song


def organ_trio(brief: Brief) -> Song:
    """Organ with guitar or tenor, often a blues."""
    song = section.begin(brief, 108, 180, blues=0.5)
    rng = song.rng
    section.drums(song)
    bass = (
        song.track("organ bass", section.DRAWBAR_ORGAN, bus="bass", gain=0.8)
        if happens(rng, 0.5)
        else section.bassist(song)
    )
    section.walk(song, bass)
    organ = song.track("jazz organ", pick(rng, (section.DRAWBAR_ORGAN, section.PERCUSSIVE_ORGAN)), gain=0.75)
    section.comp(song, organ, 55, 72, velocity=66)
    soloist = pick(rng, (section.GUITARIST, section.TENOR))
    section.improvise(song, song.track(soloist.name, soloist.program, bus="lead", gain=1.1), soloist.low, soloist.high)
    section.room(song)
    song.tags = ["hammond organ", soloist.name, "swing drums"]
    return song


def vibraphone(brief: Brief) -> Song:
    """Vibraphone over a guitar's chords."""
    song = section.begin(brief, 110, 184)
    section.drums(song, section.BRUSH_KIT if happens(song.rng, 0.6) else section.JAZZ_KIT)
    section.walk(song, section.bassist(song))
    section.comp(song, song.track("jazz guitar", section.JAZZ_GUITAR, gain=0.85), 52, 69, velocity=66)
    section.improvise(song, song.track("vibraphone", section.VIBRAPHONE, bus="lead", gain=1.1), 57, 86, bends=0)
    section.room(song)
    song.tags = ["vibraphone", "jazz guitar", "walking bass"]
    return song


def ballad(brief: Brief) -> Song:
    """Slow, two notes of bass a bar, brushes, a melody that scoops and shakes."""
    song = section.begin(brief, 62, 104, blues=0.1)
    rng = song.rng
    section.drums(song, section.BRUSH_KIT, velocity=72)
    bass = section.bassist(song)
    for bar in range(song.bars):
        for half in (0, 2):
            beat = bar * 4 + half
            root = nearest(36, song.chord_at(beat).root, 28, 47)
            bass.note(beat, 1.8, root, 84)
            if happens(rng, 0.35):
                bass.note(beat + 1.5, 0.4, root + pick(rng, (7, 12, -5)), 66)
    electric = happens(rng, 0.4)
    keys = song.track("electric piano" if electric else "piano", section.ELECTRIC_PIANO if electric else section.PIANO)
    section.comp(song, keys, 53, 72, velocity=62, rhythms=("x...x...", "x.......", "x..x...."), beats=2.0)
    soloist = pick(
        rng, (section.TENOR, section.ALTO, section.MUTED, section.TENOR, section.TRUMPETER, section.TROMBONIST)
    )
    horn = song.track(soloist.name, soloist.program, bus="lead")
    rhythms = [
        (1.5, 0.5, 2),
        (1, 1, 2),
        (0.5, 0.5, 1, 2),
        (3, 1),
        (2, 0.5, 0.5, 1),
        (-1, 1, 1, 1),
        (0.5, 0.5, 0.5, 0.5, 2),
    ]
    for note in melody(song, soloist.low + 3, soloist.high, rhythms, velocity=86, legato=1.0):
        note.play(horn)
        if note.beats > 0.9 and happens(rng, 0.5):
            scoop(horn, note.beat, -1, 0.04)
        if note.beats > 1.3:
            vibrato(horn, note, song.bpm, 0.2, 5)
    section.room(song, (0.9, 1.6), (0.12, 0.22))
    song.tags = [soloist.name, "brushes", "electric piano" if electric else "soft piano"]
    return song


def waltz(brief: Brief) -> Song:
    """Three beats, lightly swung."""
    song = section.begin(brief, 116, 176, blues=0.05, beats_per_bar=3)
    rng = song.rng
    section.drums(song, section.BRUSH_KIT if happens(rng, 0.5) else section.JAZZ_KIT)
    bass = section.bassist(song)
    if happens(rng, 0.5):
        section.walk(song, bass)
    else:
        for bar in range(song.bars):
            root = nearest(36, song.chord_at(bar * 3).root, 28, 45)
            bass.note(bar * 3, 1.9, root, 90)
            bass.note(bar * 3 + 2, 0.8, root + pick(rng, (7, 12, song.chord_at(bar * 3).fifth)), 80)
    piano = song.track("piano", section.PIANO)
    section.comp(song, piano, velocity=66, rhythms=("x..x..", "..x...", "...x.x", "x....x", "..x.x."))
    soloist = pick(rng, (section.SOPRANO, section.FLAUTIST, section.TENOR, section.GUITARIST, section.VIBES))
    section.improvise(
        song, song.track(soloist.name, soloist.program, bus="lead"), soloist.low, soloist.high, density=0.75
    )
    section.room(song, (0.7, 1.3), (0.1, 0.2))
    song.tags = [soloist.name, "piano", "upright bass", "jazz waltz rhythm"]
    return song


def modal(brief: Brief) -> Song:
    """Long stretches of one dorian chord, quartal piano, spacious horn."""
    song = section.begin(brief, 112, 172, blues=0)
    rng = song.rng
    song.mode = "dorian"
    song.progression(
        pick(
            rng,
            (
                "i7|i7|i7|i7|i7|i7|i7|i7|bii7|bii7|bii7|bii7",
                "i9|i9|i9|i9|iv9|iv9|i9|i9",
                "i7|IV9|i7|IV9",
                "i9|i9|bVIImaj7|bVIImaj7",
            ),
        )
    )
    section.drums(song, velocity=82)
    section.walk(song, section.bassist(song))
    keys = song.track("piano", section.PIANO)
    previous_root = 0
    for bar in range(song.bars):
        for index in (0, 3) if bar % 2 == 0 else (1, 5):
            if happens(rng, 0.25):
                continue
            beat = bar * 4 + index / 2
            previous_root = nearest(52, song.chord_at(beat).root + pick(rng, (2, 0, 7)), 48, 60)
            keys.chord(
                beat,
                pick(rng, (0.4, 1.4)),
                (previous_root, previous_root + 5, previous_root + 10, previous_root + 14),
                68,
            )
    soloist = pick(rng, (section.MUTED, section.TENOR, section.TRUMPETER, section.SOPRANO))
    section.improvise(
        song,
        song.track(soloist.name, soloist.program, bus="lead"),
        soloist.low,
        soloist.high,
        density=0.65,
        chromatic=0.12,
    )
    section.room(song, (0.9, 1.6), (0.12, 0.22))
    song.tags = [soloist.name, "modal piano chords", "walking bass", "ride cymbal"]
    return song
