"""What electronic styles share: progressions, drum machines, sequenced basses, arpeggios, pads, effects."""

from __future__ import annotations

from collections.abc import Sequence

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.melody import Rhythm, melody
from probes.corpus.composed.patterns import (
    CLAP,
    CLAVE,
    CLOSED_HAT,
    COWBELL,
    CRASH,
    HIGH_BLOCK,
    OPEN_HAT,
    SHAKER,
    SNARE,
    TAMBOURINE,
    onsets,
    strike,
)
from probes.corpus.composed.song import (
    Brief,
    DrumKit,
    Echo,
    FilterSweep,
    Instrument,
    Kick,
    Program,
    Saw,
    Sidechain,
    Song,
    Track,
)
from probes.corpus.composed.theory import MAJOR_PENTATONIC, MINOR_PENTATONIC, ladder, nearest
from probes.corpus.composed.voicing import close_voicing

ELECTRONIC_KIT, KIT_808, POWER_KIT, ROOM_KIT = DrumKit(24), DrumKit(25), DrumKit(16), DrumKit(8)

MINOR_PROGRESSIONS = (
    "i|bVI|bIII|bVII",
    "i|i|bVI|bVII",
    "i|bVII|bVI|bVII",
    "i|iv|bVI|bVII",
    "i|i|i|bVII",
    "i9|bVImaj7|iv7|v7",
    "i|bIII|bVII|iv",
    "bVI|bVII|i|i",
)
MAJOR_PROGRESSIONS = ("I|V|vi|IV", "vi|IV|I|V", "IV|I|V|vi", "Imaj7|iii7|IVmaj7|V", "I|IV|vi|V")
_KICKS = {
    "four": ("x...x...x...x...", "x...x...x...x...", "x...x...x...x...", "x...x...x...x..o", "x...x...x...x.x."),
    "break": ("x.....x...x.....", "x..x..x...x.....", "x.x.......xx....", "x......x..x..x.."),
    "electro": ("x..x..x...x..x..", "x.....x.x..x....", "x..x...x..x.x..."),
    "half": ("x...............", "x......x........", "x.........x.....", "x..x......x....."),
    "trap": ("x......x..x.....", "x..x......x..x..", "x.......x.x....."),
}
_SNARES = {
    "four": ("....x.......x...", "....x.......x...", "................"),
    "half": ("........x.......", "........x......o"),
    "trap": ("........x.......", "........x.....g."),
}
_BROKEN_SNARES = ("....x.......x...", "....x.......x..o", "....x..o.o..x...")
_HATS = ("..x...x...x...x.", "x.x.x.x.x.x.x.x.", "xgxgxgxgxgxgxgxg", "oxxxoxxxoxxxoxxx", "..x...x...x...x.")
_ROLLING_HATS = ("x.x.x.xxx.x.xxxx", "xxx.x.x.xxxxx.x.", "x.xxx.x.x.xxxxxx")
_BASS_RHYTHMS = {
    "offbeat": "..x...x...x...x.",
    "rolling": ".xxx.xxx.xxx.xxx",
    "octaves": "x.X.x.X.x.X.x.X.",
    "syncopated": "x..x..x.x..x..x.",
    "sixteenths": "xxxxxxxxxxxxxxxx",
    "long": "x...............",
    "funky": "x..x..xx..x.x...",
    "sub": "x......x..x.....",
}
_GATES = ("x" * 16, "xx.xx.xx.xx.x.x.", "x.xxx.xxx.xxx.xx", "xxx.xxx.xxx.xxx.")
_LEAD_RHYTHMS: tuple[Rhythm, ...] = (
    (0.5,) * 8,
    (0.75, 0.75, 0.5, 0.75, 0.75, 0.5),
    (1, 0.5, 0.5, 1, 1),
    (0.25, 0.25, 0.5) * 4,
    (1.5, 0.5, 1, 1),
    (0.5, 0.25, 0.25, 0.5, 0.5, 1, 1),
    (0.75, 0.25, 0.5, 0.5, 1, -1),
)


def begin(
    brief: Brief,
    slowest_bpm: float,
    fastest_bpm: float,
    *,
    major: float = 0.2,
    modes: Sequence[str] = ("minor", "minor", "dorian"),
) -> Song:
    """A song on a sequencer's grid, in a mostly minor key."""
    rng = brief.rng
    mode = "major" if happens(rng, major) else pick(rng, modes)
    song = Song(brief, rng.uniform(slowest_bpm, fastest_bpm), int(rng.integers(12)), mode)
    song.timing_s = 0.0015
    song.velocity_spread = 3
    song.progression(pick(rng, MAJOR_PROGRESSIONS if mode == "major" else MINOR_PROGRESSIONS))
    return song


