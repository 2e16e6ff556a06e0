"""Rhythms as text, and the General MIDI drum keys.

``X`` is an accent, ``x`` normal, ``o`` soft, ``g`` a ghost note, anything else silence.
"""

from __future__ import annotations

from probes.corpus.composed.song import Track

KICK, KICK_2, SNARE, SNARE_2, STICK, CLAP = 36, 35, 38, 40, 37, 39
CLOSED_HAT, PEDAL_HAT, OPEN_HAT = 42, 44, 46
CRASH, CRASH_2, RIDE = 49, 57, 51
TAMBOURINE, COWBELL, SHAKER, HIGH_BLOCK, CONGA_HIGH, CONGA_LOW, CLAVE = 54, 56, 70, 76, 63, 64, 75
TOMS = (50, 48, 47, 45, 43, 41)

_ACCENTS = {"X": 1.15, "x": 0.95, "o": 0.62, "g": 0.38}


def strike(track: Track, start: float, pattern: str, pitch: int, velocity: float, step: float = 0.25) -> None:
    """Write one bar of a pattern from beat ``start`` on, ``step`` beats a character."""
    for index, mark in enumerate(pattern):
        accent = _ACCENTS.get(mark)
        if accent is not None:
            track.note(start + index * step, 0.2, pitch, velocity * accent)


def onsets(pattern: str) -> list[int]:
    """Indices of the characters that sound."""
    return [index for index, mark in enumerate(pattern) if mark in _ACCENTS]
