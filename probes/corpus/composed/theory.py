"""Pitches, scales, chords, Roman numerals.

Pitches are MIDI numbers (60 is middle C); pitch classes are 0–11 with C = 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PITCH_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
}
BLUES_SCALE = (0, 3, 5, 6, 7, 10)
MINOR_PENTATONIC = (0, 3, 5, 7, 10)
MAJOR_PENTATONIC = (0, 2, 4, 7, 9)

CHORD_INTERVALS: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "5": (0, 7),
    "sus4": (0, 5, 7),
    "sus2": (0, 2, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "13": (0, 4, 10, 14, 21),
    "7b9": (0, 4, 7, 10, 13),
    "7#9": (0, 4, 7, 10, 15),
    "9sus": (0, 5, 7, 10, 14),
    "add9": (0, 4, 7, 14),
}
# Longest first: "VII" must not be read as "V".
_DEGREES = (("VII", 11), ("III", 4), ("VI", 9), ("IV", 5), ("II", 2), ("V", 7), ("I", 0))
_LOWER_CASE_QUALITIES = {"": "m", "7": "m7", "9": "m9", "6": "m6", "o": "dim", "o7": "dim7", "ø": "m7b5"}


@dataclass(frozen=True, slots=True)
class Chord:
    """A root pitch class and a quality of :data:`CHORD_INTERVALS`."""

    root: int
    quality: str

    @property
    def intervals(self) -> tuple[int, ...]:
        """Semitones above the root."""
        return CHORD_INTERVALS[self.quality]

    @property
    def pitch_classes(self) -> list[int]:
        """Root first, then upwards as the quality lists them."""
        return [(self.root + interval) % 12 for interval in self.intervals]

    @property
    def triad(self) -> list[int]:
        """The first three pitch classes."""
        return self.pitch_classes[:3]

    @property
    def fifth(self) -> int:
        """Semitones from the root to the fifth: 6 where it is diminished."""
        return 6 if self.quality in ("dim", "dim7", "m7b5") else 8 if self.quality == "aug" else 7


def roman(numeral: str, tonic: int) -> Chord:
    """Read a Roman numeral such as ``bVII``, ``ii7``, ``viio`` or ``V7b9`` in the key of ``tonic``.

    Degrees are those of the major scale; ``b`` and ``#`` alter them; lower case means minor, with ``o`` diminished,
    with ``ø`` half-diminished.
    """
    alteration = 0
    rest = numeral
    while rest[0] in "b#":
        alteration += -1 if rest[0] == "b" else 1
        rest = rest[1:]
    degree, semitones = next((name, step) for name, step in _DEGREES if rest.upper().startswith(name))
    quality = rest[len(degree) :]
    if rest[: len(degree)].islower():
        quality = _LOWER_CASE_QUALITIES[quality]
    return Chord((tonic + semitones + alteration) % 12, quality)


def chord_scale(chord: Chord, tonic: int, scale: Sequence[int]) -> set[int]:
    """The scale's pitch classes, bent to hold the chord.

    A chord tone outside the scale replaces those of its neighbours that are not in the chord.
    """
    pitch_classes = {(tonic + step) % 12 for step in scale}
    tones = set(chord.pitch_classes)
    for tone in chord.pitch_classes:
        if tone in pitch_classes:
            continue
        for neighbour in ((tone - 1) % 12, (tone + 1) % 12):
            if neighbour not in tones:
                pitch_classes.discard(neighbour)
        pitch_classes.add(tone)
    return pitch_classes


def ladder(pitch_classes: Iterable[int], low: int, high: int) -> list[int]:
    """All pitches from ``low`` to ``high`` inclusive that belong to the pitch classes, ascending."""
    wanted = set(pitch_classes)
    return [pitch for pitch in range(low, high + 1) if pitch % 12 in wanted]


def nearest(pitch: int, pitch_class: int, low: int, high: int) -> int:
    """The pitch of a class nearest to ``pitch`` within ``low … high``; ``pitch`` itself where the range holds none."""
    candidates = ladder([pitch_class % 12], low, high)
    return min(candidates, key=lambda candidate: abs(candidate - pitch)) if candidates else pitch


def nearest_chord_tone(pitch: int, chord: Chord, low: int, high: int) -> int:
    """The chord tone nearest to ``pitch`` within ``low … high``."""
    return min(ladder(chord.pitch_classes, low, high), key=lambda candidate: abs(candidate - pitch))
