"""Scales and arpeggios on one instrument: plain pitched notes, to learn pitch from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.compose import finish
from probes.corpus.composed.genres import styles_of
from probes.corpus.composed.prompts import solo_prompts
from probes.corpus.composed.song import Brief, Instrument, Program, Saw, Song
from probes.corpus.composed.theory import SCALES, ladder

EXERCISE_STYLE = "scales and arpeggios"


@dataclass(frozen=True, slots=True)
class Exercise:
    """An instrument that practises, and its range."""

    name: str
    instrument: Instrument
    low: int
    high: int


_LEAD = Saw(2, 0.08, 1400, 2200, 1.0, 0.35)
_BASS = Saw(1, 0.0, 300, 900, 1.2, 0.25)
EXERCISES: Mapping[str, tuple[Exercise, ...]] = {
    "classical": (
        Exercise("piano", Program(0), 36, 96),
        Exercise("violin", Program(40), 55, 93),
        Exercise("nylon guitar", Program(24), 40, 79),
        Exercise("cello", Program(42), 36, 69),
        Exercise("flute", Program(73), 60, 93),
    ),
    "electronic": (
        Exercise("saw lead", _LEAD, 48, 88),
        Exercise("square lead", Program(80), 48, 88),
        Exercise("synth lead", Program(81), 48, 88),
        Exercise("synth bass", _BASS, 28, 55),
        Exercise("synth bass", Program(38), 28, 55),
    ),
    "jazz": (
        Exercise("piano", Program(0), 36, 91),
        Exercise("jazz guitar", Program(26), 40, 79),
        Exercise("upright bass", Program(32), 28, 55),
        Exercise("tenor saxophone", Program(66), 46, 74),
        Exercise("trumpet", Program(56), 55, 82),
    ),
    "rock": (
        Exercise("clean electric guitar", Program(27), 40, 84),
        Exercise("electric bass", Program(33), 28, 55),
        Exercise("picked bass", Program(34), 28, 55),
        Exercise("lead guitar", Program(29), 45, 86),
        Exercise("acoustic guitar", Program(25), 40, 79),
    ),
}


def compose_exercise(genre: str, seed: int, seconds: float) -> Song:
    """One instrument going up and down a scale or a chord, key after key.

    Raises:
        CorpusError: the genre is unknown or the clip is shorter than a beat.
    """
    styles_of(genre)
    rng = np.random.default_rng(seed)
    mode = pick(rng, ("major", "minor", "dorian", "mixolydian", "harmonic minor"))
    song = Song(Brief(rng, genre, EXERCISE_STYLE, seconds), rng.uniform(66, 144), int(rng.integers(12)), mode)
    song.timing_s = 0.004
    song.progression("i" if song.is_minor else "I")
    chosen = pick(rng, EXERCISES[genre])
    track = song.track(chosen.name, chosen.instrument)
    step = pick(rng, (1.0, 0.5, 0.5))
    ring = pick(rng, (0.55, 0.9, 0.98))
    arpeggios = happens(rng, 0.35)
    shift = pick(rng, (1, 2, 5, 7))
    tonic = song.tonic
    beat = 0.0
    while beat < song.beats:
        steps = (0, 4 if not song.is_minor else 3, 7) if arpeggios else SCALES[mode]
        rungs = ladder([(tonic + interval) % 12 for interval in steps], chosen.low, chosen.high)
        span = min(len(rungs), (2 if happens(rng, 0.6) else 1) * len(steps) + 1)
        start = int(rng.integers(len(rungs) - span + 1))
        run = rungs[start : start + span]
        for pitch in run + run[-2::-1]:
            track.note(beat, step * ring, pitch, 92)
            beat += step
        beat += step if happens(rng, 0.3) else 0.0
        tonic = (tonic + shift) % 12
    song.effects.reverb_s = float(rng.uniform(0.4, 1.2))
    song.effects.reverb_wet = float(rng.uniform(0.0, 0.12))
    song.effects.drive = 1.5
    song.tags = [chosen.name]
    song.prompts = [
        *solo_prompts(song, chosen.name)[:-1],
        f"{chosen.name} playing {'arpeggios' if arpeggios else 'scales'}",
    ]
    return finish(song)
