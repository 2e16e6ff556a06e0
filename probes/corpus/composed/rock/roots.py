"""Rock close to its roots: rock and roll, blues rock, classic, southern, surf, folk rock."""

from __future__ import annotations

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.melody import melody
from probes.corpus.composed.patterns import CLOSED_HAT, RIDE, TAMBOURINE, strike
from probes.corpus.composed.rock import band, guitars
from probes.corpus.composed.song import Brief, Echo, Song, Track
from probes.corpus.composed.theory import BLUES_SCALE, nearest

_TWELVE_BARS = ("I7|I7|I7|I7|IV7|IV7|I7|I7|V7|IV7|I7|V7", "I7|IV7|I7|I7|IV7|IV7|I7|I7|V7|IV7|I7|V7")


def _boogie(song: Song, guitar: Track, upper: tuple[int, ...], velocity: float = 96) -> None:
    """Root with fifth, sixth and seventh in turn, in eighths."""
    for bar in range(song.bars):
        for index in range(8):
            beat = bar * 4 + index / 2
            root = guitars.guitar_root(song, beat)
            guitar.note(beat, 0.42, root, velocity + (8 if index % 2 == 0 else 0))
            guitar.note(beat, 0.42, root + upper[index], velocity - 6)


def classic(brief: Brief) -> Song:
    """A boogie riff, sometimes shuffled, sometimes with organ or piano."""
    major = ("I|I|IV|V", "I|bVII|IV|I", "I|IV|I|V", "I|I|IV|I", "V|IV|I|I")
    song = band.begin(brief, 96, 136, major=major, minor=("i|i|iv|i", "i|bVII|bVI|V", "i|bVII|iv|i"), major_share=0.7)
    rng = song.rng
    band.drums(song, pick(rng, band.KITS))
    song.swing = 0.62 if happens(rng, 0.35) else 0.5
    guitar = song.track(
        "overdriven guitar", pick(rng, (band.OVERDRIVE, band.OVERDRIVE, band.CLEAN)), bus="guitars", gain=0.9
    )
    _boogie(
        song, guitar, (7, 7, 8, 8, 7, 7, 10, 10) if song.is_minor and happens(rng, 0.5) else (7, 7, 9, 9, 7, 7, 9, 9)
    )
    band.bass(song, band.bassist(song), "xxxxxxxx", leaps=0.2)
    if happens(rng, 0.5):
        guitars.lead(song, guitars.lead_guitar(song, (band.OVERDRIVE,)))
    song.tags = ["overdriven guitar riff", "electric bass", "drums"]
    if happens(rng, 0.45):
        keys = song.track(*pick(rng, (("rock organ", band.ROCK_ORGAN), ("piano", band.BRIGHT_PIANO))), gain=0.7)
        band.hold(song, keys, 57, 74, velocity=76)
        song.tags.append(keys.name)
    band.amplifier(song, (1.2, 2.2), glue=(0.05, 0.3))
    return song


def rock_and_roll(brief: Brief) -> Song:
    """Twelve bars, a boogie guitar, arpeggiated bass, pounding piano."""
    song = band.begin(brief, 142, 176, major=("I|I|I|I|IV|IV|I|I|V|IV|I|V", "I|IV|I|V"), major_share=1)
    rng = song.rng
    song.mode = "mixolydian"
    song.swing = pick(rng, (0.58, 0.5))
    band.drums(
        song,
        pick(rng, (band.STANDARD_KIT, band.ROOM_KIT)),
        beat=("x...x...x...x...", "....x..x....x..."),
        cymbal=pick(rng, (RIDE, CLOSED_HAT)),
        velocity=98,
    )
    _boogie(
        song,
        song.track("overdriven guitar", pick(rng, (band.OVERDRIVE, band.CLEAN)), bus="guitars", gain=0.85),
        (7, 7, 9, 9, 10, 9, 7, 7),
        92,
    )
    bass = band.bassist(song, (band.FINGER_BASS,))
    for beat in range(song.beats):
        bass.note(beat, 0.9, nearest(33, song.chord_at(beat).root, 28, 39) + (0, 4, 7, 9)[beat % 4], 100)
    if happens(rng, 0.6):
        guitars.strum(
            song, song.track("rock piano", band.BRIGHT_PIANO, gain=0.8), "x.", 60, 79, velocity=82, spread=0, ring=0.3
        )
    saxophone = happens(rng, 0.25)
    soloist = (
        song.track("tenor saxophone", band.TENOR_SAX, bus="lead")
        if saxophone
        else guitars.lead_guitar(song, (band.OVERDRIVE, band.CLEAN))
    )
    guitars.lead(song, soloist, 55 if saxophone else 62, 76 if saxophone else 84)
    band.amplifier(song, (1.1, 1.9), glue=(0.0, 0.25))
    song.tags = ["twelve-bar guitar riff", soloist.name, "drums"]
    return song


