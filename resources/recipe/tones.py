"""Single-note scales, to see whether pitch survives the codec."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import soxr

from probes.corpus.composed.filters import SAMPLE_RATE_HZ
from probes.corpus.composed.realise import Part, Sounding
from probes.corpus.composed.song import Program, Track
from probes.corpus.composed.soundfont import SoundfontSynth
from resources.recipe.spectra import Samples

NOTE_S, GAP_S = 0.5, 0.1
MAJOR = (0, 2, 4, 5, 7, 9, 11)
NOTES = 15
TOLERANCE_CENTS = 50.0
LEVEL = 0.25


@dataclass(frozen=True)
class Scale:
    """Two octaves of a major scale on one instrument."""

    name: str
    program: int
    lowest: int  # MIDI

    @property
    def pitches(self) -> list[int]:
        """MIDI numbers, rising."""
        return [self.lowest + 12 * (i // 7) + MAJOR[i % 7] for i in range(NOTES)]


SCALES = (
    Scale("piano", 0, 48),
    Scale("violin", 40, 60),
    Scale("guitar", 24, 45),
    Scale("bass", 33, 28),
    Scale("lead", 81, 57),
)


def render_scale(synth: SoundfontSynth, scale: Scale, rate_hz: int) -> Samples:
    """The scale's notes one after another, ``(S,)``, each :data:`NOTE_S` long and :data:`GAP_S` apart."""
    step = NOTE_S + GAP_S
    notes = tuple(Sounding(i * step, i * step + NOTE_S, pitch, 96) for i, pitch in enumerate(scale.pitches))
    sound = synth.render([Part(Track(scale.name, Program(scale.program)), notes, ())], NOTES * step)
    resampled = soxr.resample(sound.astype(np.float32), SAMPLE_RATE_HZ, rate_hz)
    return (resampled * (LEVEL / max(1e-6, float(np.abs(resampled).max())))).astype(np.float32)


def pitches_found(samples: Samples, pitches: Sequence[int], rate_hz: int) -> list[bool]:
    """Which notes of a scale a pitch tracker (pYIN) hears within :data:`TOLERANCE_CENTS` of where they should be."""
    import librosa

    step, found = round((NOTE_S + GAP_S) * rate_hz), []
    for i, pitch in enumerate(pitches):
        # The note's body, past its attack
        note = samples[i * step + round(0.08 * rate_hz) : i * step + round(NOTE_S * rate_hz)]
        hz, voiced, _ = librosa.pyin(
            note, fmin=30, fmax=2000, sr=rate_hz, frame_length=4096, hop_length=512, resolution=0.2
        )
        heard = hz[voiced]
        cents = 1200 * np.log2(np.median(heard) / librosa.midi_to_hz(pitch)) if len(heard) else np.inf
        found.append(bool(abs(cents) <= TOLERANCE_CENTS))
    return found


def scale_figures(through_codec: Callable[[Samples], Samples], rate_hz: int) -> dict[str, float]:
    """Share of notes recovered per instrument and over all, of those that the tracker hears right in the original.

    Raises:
        CorpusError: FluidSynth or the soundfont is missing.
    """
    synth = SoundfontSynth()
    kept: dict[str, list[bool]] = {}
    try:
        for scale in SCALES:
            original = render_scale(synth, scale, rate_hz)
            before = pitches_found(original, scale.pitches, rate_hz)
            after = pitches_found(through_codec(original), scale.pitches, rate_hz)
            kept[scale.name] = [a for a, b in zip(after, before, strict=True) if b]
    finally:
        synth.close()
    shares = {name: float(np.mean(notes)) for name, notes in kept.items()}
    return shares | {"all": float(np.mean([note for notes in kept.values() for note in notes]))}
