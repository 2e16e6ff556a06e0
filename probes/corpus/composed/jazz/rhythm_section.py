"""What jazz styles share: changes, walking bass, comping, swing drums, improvised lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.melody import scoop
from probes.corpus.composed.patterns import CLAP, CRASH, KICK, KICK_2, PEDAL_HAT, RIDE, SNARE, SNARE_2, onsets
from probes.corpus.composed.song import Brief, DrumKit, Program, Song, Track
from probes.corpus.composed.theory import ladder, nearest, nearest_chord_tone
from probes.corpus.composed.voicing import close_voicing, rootless

PIANO, ELECTRIC_PIANO, VIBRAPHONE = Program(0), Program(4), Program(11)
DRAWBAR_ORGAN, PERCUSSIVE_ORGAN = Program(16), Program(17)
NYLON_GUITAR, STEEL_GUITAR, JAZZ_GUITAR = Program(24), Program(25), Program(26)
UPRIGHT_BASS, VIOLIN = Program(32), Program(40)
TRUMPET, TROMBONE, TUBA, MUTED_TRUMPET, BRASS = Program(56), Program(57), Program(58), Program(59), Program(61)
SOPRANO_SAX, ALTO_SAX, TENOR_SAX = Program(64), Program(65), Program(66)
CLARINET, FLUTE, BANJO = Program(71), Program(73), Program(105)
JAZZ_KIT, BRUSH_KIT, STANDARD_KIT = DrumKit(32), DrumKit(40), DrumKit(0)

MAJOR_CHANGES = (
    "Imaj7|vi7|ii7|V7",
    "ii7|V7|Imaj7|Imaj7",
    "Imaj7 vi7|ii7 V7",
    "iii7|VI7|ii7|V7",
    "Imaj9|bIII7|ii9|V13",
    "ii9|V13|Imaj9|VI7b9",
    "Imaj7|iv7 bVII7|Imaj7 VI7|ii7 V7",
    "ii7 V7|Imaj7 VI7",
    "IVmaj7|iv7 bVII9|iii7 VI7|ii7 V7",
)
MINOR_CHANGES = (
    "i6|iiø|V7b9|i6",
    "i7|iv7|iiø V7b9|i7",
    "i9|bVImaj7|iiø|V7#9",
    "iv7|bVII7|bIIImaj7|bVImaj7|iiø|V7b9|i6|i6",
)
MAJOR_BLUES = "I7|IV7|I7|I7|IV7|IV7|I7|VI7|ii7|V7|I7|V7"
MINOR_BLUES = "i7|i7|i7|i7|iv7|iv7|i7|i7|bVI7|V7#9|i7|i7"
COMPING = ("x..x....", "...x...x", "x.....x.", "..x..x..", "x.......", "...x.x..", "x..x..x.", ".x...x..")
# Horn players' keys first.
_TONICS = (5, 10, 3, 0, 7, 8, 2, 1, 9, 4, 11, 6)
_TONIC_WEIGHTS = (0.17, 0.16, 0.13, 0.13, 0.1, 0.07, 0.07, 0.05, 0.05, 0.03, 0.02, 0.02)


@dataclass(frozen=True, slots=True)
class Soloist:
    """An instrument that improvises, and its comfortable range."""

    name: str
    program: Program
    low: int
    high: int


TENOR = Soloist("tenor saxophone", TENOR_SAX, 50, 74)
ALTO = Soloist("alto saxophone", ALTO_SAX, 56, 80)
TRUMPETER = Soloist("trumpet", TRUMPET, 57, 82)
MUTED = Soloist("muted trumpet", MUTED_TRUMPET, 58, 82)
VIBES = Soloist("vibraphone", VIBRAPHONE, 58, 86)
CLARINETTIST = Soloist("clarinet", CLARINET, 55, 84)
SOPRANO = Soloist("soprano saxophone", SOPRANO_SAX, 60, 84)
TROMBONIST = Soloist("trombone", TROMBONE, 46, 68)
FLAUTIST = Soloist("flute", FLUTE, 62, 86)
GUITARIST = Soloist("jazz guitar", JAZZ_GUITAR, 52, 79)
SOLOISTS = (TENOR, ALTO, TRUMPETER, MUTED, VIBES, CLARINETTIST, SOPRANO, TROMBONIST)


def begin(brief: Brief, slowest_bpm: float, fastest_bpm: float, *, blues: float = 0.25, beats_per_bar: int = 4) -> Song:
    """A song over a blues, major or minor changes, swung the more the slower it is."""
    rng = brief.rng
    tonic = pick(rng, _TONICS, _TONIC_WEIGHTS)
    kind = pick(
        rng,
        ("major blues", "minor blues", "major", "minor"),
        (blues / 2, blues / 2, (1 - blues) * 0.6, (1 - blues) * 0.4),
    )
    mode = {"major blues": "mixolydian", "major": "major"}.get(kind, "dorian")
    song = Song(brief, rng.uniform(slowest_bpm, fastest_bpm), tonic, mode, beats_per_bar)
    if "blues" in kind:
        song.progression(MAJOR_BLUES if kind == "major blues" else MINOR_BLUES)
    else:
        song.progression(pick(rng, MAJOR_CHANGES if kind == "major" else MINOR_CHANGES))
    song.swing = float(np.clip(0.70 - (song.bpm - 90) * 0.0011, 0.56, 0.69))
    song.timing_s = 0.009
    song.velocity_spread = 8
    return song


def room(song: Song, reverb_s: tuple[float, float] = (0.5, 1.1), wet: tuple[float, float] = (0.07, 0.15)) -> None:
    """A small club."""
    song.effects.reverb_s = float(song.rng.uniform(*reverb_s))
    song.effects.reverb_wet = float(song.rng.uniform(*wet))


def bassist(song: Song) -> Track:
    """An upright bass."""
    return song.track("upright bass", UPRIGHT_BASS, bus="bass")


def walk(song: Song, track: Track, *, velocity: float = 92, low: int = 28, high: int = 50) -> None:
    """Quarter notes: the root when the chord changes, chord and scale tones between, an approach to the next root."""
    rng = song.rng
    current = nearest(38, song.chord_at(0).root, low, high)
    for beat in range(song.beats):
        chord = song.chord_at(beat)
        following = song.chord_at(min(beat + 1, song.beats - 1))
        first = beat % song.beats_per_bar == 0 or song.chord_at(beat - 1) != chord
        last = following != chord or (beat + 1) % song.beats_per_bar == 0
        if first:
            pitch = nearest(current, chord.root, low, high)
        elif last:
            approach = pick(rng, (-1, 1, -2, 2, 7, -5), (0.33, 0.27, 0.13, 0.12, 0.1, 0.05))
            pitch = nearest(current, following.root, low, high) + approach
        else:
            tones = chord.pitch_classes if happens(rng, 0.65) else song.scale_at(beat)
            nearby = [rung for rung in ladder(tones, max(low, current - 5), min(high, current + 5)) if rung != current]
            pitch = pick(rng, nearby) if nearby else current
        pitch = min(max(pitch, low - 1), high + 2)
        track.note(beat, 0.88, pitch, velocity + (4 if beat % 2 else 0))
        current = pitch
        if happens(rng, 0.07):
            track.note(beat + 0.5, 0.35, pitch, velocity * 0.7)


def comp(
    song: Song,
    track: Track,
    low: int = 53,
    high: int = 72,
    *,
    velocity: float = 70,
    rhythms: Sequence[str] = COMPING,
    beats: float = 0.5,
) -> None:
    """Rootless chords in a new rhythm of eighths every bar; those off the beat anticipate the coming chord."""
    rng = song.rng
    previous: list[int] | None = None
    for bar in range(song.bars):
        for index in onsets(pick(rng, rhythms)):
            if index >= song.beats_per_bar * 2:
                continue
            beat = bar * song.beats_per_bar + index / 2
            previous = close_voicing(rootless(song.chord_at(beat + (0.5 if index % 2 else 0))), previous, low, high)
            length = pick(rng, (0.3, beats, 1.2))
            for pitch in previous:
                track.note(beat, length, pitch, velocity + rng.normal(0, 4))


def improvise(
    song: Song,
    track: Track,
    low: int,
    high: int,
    *,
    velocity: float = 90,
    density: float = 0.8,
    bends: float = 0.15,
    triplets: float = 0.06,
    chromatic: float = 0.25,
) -> None:
    """A solo in phrases of eighths.

    Chord tones on the beat, scale steps or chromatic approaches off it, blue notes, scoops, breaths.
    """
    rng = song.rng
    beat = float(pick(rng, (0, 0.5, 1)))
    current = int(rng.integers(low + 6, high - 5))
    direction = pick(rng, (-1, 1))
    while beat < song.beats - 0.5:
        phrase_end = min(beat + int(rng.integers(5, 18)) * 0.5 / density**2, song.beats)
        while beat < phrase_end:
            on_beat = beat % 1 < 1e-6
            if happens(rng, 0.18) or not low + 4 <= current <= high - 4:
                direction = -1 if current > (low + high) / 2 else 1
            if happens(rng, 0.2):
                direction = -direction
            pitch = _line_pitch(song, beat, current, direction, low, high, chromatic, on_beat)
            if happens(rng, bends * 0.6):
                pitch = next(
                    (blue for blue in range(pitch - 2, pitch + 3) if (blue - song.tonic) % 12 in (3, 6, 10)), pitch
                )
            beat += _play_figure(song, track, beat, pitch, high, velocity, triplets, on_beat)
            if happens(rng, bends * 0.5):
                scoop(track, beat - 0.5, -0.8, 0.03)
            current = pitch
        breath = pick(rng, (0.5, 1, 1.5, 2, 2.5), (0.25, 0.25, 0.2, 0.2, 0.1)) / density
        beat = round((math.ceil(beat * 2) / 2 + breath) * 2) / 2


def _line_pitch(
    song: Song, beat: float, current: int, direction: int, low: int, high: int, chromatic: float, on_beat: bool
) -> int:
    rng = song.rng
    chord = song.chord_at(beat)
    if on_beat:
        onward = range(current + 1, current + 6) if direction > 0 else range(current - 1, current - 6, -1)
        pitch = next((step for step in onward if step % 12 in chord.pitch_classes), None) or nearest_chord_tone(
            current, chord, low, high
        )
    else:
        rungs = ladder(song.scale_at(beat), low, high)
        here = int(np.argmin([abs(rung - current) for rung in rungs]))
        pitch = rungs[min(max(here + direction * (1 if happens(rng, 0.75) else 2), 0), len(rungs) - 1)]
        if happens(rng, chromatic):
            pitch = nearest_chord_tone(pitch, song.chord_at(beat + 0.5), low, high) + pick(rng, (-1, 1))
    return min(max(pitch, low), high)


def _play_figure(
    song: Song, track: Track, beat: float, pitch: int, high: int, velocity: float, triplets: float, on_beat: bool
) -> float:
    """Play one note or a triplet; returns the beats it takes."""
    rng = song.rng
    draw = rng.random()
    if draw < triplets and on_beat:
        for index, tone in enumerate((pitch, min(pitch + 2, high), pitch)):
            track.note(beat + index / 3, 0.3, tone, velocity - (4 if index else 0))
        return 1.0
    if draw < (0.82 if song.bpm > 150 else 0.72):
        track.note(beat, 0.46, pitch, velocity + (0 if on_beat else 7) + rng.normal(0, 4))
        return 0.5
    if draw < 0.9:
        track.note(beat, 0.9, pitch, velocity + 3)
        return 1.0
    track.note(beat, 1.4, pitch, velocity + 4)
    if happens(rng, 0.5):
        scoop(track, beat, -1.2, 0.04)
    return 1.5


def drums(song: Song, kit: DrumKit = JAZZ_KIT, *, velocity: float = 84) -> Track:
    """Ride or brushes, hi-hat on two and four, a feathered kick, comments on the snare."""
    rng = song.rng
    brushes = kit == BRUSH_KIT
    track = song.track("brushed drums" if brushes else "swing drums", kit, bus="drums")
    for bar in range(song.bars):
        start = bar * song.beats_per_bar
        for quarter in range(song.beats_per_bar):
            beat = start + quarter
            backbeat = quarter % 2 == 1
            if brushes and happens(rng, 0.8):
                track.note(beat, 0.9, SNARE_2 if happens(rng, 0.7) else SNARE, velocity * 0.72)
                if backbeat:
                    track.note(beat + 0.5, 0.3, SNARE, velocity * 0.45)
            if not brushes or happens(rng, 0.35):
                track.note(beat, 0.6, RIDE, velocity * (0.95 if backbeat else 0.82))
                if backbeat and happens(rng, 0.92):
                    track.note(beat + 0.5, 0.4, RIDE, velocity * 0.7)
            if backbeat:
                track.note(beat, 0.2, PEDAL_HAT, velocity * 0.75)
            if happens(rng, 0.5):
                track.note(beat, 0.3, KICK_2, velocity * 0.42)
            if happens(rng, 0.16):
                track.note(beat + 0.5, 0.2, CLAP if brushes else SNARE, velocity * rng.uniform(0.4, 0.8))
            if happens(rng, 0.06):
                track.note(beat + 0.5, 0.2, KICK, velocity * 0.8)
        if bar % 4 == 3 and happens(rng, 0.5):
            for index in range(3):
                track.note(
                    start + song.beats_per_bar - 1 + index / 3,
                    0.2,
                    pick(rng, (SNARE, 48, 45, 43)),
                    velocity * (0.6 + 0.15 * index),
                )
        if bar % 8 == 0 and happens(rng, 0.4):
            track.note(start, 1, CRASH, velocity * 0.8)
    return track
