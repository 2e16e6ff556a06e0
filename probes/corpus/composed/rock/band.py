"""What rock styles share: programs, progressions, drums with fills, held chords, bass, amplifiers."""

from __future__ import annotations

from collections.abc import Sequence

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.patterns import (
    CLOSED_HAT,
    CRASH,
    CRASH_2,
    KICK,
    OPEN_HAT,
    RIDE,
    SNARE,
    TOMS,
    onsets,
    strike,
)
from probes.corpus.composed.song import Brief, DrumKit, Program, Song, Track
from probes.corpus.composed.theory import nearest
from probes.corpus.composed.voicing import close_voicing

STANDARD_KIT, ROOM_KIT, POWER_KIT, BRUSH_KIT = DrumKit(0), DrumKit(8), DrumKit(16), DrumKit(40)
KITS = (STANDARD_KIT, ROOM_KIT, POWER_KIT)
STEEL, JAZZ_GUITAR, CLEAN, MUTED, OVERDRIVE, DISTORTION = (Program(number) for number in range(25, 31))
HARMONICS, FINGER_BASS, PICK_BASS, FRETLESS, SLAP_BASS = Program(31), Program(33), Program(34), Program(35), Program(36)
PIANO, BRIGHT_PIANO, ELECTRIC_PIANO, CLAVINET = Program(0), Program(1), Program(4), Program(7)
DRAWBAR_ORGAN, ROCK_ORGAN, HARMONICA = Program(16), Program(18), Program(22)
STRINGS, SYNTH_STRINGS, SYNTH_PAD, BRASS, TENOR_SAX = Program(48), Program(50), Program(89), Program(61), Program(66)
FIDDLE, BANJO, FLUTE = Program(110), Program(105), Program(73)

MAJOR_PROGRESSIONS = (
    "I|I|IV|V",
    "I|V|vi|IV",
    "I|bVII|IV|I",
    "I IV|V|I IV|V",
    "I|IV|I|V",
    "I|bVII|IV|IV",
    "I|bIII|IV|I",
)
MINOR_PROGRESSIONS = (
    "i|bVI|bIII|bVII",
    "i|i|bVII|bVI",
    "i bVII|bVI bVII",
    "i|bVII|iv|bVI",
    "i|bIII|bVII|iv",
    "i i|bIII iv",
    "i|i|bVI|bVII",
)
BEATS = (
    ("x.......x.x.....", "....x.......x..."),
    ("x.....x.x.......", "....x.......x..."),
    ("x..x....x..x....", "....x.......x..."),
    ("x.x.......x..x..", "....x.......x..."),
    ("x.......x.......", "....x.......x..."),
    ("x.....xx..x.....", "....x..g.g..x..."),
)
_HATS = ("x.x.x.x.x.x.x.x.", "X.o.X.o.X.o.X.o.", "xgxgxgxgxgxgxgxg", "x...x...x...x...")
_HAT_WEIGHTS = (0.45, 0.3, 0.1, 0.15)
# Guitarists' keys first.
_TONICS = (4, 9, 2, 7, 0, 11, 5, 10, 6, 1, 3, 8)
_TONIC_WEIGHTS = (0.2, 0.17, 0.14, 0.12, 0.07, 0.07, 0.06, 0.05, 0.04, 0.03, 0.03, 0.02)


def begin(
    brief: Brief,
    slowest_bpm: float,
    fastest_bpm: float,
    *,
    major: Sequence[str] = MAJOR_PROGRESSIONS,
    minor: Sequence[str] = MINOR_PROGRESSIONS,
    major_share: float = 0.4,
    beats_per_bar: int = 4,
) -> Song:
    """A song over one of the given progressions."""
    rng = brief.rng
    in_major = happens(rng, major_share)
    song = Song(
        brief,
        rng.uniform(slowest_bpm, fastest_bpm),
        pick(rng, _TONICS, _TONIC_WEIGHTS),
        "major" if in_major else "minor",
        beats_per_bar,
    )
    song.timing_s = float(rng.uniform(0.005, 0.010))
    song.velocity_spread = float(rng.uniform(5, 9))
    song.progression(pick(rng, major if in_major else minor))
    return song