def blues_rock(brief: Brief) -> Song:
    """A slow or shuffled blues: guitar that answers itself, often an organ or a harmonica."""
    song = band.begin(
        brief, 70, 128, major=_TWELVE_BARS, minor=("i7|i7|i7|i7|iv7|iv7|i7|i7|bVI7|V7|i7|V7",), major_share=0.75
    )
    rng = song.rng
    song.mode = "dorian" if song.is_minor else "mixolydian"
    song.swing = 0.66 if song.bpm < 112 else 0.6
    band.drums(
        song,
        pick(rng, (band.STANDARD_KIT, band.ROOM_KIT)),
        beat=pick(rng, band.BEATS[:5]),
        cymbal=pick(rng, (CLOSED_HAT, RIDE)),
        velocity=98,
    )
    guitar = song.track("crunchy guitar", pick(rng, (band.OVERDRIVE, band.CLEAN)), bus="guitars", gain=0.85)
    if happens(rng, 0.6):
        _boogie(song, guitar, (7, 7, 9, 9, 10, 10, 9, 9), 90)
    else:
        guitars.strum(
            song, guitar, pick(rng, ("....x.......x...", "..x...x...x...x.", "x.....x.x.....x.")), 52, 69, ring=0.4
        )
    bass = band.bassist(song, (band.FINGER_BASS,))
    for beat in range(song.beats):
        chord = song.chord_at(beat)
        bass.note(beat, 0.85, nearest(33, chord.root, 28, 39) + (0, chord.intervals[1], 7, 9)[beat % 4], 98)
    harmonica = happens(rng, 0.25)
    soloist = (
        song.track("harmonica", band.HARMONICA, bus="lead")
        if harmonica
        else guitars.lead_guitar(song, (band.OVERDRIVE, band.OVERDRIVE, band.CLEAN))
    )
    guitars.lead(song, soloist, 60, 84, velocity=104, scale=BLUES_SCALE)
    song.tags = ["blues guitar" if not harmonica else "harmonica", "shuffle drums", "electric bass"]
    if happens(rng, 0.5):
        keys = song.track(
            *pick(rng, (("organ", band.DRAWBAR_ORGAN), ("piano", band.BRIGHT_PIANO), ("rock organ", band.ROCK_ORGAN))),
            gain=0.6,
        )
        guitars.strum(
            song,
            keys,
            pick(rng, ("x...............", "..x...x...x...x.", "x.......x.......")),
            57,
            74,
            velocity=74,
            spread=0,
            ring=0.9,
        )
        song.tags.append(keys.name)
    band.amplifier(song, (1.2, 2.6), reverb_s=(0.6, 1.3), glue=(0.0, 0.25))
    return song


