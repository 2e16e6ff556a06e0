"""Loud guitars: hard rock, metal, punk, grunge, shoegaze, progressive."""

from __future__ import annotations

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.melody import melody
from probes.corpus.composed.patterns import CLOSED_HAT, CRASH, OPEN_HAT, RIDE, onsets
from probes.corpus.composed.rock import band, guitars
from probes.corpus.composed.song import Brief, Echo, Song
from probes.corpus.composed.theory import MAJOR_PENTATONIC, MINOR_PENTATONIC, nearest


def hard_rock(brief: Brief) -> Song:
    """A riff on two guitars with palm mutes, often a solo."""
    song = band.begin(brief, 104, 142, major_share=0.35)
    rng = song.rng
    band.drums(song, pick(rng, band.KITS))
    rhythm = pick(rng, guitars.RIFFS[:7])
    players = [
        song.track("distorted electric guitar", band.DISTORTION, bus="guitars", gain=0.8),
        song.track("overdriven guitar", band.OVERDRIVE, bus="guitars", gain=0.75),
    ]
    guitars.riff(song, players, rhythm, muted=song.track("palm-muted guitar", band.MUTED, bus="guitars", gain=0.6))
    band.bass(song, band.bassist(song), pick(rng, (rhythm, "xxxxxxxx")))
    if happens(rng, 0.55):
        guitars.lead(song, guitars.lead_guitar(song, gain=0.8))
    band.amplifier(song)
    song.tags = ["distorted electric guitars", "power chords", "electric bass", "drums"]
    return song


def metal(brief: Brief) -> Song:
    """Low palm-muted sixteenths with accents, double bass drum, phrygian colours."""
    minor = ("i|i|bVI|bVII", "i|bII|i|bVII", "i|i|bIII|bII", "i|bVI|i|bV")
    song = band.begin(brief, 96, 168, minor=minor, major_share=0)
    rng = song.rng
    song.mode = "phrygian" if happens(rng, 0.4) else "minor"
    double = ("xxxxxxxxxxxxxxxx" if song.bpm < 135 else "x.xxx.xxx.xxx.xx", "....x.......x...")
    beat = double if happens(rng, 0.5) else ("x.xx..x.x.xx..x.", "....x.......x...")
    band.drums(
        song,
        pick(rng, (band.POWER_KIT, band.POWER_KIT, band.ROOM_KIT)),
        beat=beat,
        cymbal=pick(rng, (RIDE, CLOSED_HAT, OPEN_HAT)),
        velocity=106,
    )
    players = [
        song.track("distorted electric guitar", band.DISTORTION, bus="guitars", gain=0.85),
        song.track("second distorted guitar", band.DISTORTION, bus="guitars", gain=0.75),
    ]
    muted = song.track("palm-muted guitar", band.DISTORTION, bus="guitars", gain=0.7)
    bass = band.bassist(song, (band.PICK_BASS,))
    gallop = pick(
        rng, ("x.xxx.xxx.xxx.xx", "xxx.xxx.xxx.xxx.", "x..x..x.x..x..x.", "xxxxxxxxxxxxxxxx", "x.xxx.x.x.xxx.x.")
    )
    accents = [index == 0 or happens(rng, 0.18) for index in range(16)]
    for bar in range(song.bars):
        for index in onsets(gallop):
            at = bar * 4 + index / 4
            root = nearest(42, song.chord_at(at).root, 38, 49)
            bass.note(at, 0.2, root - 12, 100)
            if accents[index]:
                for player, guitar in enumerate(players):
                    guitars.power_chord(guitar, at + 0.005 * player, 0.5, root, 108)
            else:
                muted.note(at, 0.12, root, 100)
                muted.note(at, 0.12, root + 7, 88)
    if happens(rng, 0.5):
        guitars.lead(song, guitars.lead_guitar(song, (band.DISTORTION,), 0.75), 64, 91)
    band.amplifier(song, (2.5, 5), reverb_s=(0.4, 0.8), wet=(0.03, 0.09), glue=(0.15, 0.5))
    song.tags = ["heavy distorted guitars", "palm-muted riffs", "double bass drums"]
    return song


