"""Texts that describe a song the way people ask for music. The key stays out: it can hardly be heard."""

from __future__ import annotations

from collections.abc import Sequence

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.song import Song

COUNT = 6
_NOUNS = ("song", "track", "music", "piece")
_MINOR_MOODS = ("melancholic", "dark", "moody", "serious")
_MAJOR_MOODS = ("bright", "happy", "uplifting", "warm")
SLOW_BELOW_BPM = 88
FAST_FROM_BPM = 138
_TEMPO_WORDS = {
    "slow": ("slow", "calm", "gentle"),
    "medium": ("mid-tempo", "steady", "moderate"),
    "fast": ("fast", "energetic", "lively"),
}


def tempo_class(bpm: float) -> str:
    """slow, medium or fast."""
    return "slow" if bpm < SLOW_BELOW_BPM else "fast" if bpm >= FAST_FROM_BPM else "medium"


def enumerate_words(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def song_prompts(song: Song) -> list[str]:
    """Different phrasings, in random order: genre, style, tempo in words or numbers, mood, instruments."""
    rng = song.rng
    genre, style, bpm = song.genre, song.style, round(song.bpm)
    mood = pick(rng, _MINOR_MOODS if song.is_minor else _MAJOR_MOODS)
    tempo = pick(rng, _TEMPO_WORDS[tempo_class(song.bpm)])
    noun = pick(rng, _NOUNS)
    named_style = style if genre in style else f"{genre}, {style}" if happens(rng, 0.5) else f"{style}, {genre}"
    count = int(rng.integers(1, min(3, len(song.tags)) + 1))
    kept = sorted(int(index) for index in rng.permutation(len(song.tags) - 1)[: count - 1])
    instruments = enumerate_words([song.tags[0], *(song.tags[1 + index] for index in kept)])
    weighted = (
        (f"{genre} {noun} with {instruments}, {bpm} bpm", 3.0),
        (f"{mood} {genre} {noun} with {instruments}", 3.0),
        (f"{named_style}, {bpm} bpm", 2.0),
        (f"{tempo} {named_style}", 2.0),
        (f"{style} with {instruments}", 2.0),
        (f"{tempo} {genre} {noun}", 2.5),
        (f"{mood} {genre} music", 1.5),
        (f"{genre} music", 2.0),
        (f"{genre}, {instruments}", 2.0),
        (f"a {tempo} {'piece' if noun == 'music' else noun} in {genre} style featuring {instruments}", 2.0),
        (f"{genre}, {tempo}, {bpm} bpm", 1.5),
        (f"{mood} and {tempo} {style}", 1.0),
    )
    total = sum(weight for _, weight in weighted)
    order = rng.choice(len(weighted), COUNT, replace=False, p=[weight / total for _, weight in weighted])
    return [weighted[int(index)][0] for index in order]


def solo_prompts(song: Song, instrument: str) -> list[str]:
    """Phrasings for one instrument alone; no other is named."""
    genre, bpm = song.genre, round(song.bpm)
    tempo = _TEMPO_WORDS[tempo_class(song.bpm)][0]
    return [
        f"solo {instrument}, {genre}",
        f"{genre} {instrument} alone",
        f"{tempo} {genre} {instrument} solo",
        f"unaccompanied {instrument}, {genre}, {bpm} bpm",
        f"only {instrument}, {song.style}",
        f"{instrument}",
    ]