def southern(brief: Brief) -> Song:
    """Twin guitars in thirds, slide-like bends, piano or organ, a loping beat."""
    major = ("I|bVII|IV|I", "I|bVII|IV|IV", "I|IV|V|IV", "V|IV|I|I", "I|vi|IV|V")
    song = band.begin(brief, 92, 140, major=major, minor=("i|bVII|IV|i", "i|bVI|bVII|i"), major_share=0.85)
    rng = song.rng
    if not song.is_minor:
        song.mode = "mixolydian"
    song.swing = pick(rng, (0.5, 0.5, 0.58))
    band.drums(song, pick(rng, (band.STANDARD_KIT, band.ROOM_KIT)), velocity=100)
    rhythm = song.track("crunchy guitar", pick(rng, (band.OVERDRIVE, band.CLEAN)), bus="guitars", gain=0.85)
    guitars.strum(
        song,
        rhythm,
        pick(rng, ("x..xx.x.x..xx.x.", "x.x.x.xxx.x.x.xx", "x...x.xxx...x.x.")),
        50,
        67,
        velocity=92,
        ring=0.35,
    )
    acoustic = song.track("acoustic guitar", band.STEEL, gain=0.7)
    guitars.strum(song, acoustic, "x.xxx.xxx.xxx.xx", 52, 71, velocity=76, spread=0.012)
    band.bass(song, band.bassist(song, (band.FINGER_BASS,)), pick(rng, ("x..xx.x.", "x.x.x.x.", "x...x.xx")), leaps=0.2)
    keys = song.track(
        *pick(rng, (("honky-tonk piano", band.BRIGHT_PIANO), ("organ", band.DRAWBAR_ORGAN), ("banjo", band.BANJO))),
        gain=0.7,
    )
    if keys.name == "organ":
        band.hold(song, keys, 57, 74)
    else:
        guitars.picking(song, keys, velocity=78, step=0.25 if keys.name == "banjo" else 0.5, ring=0.5)
    first = song.track("twin lead guitars", band.OVERDRIVE, bus="lead", gain=0.8)
    for note in melody(
        song, 64, 84, [(0.5, 0.5, 1, 1, 1), (1, 0.5, 0.5, 2), (0.5,) * 8, (1.5, 0.5, 2), (1, 1, 2)], velocity=98
    ):
        note.play(first)
        scale = song.scale_at(note.beat)
        third = next(
            pitch for pitch in range(note.pitch + 3, note.pitch + 6) if pitch % 12 in scale or pitch == note.pitch + 5
        )
        first.note(note.beat, note.beats, third, note.velocity * 0.9)
    band.amplifier(song, (1.1, 2.2), glue=(0.0, 0.3))
    song.tags = ["twin lead guitars", "acoustic guitar", keys.name, "drums"]
    return song


def surf(brief: Brief) -> Song:
    """Clean picked melody in spring reverb, tom-heavy drums, fast."""
    minor = ("i|i|bVII|bVI|V|V|i|V", "i|bVII|bVI|V", "i|iv|i|V")
    song = band.begin(brief, 144, 178, minor=minor, major=("I|I|IV|I|V|IV|I|V", "I|vi|IV|V"), major_share=0.4)
    rng = song.rng
    drums = band.drums(
        song,
        pick(rng, (band.STANDARD_KIT, band.ROOM_KIT)),
        beat=("x.......x.......", "....x.x.....x..."),
        cymbal=RIDE,
        velocity=98,
    )
    if happens(rng, 0.5):
        for bar in range(song.bars):
            strike(drums, bar * 4, "x.xxx.xxx.xxx.xx", 45, 70)
    rhythm = song.track("clean rhythm guitar", band.CLEAN, gain=0.8)
    guitars.strum(
        song, rhythm, pick(rng, ("..x...x...x...x.", "x.x.x.x.x.x.x.x.", "x..x..x.x..x..x.")), 52, 69, ring=0.2
    )
    band.bass(
        song, band.bassist(song, (band.PICK_BASS, band.FINGER_BASS)), pick(rng, ("xxxxxxxx", "x.xxx.xx")), leaps=0.25
    )
    lead = song.track(
        "twangy reverb guitar", pick(rng, (band.CLEAN, band.CLEAN, band.JAZZ_GUITAR)), bus="lead", gain=1.0
    )
    tremolo = happens(rng, 0.4)
    for note in melody(
        song,
        52,
        76,
        [(0.5,) * 8, (1, 0.5, 0.5, 1, 1), (1.5, 0.5, 1, 1), (2, 1, 1), (0.75, 0.75, 0.5, 1, 1)],
        velocity=98,
        leap=0.18,
    ):
        if tremolo and note.beats > 0.8:
            for index in range(int(note.beats * 4)):
                lead.note(note.beat + index / 4, 0.22, note.pitch, note.velocity * (1 if index == 0 else 0.88))
        else:
            note.play(lead)
    if happens(rng, 0.3):
        band.hold(song, song.track("combo organ", band.DRAWBAR_ORGAN, gain=0.5), 60, 76)
    band.amplifier(song, (1.0, 1.4), reverb_s=(1.2, 2.0), wet=(0.18, 0.32), glue=(0.0, 0.2))
    song.effects.tremolo_hz = float(rng.uniform(4.5, 7)) if happens(rng, 0.4) else 0.0
    song.effects.echo = Echo(0.5, 0.15, 0.3)
    song.tags = ["twangy reverb guitar", "clean rhythm guitar", "surf drums"]
    return song