def punk(brief: Brief) -> Song:
    """Fast eighths on everything."""
    major = ("I|V|vi|IV", "I|IV|V|V", "I|IV|I|V")
    song = band.begin(brief, 148, 186, major=major, minor=("i|bVI|bIII|bVII", "i|bVII|bVI|bVII"), major_share=0.65)
    rng = song.rng
    beats = (
        ("x.x...x.x.x...x.", "....x.......x..."),
        ("x.......x.......", "....x.......x..."),
        ("x...x...x...x...", "..x...x...x...x."),
    )
    band.drums(
        song,
        pick(rng, band.KITS),
        beat=pick(rng, beats),
        cymbal=pick(rng, (OPEN_HAT, CLOSED_HAT, CRASH)),
        hats="x.x.x.x.x.x.x.x.",
        velocity=108,
    )
    players = [
        song.track("distorted electric guitar", band.DISTORTION, bus="guitars", gain=0.8),
        song.track("overdriven guitar", band.OVERDRIVE, bus="guitars", gain=0.8),
    ]
    guitars.riff(song, players[: pick(rng, (1, 2))], "xxxxxxxx", velocity=104, accents=False)
    band.bass(song, band.bassist(song, (band.PICK_BASS,)), "xxxxxxxx", velocity=106, leaps=0.03)
    if happens(rng, 0.35):
        guitars.lead(song, guitars.lead_guitar(song, (band.OVERDRIVE,), 0.75), bends=False)
    band.amplifier(song, (2, 4))
    song.tags = ["fast distorted guitars", "picked bass", "driving drums"]
    return song


def grunge(brief: Brief) -> Song:
    """Thick chords of odd keys, an octave riff, crashing cymbals; sometimes a quiet clean verse."""
    major = ("I|IV|bIII|bVI", "I|bIII|IV|bVI", "I bIII|IV I")
    song = band.begin(
        brief, 92, 132, major=major, minor=("i iv|bIII bVI", "i|bVI|iv|bVII", "i bIII|iv bVI"), major_share=0.3
    )
    rng = song.rng
    band.drums(song, pick(rng, (band.POWER_KIT, band.ROOM_KIT)), cymbal=pick(rng, (OPEN_HAT, CRASH, CLOSED_HAT)))
    players = [
        song.track("distorted electric guitar", band.DISTORTION, bus="guitars", gain=0.85),
        song.track("overdriven guitar", band.OVERDRIVE, bus="guitars", gain=0.7),
    ]
    guitars.riff(song, players, pick(rng, ("x.xx.xx.", "x..xx.xx", "x.x.xxx.", "x...x.xx")))
    band.bass(song, band.bassist(song, (band.PICK_BASS,)), "xxxxxxxx", velocity=96)
    octaves = song.track("octave lead guitar", band.OVERDRIVE, bus="lead", gain=0.75)
    scale = MINOR_PENTATONIC if song.is_minor else MAJOR_PENTATONIC
    rhythms = [(0.5,) * 8, (1, 0.5, 0.5, 1, 1), (0.5, 0.5, 1, 0.5, 0.5, 1), (1.5, 0.5, 1, 1)]
    for note in melody(song, 57, 76, rhythms, scale=scale, velocity=92):
        note.play(octaves)
        note.play(octaves, transpose=12, loudness=0.9)
    band.amplifier(song, (2, 4.5), glue=(0.2, 0.5))
    song.tags = ["fuzzy distorted guitars", "octave riff", "electric bass", "drums"]
    return song