def drums(
    song: Song,
    kit: DrumKit,
    *,
    beat: tuple[str, str] | None = None,
    cymbal: int | None = None,
    hats: str | None = None,
    velocity: float = 104,
    fills: float = 0.75,
) -> Track:
    """Kick and snare as ``beat`` (one bar of text each), a cymbal in eighths, fills, and crashes after them."""
    rng = song.rng
    track = song.track("drum kit", kit, bus="drums")
    kicks, snares = beat or pick(rng, BEATS)
    pulse = hats or pick(rng, _HATS, _HAT_WEIGHTS)
    cymbal = cymbal or pick(rng, (CLOSED_HAT, CLOSED_HAT, OPEN_HAT, RIDE, CLOSED_HAT))
    if cymbal == CRASH:
        pulse = "x...x...x...x..."
    steps = song.beats_per_bar * 4
    phrase = pick(rng, (2, 4, 4, 4))
    for bar in range(song.bars):
        start = bar * song.beats_per_bar
        fill_steps = pick(rng, (4, 8)) if bar % phrase == phrase - 1 and happens(rng, fills) else 0
        for pattern, key, loudness in (
            (kicks, KICK, velocity + 6),
            (snares, SNARE, velocity + 4),
            (pulse, cymbal, velocity - 22),
        ):
            strike(track, start, pattern[: steps - fill_steps], key, loudness)
        if fill_steps:
            _fill(song, track, start + (steps - fill_steps) / 4, fill_steps, velocity - 8)
            if happens(rng, 0.4):
                strike(track, start + (steps - fill_steps) / 4, "x..." * (fill_steps // 4), KICK, velocity - 6)
        if bar == 0 or (bar % phrase == 0 and happens(rng, 0.85)):
            track.note(start, 1, pick(rng, (CRASH, CRASH_2)), velocity + 2)
    return track


def _fill(song: Song, track: Track, start: float, steps: int, velocity: float) -> None:
    kind = pick(song.rng, ("snare", "toms", "slow toms", "alternating"))
    for index in range(steps):
        if kind == "slow toms" and index % 2:
            continue
        if kind == "snare" or (kind == "alternating" and index % 2 == 0):
            key = SNARE
        else:
            key = TOMS[2 + index // 4] if kind == "alternating" else TOMS[min(5, index * 6 // steps)]
        track.note(start + index / 4, 0.2, key, velocity + index * 1.5)


def hold(song: Song, track: Track, low: int, high: int, *, velocity: float = 72) -> None:
    """Chords held through."""
    previous: list[int] | None = None
    for segment in song.segments:
        previous = close_voicing(segment.chord.triad, previous, low, high)
        track.chord(segment.start, segment.beats * 0.95, previous, velocity)


def bass(
    song: Song, track: Track, rhythm: str, *, velocity: float = 100, leaps: float = 0.1, approaches: float = 0.3
) -> None:
    """Roots in a rhythm of eighths, with octaves, fifths and approaches to the next bar."""
    rng = song.rng
    struck = onsets(rhythm)
    slots = song.beats_per_bar * 2
    for bar in range(song.bars):
        for position, index in enumerate(struck):
            beat = bar * song.beats_per_bar + index / 2
            following = struck[position + 1] if position + 1 < len(struck) else slots
            pitch = nearest(33, song.chord_at(beat).root, 28, 40)
            if index == slots - 1 and happens(rng, approaches):
                target = nearest(33, song.chord_at((bar + 1) * song.beats_per_bar).root, 28, 40)
                pitch = target + pick(rng, (-2, -1, 2, 1, 0), (0.3, 0.15, 0.2, 0.1, 0.25))
            elif happens(rng, leaps):
                pitch += pick(rng, (12, 7))
            track.note(beat, (following - index) / 2 * 0.9, pitch, velocity + (6 if index % 4 == 0 else 0))


def bassist(song: Song, programs: Sequence[Program] = (FINGER_BASS, PICK_BASS)) -> Track:
    """An electric bass."""
    program = pick(song.rng, programs)
    names = {PICK_BASS: "picked bass", SLAP_BASS: "slap bass", FRETLESS: "fretless bass"}
    return song.track(names.get(program, "electric bass"), program, bus="bass")


def amplifier(
    song: Song,
    drive: tuple[float, float] = (1.5, 3.5),
    *,
    reverb_s: tuple[float, float] = (0.5, 1.1),
    wet: tuple[float, float] = (0.04, 0.13),
    glue: tuple[float, float] = (0.1, 0.45),
) -> None:
    """Saturation of the guitars, cabinet, room, and how hard the mix is pressed: from an open sound to a wall."""
    rng = song.rng
    fx = song.effects
    fx.drive = float(rng.uniform(*drive))
    fx.cabinet_hz = float(rng.uniform(3800, 6800))
    fx.reverb_s = float(rng.uniform(*reverb_s))
    fx.reverb_wet = float(rng.uniform(*wet))
    fx.glue = float(rng.uniform(*glue))