def drums(song: Song, kit: DrumKit, groove: str, *, kick_gain: float = 1.0, rolling_hats: bool = False) -> Track:
    """A drum machine: ``groove`` is four, break, electro, half or trap. Kicks are noted for the side-chain."""
    rng = song.rng
    machine = song.track("drum machine", kit, bus="drums")
    kick = machine
    if happens(rng, 0.75):
        kick = song.track(
            "synth kick",
            Kick(rng.uniform(42, 58), rng.uniform(0.1, 0.5), rng.uniform(0.16, 0.4)),
            bus="kick",
            gain=kick_gain,
        )
    kicks = pick(rng, _KICKS[groove])
    snares = pick(rng, _SNARES.get(groove, _BROKEN_SNARES))
    hats = pick(rng, _ROLLING_HATS if rolling_hats else _HATS)
    open_hats = pick(rng, ("..x...x...x...x.", "................", "......x.......x."))
    snare_key = pick(rng, (CLAP, SNARE, CLAP))
    silent_bar = int(rng.integers(0, 8)) if happens(rng, 0.15) else -1
    for bar in range(song.bars):
        start = bar * 4
        if bar == silent_bar and bar < song.bars - 2:
            strike(machine, start, hats, CLOSED_HAT, 70)
            continue
        strike(kick, start, kicks, 36, 112)
        song.effects.kick_beats += [start + index / 4 for index in onsets(kicks)]
        strike(machine, start, snares, snare_key, 98)
        strike(machine, start, hats, CLOSED_HAT, 72)
        if groove == "four" and open_hats != hats:
            strike(machine, start, open_hats, OPEN_HAT, 66)
        if happens(rng, 0.3):
            scattered = "".join(pick(rng, "...og") for _ in range(16))
            strike(machine, start, scattered, pick(rng, (TAMBOURINE, SHAKER, COWBELL, CLAVE, HIGH_BLOCK)), 38)
        if bar % 8 == 7 or (bar % 4 == 3 and happens(rng, 0.35)):
            strike(machine, start, pick(rng, ("........o.o.xxxx", "............xxxX")), SNARE, 80)
        if bar % 8 == 0 and happens(rng, 0.6):
            machine.note(start, 1, CRASH, 76)
    return machine


def arpeggio(song: Song, track: Track, low: int, high: int, *, step: float = 0.25, velocity: float = 78) -> None:
    """The chord's notes over two octaves in turn, through a rhythmic gate."""
    rng = song.rng
    direction = pick(rng, ("up", "down", "up and down", "shuffled"))
    gate = pick(rng, _GATES)
    shuffle = rng.permutation(8)
    previous: list[int] | None = None
    for segment in song.segments:
        previous = close_voicing(segment.chord.pitch_classes[:4], previous, low, low + 14)
        rungs = previous + [pitch + 12 for pitch in previous]
        if direction == "down":
            rungs = rungs[::-1]
        elif direction == "up and down":
            rungs = rungs + rungs[-2:0:-1]
        elif direction == "shuffled":
            rungs = [rungs[int(index) % len(rungs)] for index in shuffle]
        for index in range(round(segment.beats / step)):
            beat = segment.start + index * step
            if gate[round(beat * 4) % 16] == "x":
                pitch = rungs[index % len(rungs)]
                track.note(
                    beat, step * 0.8, pitch if pitch <= high else pitch - 12, velocity + (8 if index % 4 == 0 else 0)
                )


def bass(song: Song, track: Track, rhythm: str, velocity: float = 96) -> None:
    """Sequenced roots: ``rhythm`` is a name of the table above; busy ones leap to octaves and chord tones."""
    rng = song.rng
    pattern = _BASS_RHYTHMS[rhythm]
    leaps = [pick(rng, (0, 0, 0, 12, 7, 10, 3)) for _ in range(16)]
    for bar in range(song.bars):
        for index in onsets(pattern):
            beat = bar * 4 + index / 4
            root = nearest(36, song.chord_at(beat).root, 30, 43)
            pitch = root
            if rhythm == "octaves" and pattern[index] == "X":
                pitch = root + 12
            elif rhythm in ("sixteenths", "syncopated", "funky") and (
                leaps[index] in (0, 12) or (root + leaps[index]) % 12 in song.scale_at(beat)
            ):
                pitch = root + leaps[index]
            length = {"long": 3.92, "sub": 0.9, "offbeat": 0.42, "octaves": 0.45}.get(rhythm) or (
                0.22 if happens(rng, 0.8) else 0.4
            )
            track.note(beat, length, pitch, velocity + (6 if index % 4 == 0 else 0))


