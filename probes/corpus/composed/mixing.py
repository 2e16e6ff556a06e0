"""The desk: buses balanced, effects, one mono mix at an even level.

The order matters: drive → buses by gated level → sweep, echo, side-chain → reverb → high-pass → glue → crop → level →
limiter → high-pass, since saturation leaves an offset.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from probes.corpus.composed.filters import (
    BLOCK_SAMPLES,
    SAMPLE_RATE_HZ,
    Signal,
    band_pass,
    blocks,
    gated_rms,
    high_pass,
    limit,
    moving_low_pass,
    reverb,
)
from probes.corpus.composed.realise import TempoMap, samples
from probes.corpus.composed.song import Effects, Song

TARGET_DBFS = -18.0
TARGET_SPREAD_DB = 2.0
CEILING = 0.89
BALANCE_SPREAD_DB = 1.5
# Gated RMS of every bus before the mix.
_LEVELS: Mapping[str, Mapping[str, float]] = {
    "classical": {"music": 0.1},
    "electronic": {"music": 0.085, "bass": 0.085, "kick": 0.12, "drums": 0.065},
    "jazz": {"music": 0.065, "bass": 0.07, "drums": 0.045, "lead": 0.09},
    "rock": {"guitars": 0.09, "bass": 0.07, "drums": 0.085, "lead": 0.06, "music": 0.055},
}
_UNGUITARRED_ROCK_MUSIC = 0.085
_AMPLIFIED = ("guitars", "lead")
_DUCKED = ("music", "bass", "lead")
_DRY = ("kick", "bass")


def mix(song: Song, buses: Mapping[str, Signal], tempo: TempoMap, effects: Effects, rng: np.random.Generator) -> Signal:
    """Mix the buses, ``(samples,)`` each from the song's start, into the clip: ``(seconds · 32000,)`` within ± 0.95."""
    tracks = {name: signal.copy() for name, signal in buses.items()}
    length = len(next(iter(tracks.values())))
    if song.genre == "rock":
        for bus in _AMPLIFIED:
            if bus in tracks:
                tracks[bus] = _amplifier(tracks[bus], effects)
    for bus in tracks:
        jitter = 10 ** (rng.normal(0, BALANCE_SPREAD_DB) / 20)
        rms = gated_rms(tracks[bus])
        tracks[bus] *= _level(song.genre, bus, tracks) * jitter / rms if rms > 1e-5 else 0.0
    if effects.sweep and "music" in tracks:
        tracks["music"] = _sweep(tracks["music"], song, effects)
    if effects.tremolo_hz:
        shake = 0.75 + 0.25 * np.sin(2 * np.pi * effects.tremolo_hz * np.arange(length) / SAMPLE_RATE_HZ)
        for bus in ("music", "lead"):
            if bus in tracks:
                tracks[bus] *= shake
    if effects.echo:
        for bus in ("music", "lead"):
            if bus in tracks:
                tracks[bus] = _echo(tracks[bus], song, effects)
    if effects.sidechain and effects.kick_beats:
        ducking = _ducking(length, song, tempo, effects)
        for bus in _DUCKED:
            if bus in tracks:
                tracks[bus] *= ducking
    wet: Signal = np.zeros(length)
    dry: Signal = np.zeros(length)
    for bus, signal in tracks.items():
        if bus in _DRY:
            dry += signal
        else:
            wet += signal
    if effects.riser:
        wet += _riser(length, song, effects, rng)
    master = high_pass(reverb(wet, effects.reverb_s, effects.reverb_wet) + dry, 28)
    if effects.glue > 0.01:
        pressed = master / gated_rms(master) * effects.glue
        master = np.tanh(pressed) / effects.glue
    start = samples(song.preroll_s, SAMPLE_RATE_HZ)
    return _finish(master[start : start + samples(song.seconds, SAMPLE_RATE_HZ)], rng)


