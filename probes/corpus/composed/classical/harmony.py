"""What classical styles share: keys, functional progressions, accompaniment figures, a concert hall."""

from __future__ import annotations

from collections.abc import Sequence

from probes.corpus.composed.chance import happens, pick, pick_some
from probes.corpus.composed.song import Brief, Program, Song, Track
from probes.corpus.composed.theory import Chord, nearest
from probes.corpus.composed.voicing import close_voicing, four_parts

PIANO, HARPSICHORD, CHURCH_ORGAN, NYLON_GUITAR = Program(0), Program(6), Program(19), Program(24)
VIOLIN, VIOLA, CELLO, CONTRABASS = Program(40), Program(41), Program(42), Program(43)
PIZZICATO, HARP, TIMPANI, STRINGS, SLOW_STRINGS = Program(45), Program(46), Program(47), Program(48), Program(49)
CHOIR, VOICE, TRUMPET, FRENCH_HORN = Program(52), Program(53), Program(56), Program(60)
OBOE, BASSOON, CLARINET, FLUTE, RECORDER = Program(68), Program(70), Program(71), Program(73), Program(74)

MAJOR_PROGRESSIONS = (
    "I|IV|V7|I",
    "I|V7|I|V",
    "I vi|IV|ii V7|I",
    "I|ii|V7|vi",
    "I V|vi iii|IV I|ii V7",
    "I|vi|ii|V7",
    "I|IV ii|I V7|I",
    "I IV|I V7|vi ii|V",
    "I|V|vi IV|I V7",
    "I viio|I|IV V7|I",
)
MINOR_PROGRESSIONS = (
    "i|iv|V7|i",
    "i|bVI|iv|V7",
    "i V7|i|iv V7|i",
    "i|bVII|bIII|V7",
    "i iv|bVII bIII|bVI iio|V7",
    "i|V7|i|V",
    "i bVI|bIII bVII|i iv|V7",
    "i|iv|bVII|bIII",
    "i iio|V7|bVI iv|V7",
)


def begin(
    brief: Brief,
    slowest_bpm: float,
    fastest_bpm: float,
    *,
    metres: Sequence[int] = (4,),
    rubato: float = 0.02,
    timing_s: float = 0.01,
) -> Song:
    """A song in a random key, two four-bar periods long before it repeats."""
    rng = brief.rng
    minor = happens(rng, 0.42)
    song = Song(
        brief,
        rng.uniform(slowest_bpm, fastest_bpm),
        int(rng.integers(12)),
        "harmonic minor" if minor else "major",
        pick(rng, metres),
    )
    song.rubato = rubato
    song.timing_s = timing_s
    song.progression("|".join(pick_some(rng, MINOR_PROGRESSIONS if minor else MAJOR_PROGRESSIONS, 2)))
    return song


def hall(song: Song, shortest_s: float, longest_s: float, driest: float, wettest: float) -> None:
    """Put the song in a concert hall of that reverberation."""
    song.effects.reverb_s = float(song.rng.uniform(shortest_s, longest_s))
    song.effects.reverb_wet = float(song.rng.uniform(driest, wettest))


def parts(song: Song) -> list[tuple[float, float, tuple[int, int, int, int]]]:
    """Every chord in four parts: start, length in beats, (bass, tenor, alto, soprano)."""
    voiced = four_parts(song.rng, [segment.chord for segment in song.segments])
    return [(segment.start, segment.beats, pitches) for segment, pitches in zip(song.segments, voiced, strict=True)]


def figuration(
    song: Song,
    track: Track,
    figure: Sequence[int],
    step: float,
    low: int,
    high: int,
    *,
    bass: tuple[int, int, int] | None,
    ring: float,
    soft: float,
    loud: float,
) -> None:
    """Break every chord into a figure of ``step`` beats.

    With ``bass`` (around, low, high) index 0 of the figure is the bass note, and the chord follows.
    """
    previous: list[int] | None = None
    for segment in song.segments:
        previous = close_voicing(segment.chord.triad, previous, low, high)
        pitches = [nearest(bass[0], segment.chord.root, bass[1], bass[2]), *previous] if bass else previous
        for index in range(round(segment.beats / step)):
            beat = segment.start + index * step
            velocity = (loud if index % len(figure) == 0 else soft) * song.swell(beat)
            track.note(beat, step * ring, pitches[figure[index % len(figure)] % len(pitches)], velocity)


def wide_arpeggio(chord: Chord) -> list[int]:
    """A left hand over two octaves: root, fifth, octave, tenth, twelfth and on."""
    root = nearest(40, chord.root, 33, 47)
    third = root + 12 + (chord.intervals[1] % 12)
    fifth = root + chord.fifth
    return [root, fifth, root + 12, third, fifth + 12, root + 24, fifth + 12, third]