def folk_rock(brief: Brief) -> Song:
    """Strummed acoustic guitars, twelve strings, harmonica, fiddle or organ, light drums."""
    major = ("I|IV|I|V", "I|V|vi|IV", "I|vi|IV|V", "I|IV|V|IV", "I|ii|IV|I")
    song = band.begin(brief, 92, 136, major=major, minor=("i|bVII|bVI|bVII", "i|bIII|bVII|i"), major_share=0.75)
    rng = song.rng
    drums = band.drums(
        song, pick(rng, (band.STANDARD_KIT, band.BRUSH_KIT)), beat=pick(rng, band.BEATS[:5]), velocity=88, fills=0.4
    )
    if happens(rng, 0.6):
        for bar in range(song.bars):
            strike(drums, bar * 4, "..x...x...x...x." if bar % 2 else "....x.......x...", TAMBOURINE, 66)
    acoustic = song.track("acoustic guitar", band.STEEL, gain=1.0)
    guitars.strum(
        song,
        acoustic,
        pick(rng, ("x...x.xx..xxx.xx", "x.x.x.xxx.x.x.xx", "x...x.x.x.xxx.x.")),
        50,
        69,
        velocity=88,
        spread=0.015,
        ring=0.4,
    )
    if happens(rng, 0.6):
        guitars.picking(song, song.track("jangly electric guitar", band.CLEAN, gain=0.7), velocity=78, ring=0.7)
    if happens(rng, 0.4):
        guitars.riff(
            song,
            [song.track("overdriven guitar", band.OVERDRIVE, bus="guitars", gain=0.7)],
            pick(rng, ("x.......", "x...x...")),
        )
    band.bass(
        song,
        band.bassist(song, (band.FINGER_BASS,)),
        pick(rng, ("x...x...", "x..xx...", "x.x.x.x.")),
        velocity=92,
        leaps=0.25,
    )
    name, program, low, high = pick(
        rng,
        (
            ("harmonica", band.HARMONICA, 62, 81),
            ("fiddle", band.FIDDLE, 62, 84),
            ("organ", band.DRAWBAR_ORGAN, 62, 81),
            ("lead guitar", band.CLEAN, 62, 84),
        ),
    )
    guitars.lead(
        song,
        song.track(name, program, bus="lead", gain=0.9),
        low,
        high,
        velocity=90,
        bends=name in ("harmonica", "lead guitar"),
    )
    band.amplifier(song, (1.0, 1.6), reverb_s=(0.6, 1.3), wet=(0.06, 0.16), glue=(0.0, 0.2))
    song.tags = ["strummed acoustic guitar", name, "electric bass", "light drums"]
    return song
