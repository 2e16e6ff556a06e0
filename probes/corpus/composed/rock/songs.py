"""Song-minded rock: ballad, indie, funk rock, alternative pop-rock, post-punk."""

from __future__ import annotations

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.melody import melody
from probes.corpus.composed.patterns import CLOSED_HAT, OPEN_HAT
from probes.corpus.composed.rock import band, guitars
from probes.corpus.composed.song import Brief, Echo, Song
from probes.corpus.composed.theory import MINOR_PENTATONIC, nearest


def ballad(brief: Brief) -> Song:
    """Clean arpeggios or piano under held power chords, often a solo."""
    major = ("I|V|vi|IV", "I|iii|IV|V", "vi|IV|I|V")
    song = band.begin(brief, 66, 104, major=major, minor=("i|bVI|bIII|bVII", "i|bVII|bVI|bVII"), major_share=0.6)
    rng = song.rng
    band.drums(song, pick(rng, band.KITS), beat=pick(rng, (band.BEATS[4], band.BEATS[0])), velocity=96)
    name, program = pick(
        rng,
        (
            ("clean electric guitar", band.CLEAN),
            ("acoustic guitar", band.STEEL),
            ("piano", band.PIANO),
            ("clean electric guitar", band.CLEAN),
        ),
    )
    guitars.picking(song, song.track(name, program, gain=0.95))
    guitar = song.track(
        "distorted electric guitar", pick(rng, (band.OVERDRIVE, band.DISTORTION)), bus="guitars", gain=0.7
    )
    guitars.riff(song, [guitar], pick(rng, ("x.......", "x...x...", "x.....x.")))
    band.bass(
        song,
        band.bassist(song, (band.FINGER_BASS, band.FRETLESS)),
        pick(rng, ("x..x..x.", "x...x...", "xxxxxxxx")),
        velocity=92,
    )
    song.tags = [f"{name} arpeggios", "power chords", "electric bass", "drums"]
    if happens(rng, 0.6):
        guitars.lead(song, guitars.lead_guitar(song, gain=0.9))
        song.tags.insert(2, "lead guitar")
    if happens(rng, 0.4):
        band.hold(
            song,
            song.track(*pick(rng, (("organ", band.ROCK_ORGAN), ("strings", band.STRINGS))), gain=0.5),
            57,
            74,
            velocity=66,
        )
    band.amplifier(song, (1.2, 2.5), reverb_s=(0.9, 1.6), wet=(0.1, 0.18), glue=(0.0, 0.3))
    return song


def indie(brief: Brief) -> Song:
    """Jangling strummed guitars, driving bass, a simple hook."""
    song = band.begin(brief, 118, 156, major_share=0.6)
    rng = song.rng
    band.drums(song, pick(rng, band.KITS), hats="xgxgxgxgxgxgxgxg" if happens(rng, 0.3) else None)
    jangle = song.track("jangly electric guitar", pick(rng, (band.CLEAN, band.CLEAN, band.STEEL)))
    guitars.strum(
        song,
        jangle,
        pick(rng, ("x.xx.xx.x.xx.xx.", "x..x..x.x..x..x.", "x.x.x.x.x.x.x.x.", "x.xxx.xxx.xxx.xx")),
        52,
        71,
    )
    guitar = song.track("overdriven guitar", band.OVERDRIVE, bus="guitars", gain=0.75)
    guitars.riff(song, [guitar], pick(rng, ("xxxxxxxx", "x.......", "x.xx.xx.")))
    band.bass(song, band.bassist(song), "xxxxxxxx")
    if happens(rng, 0.6):
        guitars.lead(song, guitars.lead_guitar(song, (band.CLEAN, band.OVERDRIVE)), bends=False)
    if happens(rng, 0.3):
        band.hold(song, song.track("synth strings", band.SYNTH_STRINGS, gain=0.5), 60, 79)
    band.amplifier(song, (1.1, 2.2))
    song.tags = ["jangly guitars", "overdriven guitar", "electric bass", "drums"]
    return song


