"""Makes one planned clip: composes, renders, checks that it sounds, and tries again where it does not."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from probes.corpus.composed.compose import compose
from probes.corpus.composed.exercise import compose_exercise
from probes.corpus.composed.filters import FRAME_SAMPLES, SAMPLE_RATE_HZ
from probes.corpus.composed.plan import Clip, Kind
from probes.corpus.composed.prompts import solo_prompts
from probes.corpus.composed.render import Renderer
from probes.corpus.composed.song import Song, Track

_SILENT_RMS = 1e-3
# Of a clip's 50 ms frames: the share that may be silent, and the longest silence in seconds.
_SILENCE_ALLOWED = {Kind.BAND: (0.08, 0.85), Kind.SOLO: (0.5, 3.0), Kind.EXERCISE: (0.5, 1.5)}
_MAX_PEAK = 0.96
_SOLO_MIN_COVER = 0.6


def make(clip: Clip, seconds: float, renderer: Renderer) -> tuple[npt.NDArray[np.float32], dict[str, object]]:
    """The clip's samples, ``(seconds · 32000,)``, and its manifest entry but for ``file``.

    A solo that rests too long with every seed becomes a clip of the whole band.

    Raises:
        CorpusError: the clip is shorter than a beat.
        RuntimeError: every attempt came out silent or broken.
    """
    for seed in clip.seeds:
        solo: str | None = None
        if clip.kind is Kind.EXERCISE:
            song = compose_exercise(clip.genre, seed, seconds)
        else:
            song = compose(clip.genre, seed, clip.style, seconds)
        prompts, instruments = song.prompts, [track.name for track in song.tracks]
        if clip.kind is Kind.SOLO:
            solo = choose_solo(song, np.random.default_rng(seed))
            prompts, instruments = solo_prompts(song, solo), [solo]
        sound = renderer.render(song, solo)
        if sounds(sound, seconds, clip.kind):
            facts = song.facts() | {"prompts": prompts, "instruments": instruments}
            return sound, {
                "id": clip.name,
                "song": clip.name,
                "split": clip.split,
                "seed": seed,
                **facts,
                "seconds": seconds,
                "sample_rate": SAMPLE_RATE_HZ,
                "solo": clip.kind is not Kind.BAND,
            }
    if clip.kind is Kind.SOLO:
        return make(replace(clip, kind=Kind.BAND), seconds, renderer)
    raise RuntimeError(f"{clip.name} ({clip.style}) is silent or broken with every seed of {clip.seeds}")


def choose_solo(song: Song, rng: np.random.Generator) -> str:
    """A pitched track that plays most of the time, or the one that plays longest."""
    covers = {track.name: _cover(song, track) for track in song.tracks if track.is_melodic}
    busy = [name for name, cover in covers.items() if cover >= _SOLO_MIN_COVER]
    return busy[int(rng.integers(len(busy)))] if busy else max(covers, key=lambda name: covers[name])


def _cover(song: Song, track: Track) -> float:
    """Share of the song's half beats in which the track sounds."""
    sounding = np.zeros(song.beats * 2, dtype=bool)
    for note in track.notes:
        sounding[max(0, int(note.beat * 2)) : max(1, int(np.ceil((note.beat + note.beats) * 2)))] = True
    return float(sounding.mean())


def sounds(sound: npt.NDArray[np.float32], seconds: float, kind: Kind) -> bool:
    """Whether a clip is whole: its length, finite, below the ceiling, and not silent beyond what its kind allows."""
    if len(sound) != int(seconds * SAMPLE_RATE_HZ) or not np.isfinite(sound).all() or np.abs(sound).max() > _MAX_PEAK:
        return False
    frames = sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    silent = np.sqrt(np.square(frames).mean(axis=1)) < _SILENT_RMS
    longest = max((sum(1 for _ in run) for quiet, run in itertools.groupby(silent) if quiet), default=0)
    share, longest_s = _SILENCE_ALLOWED[kind]
    return bool(silent.mean() <= share) and longest * FRAME_SAMPLES / SAMPLE_RATE_HZ <= longest_s
