"""What steering should leave alone: tempo, key and harmony, melody. Estimates from sound, in numpy alone."""

from __future__ import annotations

from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray

from probes.evaluate.features import HOP_SAMPLES, RATE_HZ, log_mel, spectrogram
from probes.moments import Doubles, Floats

LOWEST_BPM, HIGHEST_BPM = 40.0, 240.0
#: where tempi of music gather, and how far they spread, in octaves
USUAL_BPM, SPREAD_OCTAVES = 120.0, 1.0
SMOOTHING = np.array([1, 4, 6, 4, 1]) / 16
TEMPO_TOLERANCE = 0.06
#: an estimate cannot tell the beat from its half or its double
TEMPO_OCTAVES = (0.5, 1.0, 2.0)

CHROMA_RATE_HZ = 8_000
CHROMA_WINDOW_SAMPLES = 2048  # 0.26 s: semitones are told apart from 130 Hz up
CHROMA_HOP_SAMPLES = 800
CHROMA_PER_S = CHROMA_RATE_HZ / CHROMA_HOP_SAMPLES
CHROMA_BAND_HZ = (110.0, 2_000.0)
A4_HZ = 440.0
PASSAGE_COLUMNS = 10  # a second

# How well each degree of the scale fits a major and a minor key (Krumhansl and Kessler, 1982)
MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def tempo_bpm(samples: Floats, rate_hz: int) -> float:
    """The likeliest tempo of mono samples ``(S,)``: autocorrelation of onsets, weighed by how usual a tempo is.

    As Ellis (2007), “Beat tracking by dynamic programming”. Not a number for sound without onsets.
    """
    bands = log_mel(spectrogram(samples, rate_hz))
    onsets = np.maximum(np.diff(bands, axis=0), 0).mean(1)
    if len(onsets) > len(SMOOTHING):
        # A beat rarely takes a whole number of frames: without this its peak would be split between two lags.
        onsets = np.convolve(onsets - onsets.mean(), SMOOTHING, "valid")
    per_minute = 60 * RATE_HZ / HOP_SAMPLES
    lags = np.arange(int(per_minute / HIGHEST_BPM), min(int(per_minute / LOWEST_BPM) + 1, len(onsets) // 2))
    if not len(lags) or not (onsets @ onsets) > 1e-9:
        return float("nan")
    likeness = np.array([onsets[lag:] @ onsets[:-lag] / (len(onsets) - lag) for lag in lags])
    usual = np.exp(-0.5 * (np.log2(per_minute / lags / USUAL_BPM) / SPREAD_OCTAVES) ** 2)
    scores = np.maximum(likeness, 0) * usual
    best = int(scores.argmax())
    offset = 0.0
    if 0 < best < len(lags) - 1:  # a parabola through the peak: a lag is 20 ms, too coarse for fast music
        before, peak, after = likeness[best - 1 : best + 2]
        bend = before - 2 * peak + after
        offset = float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < 0 else 0.0
    return float(per_minute / (lags[best] + offset))


def same_tempo(ours: Doubles, theirs: Doubles) -> NDArray[np.bool_]:
    """Whether tempi agree, or one is the other's half or double; element by element."""
    ratios = np.asarray(ours)[..., None] / (np.asarray(theirs)[..., None] * np.array(TEMPO_OCTAVES))
    return (np.abs(ratios - 1) <= TEMPO_TOLERANCE).any(-1)


@cache
def _pitch_classes() -> Doubles:
    """How much of each bin's magnitude belongs to each pitch class, C first, ``(bins, 12)``."""
    bins_hz = np.fft.rfftfreq(CHROMA_WINDOW_SAMPLES, 1 / CHROMA_RATE_HZ)
    low, high = CHROMA_BAND_HZ
    audible = (bins_hz >= low) & (bins_hz <= high)
    semitones = 12 * np.log2(np.where(audible, bins_hz, A4_HZ) / A4_HZ) + 9  # above a C
    distance = (semitones[:, None] - np.arange(12) + 6) % 12 - 6
    return np.exp(-0.5 * (distance / 0.5) ** 2) * audible[:, None]


def chroma(samples: Floats, rate_hz: int) -> Floats:
    """Strength of the pitch classes of mono samples ``(S,)``, ten columns a second, ``(P, 12)``; each of unit length or silent.

    Only peaks of the spectrum count: what lies between partials is not pitch.
    """
    narrow = soxr.resample(samples.astype(np.float64), rate_hz, CHROMA_RATE_HZ)
    count = round(len(samples) / rate_hz * CHROMA_PER_S)
    padded = np.pad(narrow, (CHROMA_WINDOW_SAMPLES // 2, CHROMA_WINDOW_SAMPLES))
    frames = np.lib.stride_tricks.sliding_window_view(padded, CHROMA_WINDOW_SAMPLES)[::CHROMA_HOP_SAMPLES][:count]
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(CHROMA_WINDOW_SAMPLES)))
    above = np.pad(magnitude, ((0, 0), (1, 1)))
    peaks = np.where((magnitude >= above[:, :-2]) & (magnitude >= above[:, 2:]), magnitude, 0)
    classes = peaks @ _pitch_classes()
    length = np.linalg.norm(classes, axis=1, keepdims=True)
    return (classes / np.maximum(length, 1e-6)).astype(np.float32)


def key(columns: Floats) -> int:
    """The key that fits chroma ``(P, 12)`` best: 0 … 11 for C major to B major, 12 … 23 for the minor ones."""
    mean = columns.mean(0, dtype=np.float64)
    profiles = np.stack([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
    centred = profiles - profiles.mean(1, keepdims=True)
    fits = centred @ (mean - mean.mean()) / np.linalg.norm(centred, axis=1)
    return int(fits.argmax())


def chroma_correlation(ours: Floats, theirs: Floats) -> float:
    """Pearson correlation of the mean chroma of two stretches ``(P, 12)``; 0 where one has no pitch."""
    a, b = (columns.mean(0, dtype=np.float64) for columns in (ours, theirs))
    a, b = a - a.mean(), b - b.mean()
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length > 1e-9 else 0.0


def melody_similarity(ours: Floats, theirs: Floats) -> float:
    """How much of the melodic course of ``ours`` ``(P, 12)`` was heard in ``theirs``: 1 if every second of it was.

    For each passage of a second the cosine with the most similar passage of the other, mean over passages; what is constant
    in each stretch, its key, has been taken away before. After the cross-similarity of cover song detection (Serrà, 2009).
    """
    passages = []
    for columns in (ours, theirs):
        moving = columns - columns.mean(0)
        windows = np.lib.stride_tricks.sliding_window_view(moving, PASSAGE_COLUMNS, axis=0).reshape(
            -1, 12 * PASSAGE_COLUMNS
        )
        passages.append(windows / np.maximum(np.linalg.norm(windows, axis=1, keepdims=True), 1e-6))
    return float((passages[0] @ passages[1].T).max(1).mean())