def funk_rock(brief: Brief) -> Song:
    """Sixteenth-note guitar scratches, slap bass, ghost notes, heavy choruses of riff."""
    minor = ("i7|i7|i7|i7", "i7|IV7|i7|IV7", "i7|i7|bVII|IV", "i7|bIII|IV|i7")
    song = band.begin(brief, 94, 126, minor=minor, major=("I7|I7|IV7|I7", "I7|bVII|IV7|I7"), major_share=0.35)
    rng = song.rng
    song.mode = "dorian" if song.is_minor else "mixolydian"
    beat = pick(
        rng,
        (
            ("x..x..x...x..x..", "....x..g.g..x..g"),
            ("x.x....x..x..x..", "....x..g.x..x..."),
            ("x...x..x..xx....", "..g.x.g..g.gx.g."),
        ),
    )
    band.drums(
        song,
        pick(rng, band.KITS),
        beat=beat,
        hats=pick(rng, ("xgxgxgxgxgxgxgxg", "x.xxx.xxx.xxx.xx")),
        cymbal=CLOSED_HAT,
    )
    scratch = song.track("funky guitar", pick(rng, (band.CLEAN, band.MUTED)), gain=0.9)
    guitars.strum(
        song,
        scratch,
        pick(rng, ("..x..xx..x..x.xx", "x.xx..x.xx..x.x.", ".xx..x.x.xx..x.x")),
        57,
        74,
        velocity=90,
        spread=0.004,
        ring=0.12,
    )
    bass = band.bassist(song, (band.SLAP_BASS, band.FINGER_BASS, band.SLAP_BASS))
    steps = [
        (index, pick(rng, (0, 0, 12, 10, 7, 3 if song.is_minor else 4)))
        for index in range(16)
        if index == 0 or happens(rng, 0.5)
    ]
    for bar in range(song.bars):
        for index, interval in steps:
            at = bar * 4 + index / 4
            bass.note(at, 0.2, nearest(33, song.chord_at(at).root, 28, 39) + interval, 108 if interval == 12 else 98)
    if happens(rng, 0.7):
        guitars.riff(
            song,
            [
                song.track(
                    "distorted electric guitar", pick(rng, (band.OVERDRIVE, band.DISTORTION)), bus="guitars", gain=0.7
                )
            ],
            pick(rng, ("x..x..x.", "x.......", "x.....xx")),
        )
    extra = pick(rng, ("clavinet", "brass section", "lead guitar"))
    if extra == "clavinet":
        guitars.strum(
            song,
            song.track(extra, band.CLAVINET, gain=0.8),
            pick(rng, ("x..x..x.x.xx..x.", "..xx..xx.x.x..xx")),
            55,
            72,
            spread=0,
            ring=0.15,
        )
    elif extra == "brass section":
        guitars.strum(
            song,
            song.track(extra, band.BRASS, gain=0.8),
            pick(rng, ("x.x.............", "......x...x.....", "x.............x.")),
            60,
            77,
            velocity=96,
            spread=0,
            ring=0.3,
        )
    else:
        guitars.lead(song, guitars.lead_guitar(song, (band.OVERDRIVE,)), scale=MINOR_PENTATONIC)
    band.amplifier(song, (1.2, 2.8), glue=(0.05, 0.35))
    song.tags = ["funky guitar", bass.name, extra, "drums"]
    return song