def pad(song: Song, track: Track, low: int, high: int, *, velocity: float = 62, gate: str | None = None) -> None:
    """Chords held through, or stabbed in a gate's rhythm of sixteenths."""
    previous: list[int] | None = None
    for segment in song.segments:
        previous = close_voicing(segment.chord.pitch_classes[:4], previous, low, high)
        if gate is None:
            track.chord(segment.start, segment.beats, previous, velocity)
            continue
        for index in range(round(segment.beats * 4)):
            beat = segment.start + index / 4
            if gate[round(beat * 4) % 16] == "x":
                track.chord(beat, 0.22, previous, velocity)


def lead(song: Song, track: Track, low: int, high: int, *, velocity: float = 86) -> None:
    """A pentatonic hook."""
    scale = MINOR_PENTATONIC if song.is_minor else MAJOR_PENTATONIC
    for note in melody(song, low, high, _LEAD_RHYTHMS, scale=scale, velocity=velocity, legato=0.85, leap=0.3):
        note.play(track)


def plucks(song: Song, track: Track, low: int, high: int, *, density: float, velocity: float = 80) -> None:
    """Sparse repeated notes of the chord: one random two-bar loop."""
    rng = song.rng
    loop = [(index, int(rng.integers(16))) for index in range(32) if happens(rng, density)]
    for bar in range(0, song.bars, 2):
        for index, rung in loop:
            beat = bar * 4 + index / 4
            if beat < song.beats:
                rungs = ladder(song.chord_at(beat).pitch_classes, low, high)
                track.note(beat, 0.24, rungs[rung % len(rungs)], velocity + rng.normal(0, 6))


def saw_bass(
    song: Song, name: str = "saw bass", *, voices: int = 2, resonance: tuple[float, float] = (1, 3), gain: float = 0.55
) -> Track:
    """A plucked bass of our own synthesiser."""
    rng = song.rng
    patch = Saw(
        voices,
        0.06 if voices > 1 else 0.0,
        rng.uniform(120, 400),
        rng.uniform(500, 2000),
        rng.uniform(*resonance),
        rng.uniform(0.08, 0.18),
    )
    return song.track(name, patch, bus="bass", gain=gain)


def gm_bass(song: Song) -> Track:
    """A synth bass of the soundfont."""
    return song.track("synth bass", Program(pick(song.rng, (38, 39))), bus="bass")


def voice(song: Song, name: str, programs: Sequence[int], gain: float = 1.0) -> Track:
    """A track on one of several programs of the soundfont."""
    instrument: Instrument = Program(pick(song.rng, programs))
    return song.track(name, instrument, gain=gain)


def effects(
    song: Song,
    *,
    reverb_s: tuple[float, float] = (0.8, 1.8),
    wet: tuple[float, float] = (0.08, 0.18),
    ducking: tuple[float, float] = (0.45, 0.85),
    sweep: float = 0.6,
    glue: tuple[float, float] = (0.2, 0.4),
) -> None:
    """Reverb, echo, side-chain, filter sweeps, risers, a pressed mix."""
    rng = song.rng
    fx = song.effects
    fx.reverb_s = float(rng.uniform(*reverb_s))
    fx.reverb_wet = float(rng.uniform(*wet))
    fx.glue = float(rng.uniform(*glue))
    if fx.kick_beats:
        fx.sidechain = Sidechain(rng.uniform(*ducking), rng.uniform(0.5, 0.95))
    if happens(rng, 0.7):
        fx.echo = Echo(pick(rng, (0.75, 0.5, 1.5)), rng.uniform(0.12, 0.28), rng.uniform(0.3, 0.5))
    if happens(rng, sweep):
        shape = pick(rng, ("up", "down", "updown", "lfo"))
        fx.sweep = FilterSweep(
            shape, rng.uniform(250, 700), rng.uniform(4000, 11000), rng.uniform(0.8, 3.0), pick(rng, (2, 4, 8))
        )
    if happens(rng, 0.25):
        fx.riser = float(rng.uniform(0.05, 0.13))