def _level(genre: str, bus: str, tracks: Mapping[str, Signal]) -> float:
    if genre == "rock" and bus == "music" and "guitars" not in tracks:
        return _UNGUITARRED_ROCK_MUSIC
    return _LEVELS[genre].get(bus, 0.08)


def _amplifier(signal: Signal, effects: Effects) -> Signal:
    """Saturation, a cabinet, and a second player 13 ms later."""
    driven = np.tanh(signal / gated_rms(signal) * 0.35 * effects.drive) / effects.drive**0.7
    cabinet = band_pass(driven, 90, effects.cabinet_hz)
    delay = samples(0.013, SAMPLE_RATE_HZ)
    cabinet[delay:] += 0.35 * cabinet[:-delay].copy()
    return cabinet


def _sweep(signal: Signal, song: Song, effects: Effects) -> Signal:
    sweep = effects.sweep
    assert sweep is not None
    time = np.arange(blocks(len(signal))) * BLOCK_SAMPLES / SAMPLE_RATE_HZ
    phase = time / (sweep.bars * song.beats_per_bar * 60 / song.bpm) % 1
    shapes = {
        "up": phase,
        "down": 1 - phase,
        "updown": 1 - np.abs(2 * phase - 1),
        "lfo": 0.5 + 0.5 * np.sin(2 * np.pi * phase * sweep.bars),
    }
    return moving_low_pass(
        signal, sweep.low_hz * (sweep.high_hz / sweep.low_hz) ** shapes[sweep.shape], max(0.7, sweep.resonance)
    )


def _echo(signal: Signal, song: Song, effects: Effects) -> Signal:
    echo = effects.echo
    assert echo is not None
    delay = samples(echo.beats * 60 / song.bpm, SAMPLE_RATE_HZ)
    out = signal.copy()
    for repeat in range(1, 4):
        if delay * repeat < len(signal):
            out[delay * repeat :] += echo.wet * echo.feedback ** (repeat - 1) * signal[: -delay * repeat]
    return out


def _ducking(length: int, song: Song, tempo: TempoMap, effects: Effects) -> Signal:
    """A gain that falls at every kick within 4 ms and comes back."""
    sidechain = effects.sidechain
    assert sidechain is not None
    kicks = tempo.seconds(effects.kick_beats)
    time = np.arange(length) / SAMPLE_RATE_HZ
    latest = np.searchsorted(kicks, time, side="right") - 1
    since = np.where(latest >= 0, time - kicks[np.maximum(latest, 0)], 9.0)
    release_s = sidechain.release_beats * 60 / song.bpm
    return np.asarray(1 - sidechain.depth * np.clip(1 - since / release_s, 0, 1) ** 1.4 * np.clip(since / 0.004, 0, 1))


def _riser(length: int, song: Song, effects: Effects, rng: np.random.Generator) -> Signal:
    """Noise that opens over sixteen beats."""
    period_s = 16 * 60 / song.bpm
    phase = np.arange(length) / SAMPLE_RATE_HZ % period_s / period_s
    noise = moving_low_pass(rng.standard_normal(length), 300 * 30 ** phase[::BLOCK_SAMPLES], 1.5)
    return np.asarray(noise * phase**2 * effects.riser * 0.35)


def _finish(clip: Signal, rng: np.random.Generator) -> Signal:
    """Bring the clip to its level, limit, and fade its cut ends (4 and 20 ms)."""
    wanted = 10 ** ((TARGET_DBFS + rng.uniform(-TARGET_SPREAD_DB, TARGET_SPREAD_DB)) / 20)
    for _ in range(3):
        clip = limit(clip * (wanted / gated_rms(clip)), CEILING)
    clip = np.clip(high_pass(clip, 20), -0.95, 0.95)
    for fade_s, ramp in ((0.004, slice(None, None)), (0.02, slice(None, None, -1))):
        fade = min(samples(fade_s, SAMPLE_RATE_HZ), len(clip))
        clip[ramp][:fade] *= np.linspace(0, 1, fade)
    return clip
