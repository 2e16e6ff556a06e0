"""Larger and regional groups: big band, dixieland, gypsy swing, bossa nova, latin jazz."""

from __future__ import annotations

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.jazz import rhythm_section as section
from probes.corpus.composed.melody import melody
from probes.corpus.composed.patterns import (
    CLAVE,
    CLOSED_HAT,
    CONGA_HIGH,
    CONGA_LOW,
    COWBELL,
    CRASH,
    KICK,
    KICK_2,
    PEDAL_HAT,
    SHAKER,
    SNARE,
    STICK,
    onsets,
    strike,
)
from probes.corpus.composed.song import Brief, Song
from probes.corpus.composed.theory import nearest, nearest_chord_tone
from probes.corpus.composed.voicing import close_voicing, rootless


def big_band(brief: Brief) -> Song:
    """Brass hits against a harmonised saxophone line."""
    song = section.begin(brief, 120, 188, blues=0.4)
    rng = song.rng
    section.drums(song, velocity=92)
    section.walk(song, section.bassist(song))
    section.comp(song, song.track("piano", section.PIANO, gain=0.8))
    brass = song.track("brass section", section.BRASS, gain=0.95)
    saxes = song.track("saxophones", section.TENOR_SAX, gain=0.7)
    altos = song.track("alto saxophone", section.ALTO_SAX, gain=0.7)
    hits = ("x..x....", "......xx", "...x...x", "x.x.....", "....x..x", ".......x", "x..x..x.")
    previous: list[int] | None = None
    for bar in range(song.bars):
        if not happens(rng, 0.7):
            continue
        for index in onsets(pick(rng, hits)):
            beat = bar * 4 + index / 2
            previous = close_voicing(rootless(song.chord_at(beat)), previous, 60, 79)
            brass.chord(beat, pick(rng, (0.25, 0.4, 0.9)), previous, 94)
    rhythms = [
        (*(0.5,) * 6, 1),
        (1, 0.5, 0.5, 1, 1),
        (0.5, 1, 0.5, 1, 1),
        (1.5, 0.5, -1, 1),
        (-0.5, 0.5, 0.5, 0.5, 1.5, 0.5),
    ]
    for note in melody(song, 62, 81, rhythms, velocity=90, legato=0.9):
        note.play(altos)
        saxes.note(
            note.beat, note.beats, nearest_chord_tone(note.pitch - 4, song.chord_at(note.beat), 45, 79), note.velocity
        )
    if happens(rng, 0.4):
        soloist = pick(rng, (section.TRUMPETER, section.TENOR, section.CLARINETTIST))
        section.improvise(
            song,
            song.track(f"{soloist.name} solo", soloist.program, bus="lead"),
            soloist.low,
            soloist.high,
            density=0.6,
        )
    section.room(song, (0.8, 1.4), (0.1, 0.18))
    song.tags = ["brass section", "saxophones", "walking bass", "swing drums"]
    return song


def dixieland(brief: Brief) -> Song:
    """Trumpet, clarinet and trombone at once over banjo, tuba and a two-beat drum."""
    song = section.begin(brief, 140, 208, blues=0.2)
    rng = song.rng
    song.mode = "major"
    song.progression(
        pick(
            rng,
            (
                "I6|I6|V7|V7|V7|V7|I6|I6",
                "I6|VI7|II7|V7",
                "I6|I7|IV6|iv6|I6 VI7|II7 V7|I6|V7",
                "I6|III7|VI7|VI7|II7|V7|I6|V7",
            ),
        )
    )
    drums = song.track("trad drums", pick(rng, (section.STANDARD_KIT, section.JAZZ_KIT)), bus="drums")
    banjo = song.track("banjo", section.BANJO, gain=0.8)
    tuba = song.track("tuba", section.TUBA, bus="bass")
    previous: list[int] | None = None
    for bar in range(song.bars):
        start = bar * 4
        strike(drums, start, "x.......x.......", KICK_2, 78)
        strike(
            drums,
            start,
            pick(rng, ("....x..x....x...", "....x...o...x..o", "xoxoxoxoxoxoxoxo")),
            pick(rng, (SNARE, SNARE, 77)),
            62,
        )
        strike(drums, start, "....x.......x...", PEDAL_HAT, 70)
        if bar % 4 == 0:
            drums.note(start, 1, CRASH, 70)
        for quarter in range(4):
            chord = song.chord_at(start + quarter)
            previous = close_voicing(chord.pitch_classes[:4], previous, 57, 74)
            banjo.chord(start + quarter, 0.3, previous, 84 if quarter % 2 else 72)
            if quarter % 2 == 0:
                tuba.note(
                    start + quarter, 0.8, nearest(34, chord.root + (0 if quarter == 0 else chord.fifth), 27, 42), 92
                )
    front_line = (
        ("trumpet", section.TRUMPET, 60, 81, 0.75),
        ("clarinet", section.CLARINET, 67, 90, 0.9),
        ("trombone", section.TROMBONE, 43, 62, 0.55),
    )
    for name, program, low, high, density in front_line:
        player = song.track(name, program, bus="lead", gain=1.0 if name == "trumpet" else 0.75)
        section.improvise(song, player, low, high, density=density, bends=0.2)
    section.room(song)
    song.tags = ["trumpet", "clarinet", "trombone", "banjo", "tuba"]
    return song


