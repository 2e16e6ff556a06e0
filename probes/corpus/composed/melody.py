"""Melodies from motifs: a few rhythms and contours, repeated in a form, following the chords."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.song import Song, Track
from probes.corpus.composed.theory import ladder, nearest, nearest_chord_tone

# Note lengths of one bar, in beats; negative is a rest.
Rhythm = Sequence[float]
FOUR_FOUR: tuple[Rhythm, ...] = (
    (1, 1, 1, 1),
    (1.5, 0.5, 1, 1),
    (2, 1, 1),
    (0.5, 0.5, 1, 0.5, 0.5, 1),
    (1, 0.5, 0.5, 1, 1),
    (1.5, 0.5, 0.5, 0.5, 1),
    (0.75, 0.25, 1, 0.5, 0.5, 1),
    (0.5, 0.5, 0.5, 0.5, 1, 1),
    (2, 0.5, 0.5, 1),
    (3, 1),
    (0.5,) * 8,
    (1, 1, 2),
    (0.25, 0.25, 0.5, 1, 0.5, 0.5, 1),
)
THREE_FOUR: tuple[Rhythm, ...] = (
    (1, 1, 1),
    (2, 1),
    (1.5, 0.5, 1),
    (0.5, 0.5, 1, 1),
    (1, 0.5, 0.5, 1),
    (0.5,) * 6,
    (3,),
    (1, 2),
    (0.75, 0.25, 1, 1),
)
_FORMS = ("AABC", "ABAC", "ABAB", "AABB", "ABCB")
_BARS_PER_PHRASE = 4


@dataclass(frozen=True, slots=True)
class MelodyNote:
    """A note of a melody, and whether it falls on a strong beat."""

    beat: float
    beats: float
    pitch: int
    velocity: float
    strong: bool

    def play(self, track: Track, *, transpose: int = 0, loudness: float = 1.0) -> None:
        """Write it to a track."""
        track.note(self.beat, self.beats, self.pitch + transpose, self.velocity * loudness)


def rhythms_for(song: Song) -> tuple[Rhythm, ...]:
    """Rhythms that fill a bar of the song's metre (3 or 4 beats)."""
    return THREE_FOUR if song.beats_per_bar == 3 else FOUR_FOUR


