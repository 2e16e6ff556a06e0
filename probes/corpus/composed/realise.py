"""From beats to seconds: swing, rubato, the small inaccuracies of players, pedal."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from probes.corpus.composed.song import Song, Track

RESTRIKE_GAP_S = 0.006
UNISON_S = 0.025
_GRID_PER_BEAT = 8


@dataclass(frozen=True, slots=True)
class Sounding:
    """A note in seconds from the song's start; ``velocity`` 1–127."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Part:
    """A track as performed. ``bends`` are (second, semitones)."""

    track: Track
    notes: tuple[Sounding, ...]
    bends: tuple[tuple[float, float], ...]


class TempoMap:
    """Seconds of every beat, after swing of the eighths and rubato with a ritard at the end of four-bar phrases."""

    def __init__(self, song: Song) -> None:
        rng = np.random.default_rng((song.performance_seed, 0))
        beats = song.beats + 8
        self._swing = song.swing
        self._grid = np.arange(beats * _GRID_PER_BEAT + 1) / _GRID_PER_BEAT
        tempo = np.full(len(self._grid), song.bpm)
        if song.rubato:
            phase = rng.uniform(0, 2 * np.pi)
            period = song.beats_per_bar * int(rng.choice([2, 4]))
            wander = np.interp(self._grid, np.arange(beats + 1), rng.standard_normal(beats + 1))
            tempo = tempo * (1 + song.rubato * (np.sin(2 * np.pi * self._grid / period + phase) + 0.4 * wander))
            phrase_end = np.clip((self._grid / (song.beats_per_bar * 4) % 1 - 0.9) / 0.1, 0, 1)
            tempo = tempo * (1 - 1.6 * song.rubato * phrase_end)
        self._seconds = np.concatenate([[0.0], np.cumsum(60 / tempo[:-1] / _GRID_PER_BEAT)])

    def seconds(self, beats: Sequence[float] | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Times of beats; anything before the start is the start."""
        swung = np.maximum(np.asarray(beats, dtype=np.float64), 0)
        if abs(self._swing - 0.5) > 1e-3:
            whole, part = np.divmod(swung, 1)
            late = self._swing + (part - 0.5) * 2 * (1 - self._swing)
            swung = whole + np.where(part < 0.5, part * 2 * self._swing, late)
        return np.interp(swung, self._grid, self._seconds)


def perform(song: Song, tempo: TempoMap) -> list[Part]:
    """Every track as it is played up to the end of the clip; a track's own inaccuracies do not depend on the others."""
    last_s = song.preroll_s + song.seconds
    chord_ends = [segment.end for segment in song.segments]
    parts: list[Part] = []
    for index, track in enumerate(song.tracks):
        rng = np.random.default_rng((song.performance_seed, 1 + index))
        lag = rng.normal(0, song.timing_s * 0.5)
        starts = tempo.seconds([note.beat for note in track.notes])
        ends = tempo.seconds([note.beat + note.beats for note in track.notes])
        if track.pedal:
            held = [
                chord_ends[min(bisect.bisect_right(chord_ends, note.beat + 1e-6), len(chord_ends) - 1)]
                for note in track.notes
            ]
            ends = np.maximum(ends, tempo.seconds(held) - 0.03)
        jitter = rng.normal(0, song.timing_s, len(starts)) + lag
        velocities = [note.velocity for note in track.notes] + rng.normal(0, song.velocity_spread, len(starts))
        notes: list[Sounding] = []
        for note, start, end, shift, velocity in zip(track.notes, starts, ends, jitter, velocities, strict=True):
            start_s = max(0.0, float(start + shift))
            end_s = max(start_s + 0.04, float(end + shift * 0.5))
            if start_s < last_s:
                notes.append(Sounding(start_s, end_s, note.pitch, int(np.clip(velocity, 8, 127))))
        bend_times = tempo.seconds([bend.beat for bend in track.bends])
        bends = sorted((float(time), bend.semitones) for time, bend in zip(bend_times, track.bends, strict=True))
        parts.append(Part(track, tuple(notes), tuple(bends)))
    return parts


def separated(notes: Sequence[Sounding]) -> list[Sounding]:
    """Notes of one channel so that no pitch overlaps itself.

    Near-unisons (25 ms) become one note; a note is cut 6 ms before the same pitch strikes again, or its release would
    end the new one.
    """
    kept: list[Sounding] = []
    latest: dict[int, int] = {}
    for note in sorted(notes, key=lambda note: note.start_s):
        index = latest.get(note.pitch)
        if index is not None:
            before = kept[index]
            if note.start_s - before.start_s < UNISON_S:
                kept[index] = Sounding(
                    before.start_s, max(before.end_s, note.end_s), note.pitch, max(before.velocity, note.velocity)
                )
                continue
            if before.end_s > note.start_s - RESTRIKE_GAP_S:
                end_s = max(before.start_s + 0.015, note.start_s - RESTRIKE_GAP_S)
                kept[index] = Sounding(before.start_s, end_s, before.pitch, before.velocity)
        latest[note.pitch] = len(kept)
        kept.append(note)
    return kept


def samples(seconds: float, sample_rate_hz: int) -> int:
    """Whole samples in a time."""
    return math.floor(seconds * sample_rate_hz)