def shoegaze(brief: Brief) -> Song:
    """Walls of overdriven chords in reverb and echo, a dreamy line, steady drums."""
    major = ("I|IV|I|IV", "Imaj7|IVmaj7|vi|IV", "I|iii|IV|IV", "IVmaj7|I|V|vi")
    song = band.begin(
        brief, 96, 132, major=major, minor=("i|bVI|bIII|bVII", "i|i|bVI|bVI", "i7|bVImaj7|bIII|bVII"), major_share=0.65
    )
    rng = song.rng
    band.drums(
        song,
        pick(rng, (band.ROOM_KIT, band.POWER_KIT)),
        cymbal=pick(rng, (RIDE, OPEN_HAT, CRASH)),
        velocity=98,
        fills=0.4,
    )
    wall = song.track("wall of guitars", pick(rng, (band.DISTORTION, band.OVERDRIVE)), bus="guitars", gain=0.8)
    guitars.strum(song, wall, pick(rng, ("x" * 8, "x.x.x.x.", "x.xxx.xx")), 50, 71, velocity=92, spread=0.012, ring=0.6)
    guitars.riff(
        song,
        [song.track("overdriven guitar", band.OVERDRIVE, bus="guitars", gain=0.6)],
        pick(rng, ("x.......", "x...x...", "xxxxxxxx")),
    )
    band.bass(song, band.bassist(song, (band.PICK_BASS,)), "xxxxxxxx", velocity=94)
    shimmer = song.track("shimmering guitar", pick(rng, (band.CLEAN, band.HARMONICS)), bus="lead", gain=0.8)
    for note in melody(song, 69, 88, [(1, 1, 2), (2, 2), (0.5, 0.5, 1, 2), (1, 1, 1, 1)], velocity=88, legato=1.1):
        note.play(shimmer)
    if happens(rng, 0.5):
        band.hold(song, song.track("synth pad", pick(rng, (band.SYNTH_PAD, band.SYNTH_STRINGS)), gain=0.6), 60, 79)
    band.amplifier(song, (2.5, 5), reverb_s=(1.6, 2.8), wet=(0.22, 0.38), glue=(0.25, 0.55))
    song.effects.echo = Echo(0.75, 0.25, 0.45)
    song.tags = ["wall of guitars", "heavy reverb", "shimmering guitar", "drums"]
    return song


def progressive(brief: Brief) -> Song:
    """Metres of five or seven, unison riffs of guitar and bass, organ and synthesiser."""
    metre = pick(brief.rng, (5, 7, 4))
    minor = ("i|bVII|bVI|bVII", "i|IV|i|bVII", "i|bII|bIII|iv", "i|v|bVI|iv")
    song = band.begin(
        brief, 112, 156, minor=minor, major=("I|II|IV|I", "I|bVII|II|IV"), major_share=0.3, beats_per_bar=metre
    )
    rng = song.rng
    song.mode = pick(rng, ("dorian", "minor")) if song.is_minor else "mixolydian"
    beats = {
        4: ("x..x..x...x.x...", "....x.......x..."),
        5: ("x.....x.x...x.......", "....x.......x..."),
        7: ("x.....x.x.....x.x.......x...", "....x.......x.......x..."),
    }
    kicks, snares = beats[metre]
    band.drums(
        song,
        pick(rng, band.KITS),
        beat=(kicks, snares),
        hats="x." * (metre * 2),
        cymbal=pick(rng, (RIDE, CLOSED_HAT)),
        fills=0.5,
    )
    guitar = song.track("electric guitar riff", pick(rng, (band.OVERDRIVE, band.DISTORTION)), bus="guitars", gain=0.85)
    bass = band.bassist(song, (band.PICK_BASS, band.FRETLESS, band.FINGER_BASS))
    scale = song.scale_at(0)
    figure = [
        (index / 2, pick(rng, (0, 0, 3, 4, 2, 6, 1, 5)))
        for index in range(metre * 2)
        if index == 0 or happens(rng, 0.75)
    ]
    for bar in range(song.bars):
        for offset, degree in figure:
            beat = bar * metre + offset
            root = nearest(44, song.chord_at(beat).root, 40, 51)
            pitch = nearest(root + 4, scale[degree % len(scale)], root, root + 11) if degree else root
            guitar.note(beat, 0.42, pitch, 100 if offset == 0 else 92)
            bass.note(beat, 0.42, pitch - 12, 98)
    name, program, bus = pick(
        rng,
        (
            ("rock organ", band.ROCK_ORGAN, "music"),
            ("string synthesizer", band.SYNTH_STRINGS, "music"),
            ("flute", band.FLUTE, "lead"),
        ),
    )
    if bus == "music":
        band.hold(song, song.track(name, program, gain=0.8), 57, 76)
    else:
        flute = song.track(name, program, bus="lead")
        rhythms: list[tuple[float, ...]] = [
            (1.0,) * metre,
            (0.5,) * (metre * 2),
            (2.0, *(1.0,) * (metre - 2)),
            (0.5, 0.5, *(1.0,) * (metre - 1)),
        ]
        for note in melody(song, 67, 88, rhythms, velocity=90):
            note.play(flute)
    band.amplifier(song, (1.3, 3.0), reverb_s=(0.7, 1.5), wet=(0.06, 0.16), glue=(0.05, 0.3))
    song.tags = ["odd metre riff" if metre != 4 else "unison riff", name, "electric guitar", "drums"]
    return song
