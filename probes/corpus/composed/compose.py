"""Genre and seed in, song out."""

from __future__ import annotations

import math

import numpy as np

from engine.errors import CorpusError
from probes.corpus.composed.arrange import arrange
from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.genres import styles_of
from probes.corpus.composed.prompts import song_prompts
from probes.corpus.composed.song import Brief, Song

LONGEST_CLIP_S = 600.0
_ARRANGED_SHARE = {"electronic": 0.6, "rock": 0.4}


def compose(genre: str, seed: int, style: str | None = None, seconds: float = 10.0) -> Song:
    """Write a song: the same for the same arguments and NumPy (whose streams may change between versions).

    Args:
        genre: classical, electronic, jazz or rock.
        seed: any non-negative integer.
        style: a sub-style of the genre; drawn from the seed when not given.
        seconds: length of the clip that will be rendered.

    Raises:
        CorpusError: the genre or style is unknown, or the clip is shorter than a beat or longer than ten minutes.
    """
    styles = styles_of(genre)
    if style is not None and style not in styles:
        raise CorpusError(f"unknown {genre} style {style!r}; choose from {', '.join(styles)}")
    if not math.isfinite(seconds) or not 0 < seconds <= LONGEST_CLIP_S:
        raise CorpusError(
            f"a clip of {seconds:g} s cannot be composed; ask for more than 0 and up to {LONGEST_CLIP_S:.0f} s"
        )
    rng = np.random.default_rng(seed)
    drawn = pick(rng, tuple(styles))
    name = style or drawn
    song = styles[name](Brief(rng, genre, name, seconds))
    return finish(song)


def finish(song: Song) -> Song:
    """What every song needs once its notes are written: arrangement, texts, a seed for its performance."""
    rng = song.rng
    beat_s = 60 / song.bpm
    if song.seconds < beat_s:
        raise CorpusError(
            f"{song.seconds:g} s is shorter than one beat ({beat_s:.2f} s at {song.bpm:.0f} bpm); ask for more seconds"
        )
    if happens(rng, _ARRANGED_SHARE.get(song.genre, 0.0)):
        arrange(song)
    song.tracks = [track for track in song.tracks if track.notes]
    if not song.prompts:
        song.prompts = song_prompts(song)
    song.performance_seed = int(rng.integers(2**31))
    return song
