"""Guitars: riffs of power chords, strumming, picking, solos."""

from __future__ import annotations

from collections.abc import Sequence

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.melody import Rhythm, melody, scoop, vibrato
from probes.corpus.composed.patterns import onsets
from probes.corpus.composed.rock.band import DISTORTION, OVERDRIVE
from probes.corpus.composed.song import Program, Song, Track
from probes.corpus.composed.theory import BLUES_SCALE, MAJOR_PENTATONIC, MINOR_PENTATONIC, nearest
from probes.corpus.composed.voicing import close_voicing

RIFFS = ("xxxxxxxx", "x.xx.xx.", "x.x.xxx.", "xx.xx.xx", "x..x..x.", "x...x.xx", "xxx.xxx.", "x.......", "x...x...")
_LEAD_RHYTHMS: tuple[Rhythm, ...] = (
    (0.5,) * 8,
    (1, 0.5, 0.5, 1, 1),
    (0.5, 0.5, 1, 2),
    (1.5, 0.5, 2),
    (0.25, 0.25, 0.5, 0.5, 0.5, 1, 1),
    (0.5, 1, 0.5, 1, 1),
    (2, 1, 1),
    (-0.5, 0.5, 0.5, 0.5, 1, 1),
    (1 / 3, 1 / 3, 1 / 3, 1, 1 / 3, 1 / 3, 1 / 3, 1),
)


def guitar_root(song: Song, beat: float, low: int = 40) -> int:
    """The chord's root on the lower strings."""
    return nearest(low + 4, song.chord_at(beat).root, low, low + 11)


def power_chord(track: Track, beat: float, beats: float, root: int, velocity: float) -> None:
    """Root, fifth, octave."""
    for interval in (0, 7, 12):
        track.note(beat, beats, root + interval, velocity - (6 if interval else 0))


def riff(
    song: Song,
    guitars: Sequence[Track],
    rhythm: str,
    *,
    muted: Track | None = None,
    low: int = 40,
    velocity: float = 98,
    accents: bool = True,
) -> None:
    """Power chords in a rhythm of eighths on every guitar; ``muted`` doubles the weak ones, palm on the strings."""
    rng = song.rng
    struck = onsets(rhythm)
    busy = len(struck) >= 6
    for bar in range(song.bars):
        for position, index in enumerate(struck):
            beat = bar * 4 + index / 2
            following = struck[position + 1] if position + 1 < len(struck) else 8
            root = guitar_root(song, beat, low)
            length = (following - index) / 2 * (0.55 if busy and happens(rng, 0.6) else 0.94)
            if muted is not None and busy and index % 4:
                muted.note(beat, 0.22, root, velocity - 6)
                muted.note(beat, 0.22, root + 7, velocity - 14)
            for player, guitar in enumerate(guitars):
                lag = rng.normal(0, 0.004) + 0.006 * player
                power_chord(guitar, beat + lag, length, root, velocity + (8 if accents and index % 4 == 0 else 0))


def strum(
    song: Song,
    track: Track,
    gate: str,
    low: int,
    high: int,
    *,
    velocity: float = 84,
    spread: float = 0.008,
    ring: float = 0.24,
) -> None:
    """Triads in a rhythm of sixteenths, the strings a little apart."""
    previous: list[int] | None = None
    for segment in song.segments:
        previous = close_voicing(segment.chord.triad, previous, low, high)
        for index in range(round(segment.beats * 4)):
            beat = segment.start + index / 4
            if gate[round(beat * 4) % len(gate)] == "x":
                for string, pitch in enumerate(previous):
                    track.note(beat + spread * string, ring, pitch, velocity)


def picking(song: Song, track: Track, *, velocity: float = 80, step: float = 0.5, ring: float = 0.9) -> None:
    """Arpeggios over a bass note."""
    figure = pick(
        song.rng,
        ((0, 2, 1, 3, 2, 1, 3, 2), (0, 1, 2, 3, 2, 1, 2, 1), (0, 3, 2, 1, 0, 2, 3, 1), (0, 2, 3, 2, 1, 2, 3, 2)),
    )
    previous: list[int] | None = None
    for segment in song.segments:
        previous = close_voicing(segment.chord.triad, previous, 52, 69)
        pitches = [nearest(44, segment.chord.root, 40, 51), *previous]
        for index in range(round(segment.beats / step)):
            track.note(segment.start + index * step, ring, pitches[figure[index % 8] % len(pitches)], velocity)


def lead(
    song: Song,
    track: Track,
    low: int = 62,
    high: int = 86,
    *,
    velocity: float = 100,
    bends: bool = True,
    scale: Sequence[int] | None = None,
) -> None:
    """A pentatonic solo with bent notes and vibrato."""
    rng = song.rng
    if scale is None:
        minor_scale = BLUES_SCALE if happens(rng, 0.5) else MINOR_PENTATONIC
        scale = minor_scale if song.is_minor else MAJOR_PENTATONIC
    for note in melody(song, low, high, _LEAD_RHYTHMS, scale=scale, velocity=velocity, legato=0.97, leap=0.28):
        note.play(track)
        if bends and note.beats > 0.8 and happens(rng, 0.5):
            scoop(track, note.beat, pick(rng, (-2.0, -1.0)))
        if bends and note.beats > 1.2:
            vibrato(track, note, song.bpm, 0.28, 5.5)


def lead_guitar(song: Song, programs: Sequence[Program] = (OVERDRIVE, DISTORTION), gain: float = 0.85) -> Track:
    """A track for a guitar solo."""
    return song.track("lead guitar", pick(song.rng, programs), bus="lead", gain=gain)
