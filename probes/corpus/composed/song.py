"""A song before it sounds: tracks of notes in beats, the chords they follow, how to play and mix them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.theory import PITCH_NAMES, SCALES, Chord, chord_scale, roman

MAX_PREROLL_S = 4.0


@dataclass(frozen=True, slots=True)
class Program:
    """A General MIDI program of the soundfont."""

    number: int


@dataclass(frozen=True, slots=True)
class DrumKit:
    """A General MIDI drum kit (bank 128) of the soundfont."""

    number: int


@dataclass(frozen=True, slots=True)
class Saw:
    """A subtractive synthesiser: detuned saws through a low-pass that every note opens."""

    voices: int
    detune_semitones: float
    cutoff_hz: float
    sweep_hz: float
    resonance: float
    decay_s: float
    attack_s: float = 0.004


@dataclass(frozen=True, slots=True)
class Kick:
    """A drum machine's kick: a sine that falls in pitch, with a click of noise."""

    pitch_hz: float
    click: float
    decay_s: float


Instrument: TypeAlias = Program | DrumKit | Saw | Kick


@dataclass(frozen=True, slots=True)
class Note:
    """One note; ``beat`` and ``beats`` (its length) count quarter notes from the song's start."""

    beat: float
    beats: float
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True)
class Bend:
    """The pitch wheel of a track, from ``beat`` on."""

    beat: float
    semitones: float


@dataclass(slots=True)
class Track:
    """What one player plays.

    ``bus`` names the group it is mixed in; ``pedal`` lets its notes ring until the chord changes.
    """

    name: str
    instrument: Instrument
    bus: str = "music"
    gain: float = 1.0
    pedal: bool = False
    notes: list[Note] = field(default_factory=list)
    bends: list[Bend] = field(default_factory=list)

    def note(self, beat: float, beats: float, pitch: int, velocity: float) -> None:
        """Add a note."""
        self.notes.append(Note(float(beat), float(beats), int(pitch), float(velocity)))

    def chord(self, beat: float, beats: float, pitches: Sequence[int], velocity: float) -> None:
        """Add several notes that sound together."""
        for pitch in pitches:
            self.note(beat, beats, pitch, velocity)

    def bend(self, beat: float, semitones: float) -> None:
        """Move the pitch wheel."""
        self.bends.append(Bend(float(beat), float(semitones)))

    @property
    def is_melodic(self) -> bool:
        """Whether the track has pitches of its own: anything but drums."""
        return isinstance(self.instrument, Program | Saw)


@dataclass(frozen=True, slots=True)
class Echo:
    """A delay in time with the song."""

    beats: float
    wet: float
    feedback: float


@dataclass(frozen=True, slots=True)
class FilterSweep:
    """A low-pass that moves over ``bars`` bars: up, down, updown or lfo."""

    shape: str
    low_hz: float
    high_hz: float
    resonance: float
    bars: int


@dataclass(frozen=True, slots=True)
class Sidechain:
    """Ducking of everything but drums at every kick."""

    depth: float
    release_beats: float


@dataclass(slots=True)
class Effects:
    """How a song is mixed. ``drive`` saturates the guitars, ``glue`` the whole mix (0: clean)."""

    reverb_s: float = 0.8
    reverb_wet: float = 0.1
    drive: float = 2.0
    cabinet_hz: float = 5200.0
    glue: float = 0.0
    echo: Echo | None = None
    sweep: FilterSweep | None = None
    sidechain: Sidechain | None = None
    riser: float = 0.0
    tremolo_hz: float = 0.0
    kick_beats: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Segment:
    """A chord from one beat to another."""

    start: float
    end: float
    chord: Chord

    @property
    def beats(self) -> float:
        """Its length."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Brief:
    """What is asked of a style: the generator to draw from, and how long the clip shall be."""

    rng: Generator
    genre: str
    style: str
    seconds: float


class Song:
    """A piece in the making; a style fills its tracks.

    The clip begins ``preroll_s`` into the music, so that excerpts start anywhere, not only on a downbeat.
    """

    def __init__(self, brief: Brief, bpm: float, tonic: int, mode: str, beats_per_bar: int = 4) -> None:
        self.rng = brief.rng
        self.genre = brief.genre
        self.style = brief.style
        self.seconds = brief.seconds
        self.bpm = float(bpm)
        self.tonic = int(tonic)
        self.mode = mode
        self.beats_per_bar = int(beats_per_bar)
        bar_s = self.beats_per_bar * 60 / self.bpm
        self.preroll_s = float(self.rng.uniform(0.05, min(MAX_PREROLL_S, 2 * bar_s))) if happens(self.rng, 0.6) else 0.0
        self.bars = math.ceil((self.seconds + self.preroll_s + 0.3) / bar_s) + 1
        self.tracks: list[Track] = []
        self.segments: list[Segment] = []
        self.effects = Effects()
        self.swing = 0.5
        self.timing_s = 0.008
        self.velocity_spread = 6.0
        self.rubato = 0.0
        self.tags: list[str] = []
        self.prompts: list[str] = []
        self.performance_seed = 0
        self._swell = (float(self.rng.uniform(0, 2 * np.pi)), pick(self.rng, (4, 8)) * self.beats_per_bar)

    def track(self, name: str, instrument: Instrument, bus: str = "music", gain: float = 1.0) -> Track:
        """Add an empty track."""
        track = Track(name, instrument, bus, gain)
        self.tracks.append(track)
        return track

    def progression(self, text: str) -> None:
        """Set the chords: ``"I|IV V|I"`` is three bars, repeated until the song is full."""
        bars = [[roman(numeral, self.tonic) for numeral in bar.split()] for bar in text.split("|")]
        self.segments = []
        for bar in range(self.bars):
            chords = bars[bar % len(bars)]
            width = self.beats_per_bar / len(chords)
            start = bar * self.beats_per_bar
            self.segments += [
                Segment(start + i * width, start + (i + 1) * width, chord) for i, chord in enumerate(chords)
            ]

    def chord_at(self, beat: float) -> Chord:
        """The chord that sounds at a beat; the last one beyond the end."""
        return self.segment_at(beat).chord

    def segment_at(self, beat: float) -> Segment:
        """The chord's segment at a beat; the last one beyond the end."""
        for segment in self.segments:
            if segment.start - 1e-6 <= beat < segment.end - 1e-6:
                return segment
        return self.segments[-1]

    def scale_at(self, beat: float, scale: Sequence[int] | None = None) -> list[int]:
        """Pitch classes that fit the chord at a beat, from the song's mode or from ``scale``; ascending."""
        return sorted(chord_scale(self.chord_at(beat), self.tonic, scale or SCALES[self.mode]))

    @property
    def beats(self) -> int:
        """The song's length."""
        return self.bars * self.beats_per_bar

    @property
    def is_minor(self) -> bool:
        """Whether the mode has a minor third."""
        return 3 in SCALES[self.mode]

    def swell(self, beat: float, depth: float = 0.18) -> float:
        """A slow dynamic curve around 1, to multiply velocities by."""
        phase, period = self._swell
        return 1 + depth * math.sin(2 * math.pi * beat / period + phase)

    def facts(self) -> dict[str, object]:
        """What a manifest says about the song."""
        return {
            "genre": self.genre,
            "style": self.style,
            "bpm": round(self.bpm, 1),
            "metre": f"{self.beats_per_bar}/4",
            "key": PITCH_NAMES[self.tonic],
            "mode": self.mode,
            "instruments": [track.name for track in self.tracks],
            "prompts": self.prompts,
        }