def gypsy_swing(brief: Brief) -> Song:
    """Chopped acoustic guitars under clarinet, violin or guitar."""
    song = section.begin(brief, 130, 196, blues=0.1)
    rng = song.rng
    guitar = song.track("acoustic guitar rhythm", section.STEEL_GUITAR, gain=0.8)
    section.walk(song, section.bassist(song))
    previous: list[int] | None = None
    for beat in range(song.beats):
        previous = close_voicing(rootless(song.chord_at(beat)), previous, 50, 67)
        chop = beat % 2 == 1
        for index, pitch in enumerate(previous):
            guitar.note(beat + 0.006 * index, 0.22 if chop else 0.4, pitch, 88 if chop else 70)
    name, program, low, high = pick(
        rng,
        (
            ("clarinet", section.CLARINET, 58, 86),
            ("violin", section.VIOLIN, 60, 88),
            ("acoustic guitar", section.NYLON_GUITAR, 55, 84),
        ),
    )
    section.improvise(
        song, song.track(name, program, bus="lead"), low, high, density=0.85, bends=0.15 if name == "violin" else 0.05
    )
    if happens(rng, 0.4):
        section.drums(song, section.BRUSH_KIT, velocity=66)
    section.room(song)
    song.tags = ["acoustic guitars", name, "walking bass"]
    return song


def bossa_nova(brief: Brief) -> Song:
    """Straight eighths, rim clicks, nylon guitar."""
    song = section.begin(brief, 112, 152, blues=0)
    rng = song.rng
    song.swing = 0.5
    drums = song.track("bossa drums", pick(rng, (section.JAZZ_KIT, section.BRUSH_KIT)), bus="drums")
    bass = section.bassist(song)
    for bar in range(song.bars):
        start = bar * 4
        strike(drums, start, "x..x..x...x..x.." if bar % 2 == 0 else "..x..x..x..x..x.", STICK, 72)
        strike(drums, start, "xgogxgogxgogxgog", CLOSED_HAT if happens(rng, 0.5) else SHAKER, 54)
        strike(drums, start, "x..xx..xx..xx..x", KICK_2, 58)
        for half in (0, 2):
            chord = song.chord_at(start + half)
            root = nearest(38, chord.root, 31, 45)
            bass.note(start + half, 1.3, root, 90)
            bass.note(start + half + 1.5, 0.45, root + (chord.fifth if happens(rng, 0.7) else 0), 84)
    guitar = song.track("nylon guitar", section.NYLON_GUITAR)
    section.comp(song, guitar, 52, 70, velocity=74, rhythms=("x..x..x.", "x..x...x", ".x..x..x", "x.x..x.x"), beats=0.4)
    nylon = section.Soloist("nylon guitar lead", section.NYLON_GUITAR, 62, 84)
    soloist = pick(rng, (section.FLAUTIST, section.TENOR, section.ALTO, section.VIBES, nylon))
    section.improvise(
        song, song.track(soloist.name, soloist.program, bus="lead"), soloist.low, soloist.high, density=0.65, bends=0.05
    )
    section.room(song)
    song.tags = ["nylon guitar", soloist.name, "bossa rhythm"]
    return song


def latin(brief: Brief) -> Song:
    """Clave, congas, a tumbao in the bass, montuno octaves on the piano, a horn above."""
    song = section.begin(brief, 156, 208, blues=0)
    rng = song.rng
    song.swing = 0.5
    song.mode = "dorian" if song.is_minor else "major"
    song.progression(
        pick(
            rng,
            ("i7|iv7|V7|i7", "i7|i7|iiø|V7", "i7|bVII7|bVImaj7|V7")
            if song.is_minor
            else ("I6|IV6|V7|IV6", "Imaj7|ii7|V7|Imaj7", "I6|VI7|ii7|V7"),
        )
    )
    drums = song.track("latin percussion", section.JAZZ_KIT, bus="drums")
    bass = section.bassist(song)
    piano = song.track("montuno piano", section.PIANO)
    montuno = pick(rng, ("x.xx.xx.", "x.x.xx.x", ".xx.xx.x"))
    for bar in range(song.bars):
        start = bar * 4
        strike(drums, start, "x...x.x." if bar % 2 == 0 else "..x...x.", CLAVE, 84, step=0.5)
        strike(drums, start, "g.x.g.xx", CONGA_HIGH, 74, step=0.5)
        strike(drums, start, "......xx", CONGA_LOW, 76, step=0.5)
        strike(drums, start, "x.x.xxx." if happens(rng, 0.5) else "x...x...", COWBELL, 56, step=0.5)
        strike(drums, start, "x.....x.", KICK, 52, step=0.5)
        for beat, length in ((1.5, 1.4), (3.0, 2.4)):
            chord = song.chord_at(start + (4 if beat == 3.0 else 0))
            bass.note(start + beat, length, nearest(38, chord.root + (0 if beat == 3.0 else chord.fifth), 31, 46), 94)
        for count, index in enumerate(onsets(montuno)):
            chord = song.chord_at(start + index / 2)
            tone = chord.pitch_classes[(0, 2, 1, 2, 0)[count % 5] % len(chord.pitch_classes)]
            pitch = nearest(66, tone, 60, 72)
            piano.chord(start + index / 2, 0.4, (pitch, pitch + 12), 84)
    soloist = pick(rng, (section.TRUMPETER, section.FLAUTIST, section.TENOR, section.TROMBONIST, section.VIBES))
    section.improvise(
        song, song.track(soloist.name, soloist.program, bus="lead"), soloist.low, soloist.high, density=0.75, bends=0.08
    )
    section.room(song)
    song.tags = [soloist.name, "montuno piano", "congas", "clave rhythm"]
    return song