def melody(
    song: Song,
    low: int,
    high: int,
    rhythms: Sequence[Rhythm],
    *,
    scale: Sequence[int] | None = None,
    velocity: float = 84,
    leap: float = 0.22,
    legato: float = 0.95,
    rest: float = 0.04,
) -> list[MelodyNote]:
    """A tune through the whole song within ``low … high``.

    Motifs A, B, C in a four-bar form, chord tones on strong beats, cadences at phrase ends.

    ``leap`` is the share of steps wider than a scale degree, ``legato`` the share of its time that a note sounds,
    ``rest`` the share of notes left out.
    """
    rng = song.rng
    form = pick(rng, _FORMS)
    motifs: dict[str, tuple[Rhythm, list[int]]] = {}
    for letter in "ABC":
        rhythm = pick(rng, rhythms)
        steps = [0] + [
            pick(rng, (-4, -3, -2, 2, 3, 4, 0)) if happens(rng, leap) else pick(rng, (-1, 1)) for _ in rhythm[1:]
        ]
        motifs[letter] = (rhythm, steps)
    current = int(rng.integers(low + (high - low) // 3, high - (high - low) // 4))
    notes: list[MelodyNote] = []
    for bar in range(song.bars):
        rhythm, steps = motifs[form[bar % len(form)]]
        beat = float(bar * song.beats_per_bar)
        cadence = bar % _BARS_PER_PHRASE == _BARS_PER_PHRASE - 1
        if cadence and song.beats_per_bar >= 3:
            rhythm = _cadence_rhythm(rhythm, song.beats_per_bar)
        for index, length in enumerate(rhythm):
            duration = abs(length)
            if length > 0 and not (index > 0 and happens(rng, rest)):
                step = steps[index] if index < len(steps) else -1
                in_bar = beat % song.beats_per_bar
                strong = abs(in_bar - round(in_bar)) < 1e-3 and (round(in_bar) % 2 == 0 or duration >= 1)
                closing = cadence and index == len(rhythm) - 1
                pitch = _next_pitch(song, current, step, beat, low, high, scale, strong, closing)
                arc = math.sin(math.pi * ((bar % _BARS_PER_PHRASE) + in_bar / song.beats_per_bar) / _BARS_PER_PHRASE)
                loudness = velocity * (0.86 + 0.2 * arc) + (5 if strong else 0)
                notes.append(MelodyNote(beat, duration * legato, pitch, loudness, strong))
                current = pitch
            beat += duration
    return notes


def _cadence_rhythm(rhythm: Rhythm, beats_per_bar: int) -> list[float]:
    """The first half of a rhythm, then one long note."""
    opening = list(rhythm[: max(1, len(rhythm) // 2)])
    remaining = beats_per_bar - sum(abs(length) for length in opening)
    return [length for length in (*opening, remaining) if length]


def _next_pitch(
    song: Song,
    current: int,
    step: int,
    beat: float,
    low: int,
    high: int,
    scale: Sequence[int] | None,
    strong: bool,
    closing: bool,
) -> int:
    rng = song.rng
    chord = song.chord_at(beat)
    rungs = ladder(song.scale_at(beat, scale), low, high)
    here = int(np.argmin([abs(rung - current) for rung in rungs]))
    target = here + step if 0 <= here + step < len(rungs) else here - step
    pitch = rungs[min(max(target, 0), len(rungs) - 1)]
    if strong and happens(rng, 0.85):
        pitch = nearest_chord_tone(pitch, chord, low, high)
    if closing:
        pitch = nearest(pitch, pick(rng, chord.pitch_classes[:2]), low, high)
    if pitch == current and step and strong and happens(rng, 0.75):
        onward = (
            range(current + 1, min(high, current + 6) + 1)
            if step > 0
            else range(current - 1, max(low, current - 6) - 1, -1)
        )
        pitch = next((candidate for candidate in onward if candidate % 12 in chord.pitch_classes), pitch)
    widest = 7 if happens(rng, 0.85) else 12
    return nearest(current, pitch % 12, low, high) if abs(pitch - current) > widest else pitch


def ornament(song: Song, track: Track, note: MelodyNote, probability: float) -> None:
    """Play a note, sometimes as a trill, mordent, turn or grace note (about 75 ms a tone)."""
    rng = song.rng
    if not (happens(rng, probability) and note.beats >= 0.9):
        note.play(track)
        return
    scale = song.scale_at(note.beat)
    above = next((pitch for pitch in range(note.pitch + 1, note.pitch + 4) if pitch % 12 in scale), note.pitch + 2)
    below = next((pitch for pitch in range(note.pitch - 1, note.pitch - 4, -1) if pitch % 12 in scale), note.pitch - 2)
    unit = song.bpm / 60 * 0.075
    kind = pick(rng, ("trill", "mordent", "turn", "grace"))
    if kind == "grace":
        track.note(note.beat - unit * 0.7, unit * 0.7, below if happens(rng, 0.4) else above, note.velocity * 0.8)
        note.play(track)
        return
    if kind == "trill":
        count = int(min(8, max(4, note.beats * 0.8 / unit)))
        figure = [note.pitch, above] * (count // 2)
    else:
        figure = [note.pitch, above] if kind == "mordent" else [above, note.pitch, below]
    for index, pitch in enumerate(figure):
        track.note(note.beat + index * unit, unit * 0.98, pitch, note.velocity * (1 if index == 0 else 0.9))
    spent = len(figure) * unit
    track.note(note.beat + spent, max(0.1, note.beats - spent), note.pitch, note.velocity * 0.95)


def scoop(track: Track, beat: float, semitones: float, step_beats: float = 0.05) -> None:
    """Bend a note up into pitch from ``semitones`` (negative) below."""
    for index in range(6):
        track.bend(beat + index * step_beats, semitones * (1 - index / 5))


def vibrato(track: Track, note: MelodyNote, bpm: float, depth: float, rate_hz: float, delay_beats: float = 0.6) -> None:
    """Let a long note shake after a delay, and put the wheel back at its end."""
    for index in range(int((note.beats - delay_beats - 0.1) / 0.05)):
        seconds = index * 0.05 * 60 / bpm
        track.bend(note.beat + delay_beats + index * 0.05, depth * math.sin(2 * math.pi * rate_hz * seconds))
    track.bend(note.beat + note.beats, 0)
