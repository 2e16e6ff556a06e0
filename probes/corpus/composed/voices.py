"""Our own synthesisers for electronic music: band-limited saws through a moving low-pass, and a sine-sweep kick."""

from __future__ import annotations

import numpy as np

from probes.corpus.composed.filters import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Signal, blocks, moving_low_pass
from probes.corpus.composed.realise import Part, samples
from probes.corpus.composed.song import Kick, Saw

_RELEASE_S = 0.03
_KICK_S = 0.45


def saw_wave(frequencies_hz: Signal, phases: Signal, length: int) -> Signal:
    """The sum of saws of constant frequency, ``(length,)``.

    The steps are smoothed by polynomial band-limited ones (PolyBLEP, Välimäki and Huovilainen 2007).
    """
    step = (frequencies_hz / SAMPLE_RATE_HZ)[:, None]
    phase = (phases[:, None] + np.arange(length) * step) % 1.0
    wave = 2 * phase - 1
    after = phase / step
    before = (phase - 1) / step
    wave -= np.where(after < 1, after + after - after * after - 1, 0)
    wave -= np.where(before > -1, before * before + before + before + 1, 0)
    return np.asarray(wave.sum(axis=0))


def play_saw(patch: Saw, part: Part, total_samples: int, rng: np.random.Generator) -> Signal:
    """A part on the subtractive synthesiser; the filter's envelope is shared, as on a monophonic machine."""
    out = np.zeros(total_samples)
    block_count = blocks(total_samples)
    block_times = np.arange(block_count) * BLOCK_SAMPLES / SAMPLE_RATE_HZ
    opening = np.zeros(block_count)
    spread = np.linspace(-1, 1, patch.voices) if patch.voices > 1 else np.zeros(1)
    detune = 2 ** (patch.detune_semitones * spread / 12)
    release = samples(_RELEASE_S, SAMPLE_RATE_HZ)
    for note in sorted(part.notes, key=lambda note: note.start_s):
        start = samples(note.start_s, SAMPLE_RATE_HZ)
        length = min(total_samples, samples(note.end_s + _RELEASE_S, SAMPLE_RATE_HZ)) - start
        if length < 64:
            continue
        frequency = 440 * 2 ** ((note.pitch - 69) / 12)
        tone = saw_wave(frequency * detune, rng.random(patch.voices), length)
        attack = min(length, max(1, samples(patch.attack_s, SAMPLE_RATE_HZ)))
        tone[:attack] *= np.linspace(0, 1, attack)
        fade = min(length, release)
        tone[-fade:] *= np.linspace(1, 0, fade)
        out[start : start + length] += tone * ((note.velocity / 127) ** 1.3 / np.sqrt(patch.voices))
        first = start // BLOCK_SAMPLES
        strike = np.exp(-(block_times[first:] - block_times[first]) / patch.decay_s) * (note.velocity / 100) ** 2
        opening[first:] = np.maximum(opening[first:] * 0.3, strike)
    return moving_low_pass(out, patch.cutoff_hz + patch.sweep_hz * opening, max(0.6, patch.resonance)) * 0.3


def play_kick(patch: Kick, part: Part, total_samples: int, rng: np.random.Generator) -> Signal:
    """A part on the synthetic kick drum."""
    time = np.arange(samples(_KICK_S, SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    frequency = patch.pitch_hz + (180 + 120 * patch.click) * np.exp(-time / 0.022)
    hit = np.sin(2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE_HZ) * np.exp(-time / patch.decay_s)
    hit += patch.click * np.exp(-time / 0.002) * rng.standard_normal(len(time)) * 0.5
    hit = np.tanh(1.6 * hit) * 0.8
    hit[-400:] *= np.linspace(1, 0, 400)
    out = np.zeros(total_samples)
    for note in part.notes:
        start = samples(note.start_s, SAMPLE_RATE_HZ)
        length = min(len(hit), total_samples - start)
        if length > 0:
            out[start : start + length] += hit[:length] * (note.velocity / 127)
    return out