def post_punk(brief: Brief) -> Song:
    """A high melodic bass in front, chorus-like thin guitars, a stiff beat, cold synthesiser."""
    minor = ("i|bVII|bVI|bVII", "i|bIII|bVII|iv", "i|i|bVI|bVI", "i|v|bVI|bVII")
    song = band.begin(brief, 118, 158, minor=minor, major=("I|vi|IV|V", "I|iii|vi|IV"), major_share=0.2)
    rng = song.rng
    beat = pick(
        rng,
        (
            ("x.......x.x.....", "....x.......x..."),
            ("x...x...x...x...", "....x.......x..."),
            ("x..x..x.x..x..x.", "....x.......x..."),
        ),
    )
    band.drums(
        song,
        pick(rng, (band.ROOM_KIT, band.POWER_KIT)),
        beat=beat,
        hats="x.x.x.x.x.x.x.x.",
        cymbal=pick(rng, (CLOSED_HAT, OPEN_HAT)),
        velocity=98,
        fills=0.4,
    )
    bass = song.track("melodic bass", pick(rng, (band.PICK_BASS, band.FRETLESS)), bus="bass")
    for note in melody(
        song,
        38,
        57,
        [(0.5,) * 8, (0.5,) * 8, (1, 0.5, 0.5, 1, 1), (0.5, 0.5, 1, 0.5, 0.5, 1)],
        velocity=100,
        leap=0.2,
        rest=0,
    ):
        note.play(bass)
    guitar = song.track("icy clean guitar", pick(rng, (band.CLEAN, band.CLEAN, band.MUTED)), gain=0.9)
    if happens(rng, 0.5):
        guitars.picking(song, guitar, velocity=84, ring=0.6)
    else:
        guitars.strum(
            song, guitar, pick(rng, ("x.x.x.x.x.x.x.x.", "x..x..x...x..x..", "xx.xx.xxxx.xx.x.")), 59, 76, velocity=86
        )
    if happens(rng, 0.5):
        guitars.riff(
            song,
            [song.track("overdriven guitar", band.OVERDRIVE, bus="guitars", gain=0.6)],
            pick(rng, ("x.......", "xxxxxxxx", "x...x...")),
        )
    if happens(rng, 0.5):
        band.hold(song, song.track("cold synth strings", band.SYNTH_STRINGS, gain=0.6), 60, 79)
    band.amplifier(song, (1.1, 2.4), reverb_s=(0.9, 1.8), wet=(0.1, 0.22), glue=(0.05, 0.35))
    song.effects.echo = Echo(0.75, 0.15, 0.35)
    song.tags = ["melodic bass", "icy clean guitar", "driving drums"]
    return song


def pop_rock(brief: Brief) -> Song:
    """Big chords, piano or acoustic guitar, a singable lead."""
    major = ("I|V|vi|IV", "vi|IV|I|V", "I|IV|vi|V", "IV|I|V|vi")
    song = band.begin(brief, 96, 138, major=major, minor=("i|bVI|bIII|bVII", "i|bVII|iv|bVI"), major_share=0.75)
    rng = song.rng
    band.drums(song, pick(rng, band.KITS), velocity=102)
    name, program = pick(
        rng, (("piano", band.BRIGHT_PIANO), ("acoustic guitar", band.STEEL), ("electric piano", band.ELECTRIC_PIANO))
    )
    guitars.strum(
        song,
        song.track(name, program, gain=0.85),
        pick(rng, ("x.x.x.x.x.x.x.x.", "x..x..x.x..x..x.", "x...x...x...x...")),
        55,
        74,
        velocity=82,
        spread=0.006,
        ring=0.4,
    )
    guitar = song.track("overdriven guitar", pick(rng, (band.OVERDRIVE, band.DISTORTION)), bus="guitars", gain=0.75)
    guitars.riff(song, [guitar], pick(rng, ("x.......", "xxxxxxxx", "x...x...", "x..x..x.")))
    band.bass(song, band.bassist(song), pick(rng, ("xxxxxxxx", "x..x..x.")), velocity=96)
    hook = song.track("lead guitar", pick(rng, (band.CLEAN, band.OVERDRIVE)), bus="lead", gain=0.85)
    for note in melody(
        song,
        64,
        83,
        [(1, 0.5, 0.5, 1, 1), (0.5, 0.5, 1, 2), (1.5, 0.5, 2), (0.5, 1, 0.5, 2), (1, 1, 1, 1)],
        velocity=94,
    ):
        note.play(hook)
    band.amplifier(song, (1.2, 2.6))
    song.tags = [name, "overdriven guitar", "electric bass", "drums"]
    return song
