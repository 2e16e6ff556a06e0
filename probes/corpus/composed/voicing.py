"""Chords as sounding pitches: close position with smooth leading, rootless jazz voicings, four-part writing."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.random import Generator

from probes.corpus.composed.chance import happens
from probes.corpus.composed.theory import Chord, nearest

# Bass, tenor, alto, soprano: lowest pitch and first pitch beyond.
_RANGES = ((40, 57), (50, 67), (55, 74), (62, 81))


def close_voicing(pitch_classes: Sequence[int], previous: Sequence[int] | None, low: int, high: int) -> list[int]:
    """Pitches in close position within ``low … high``.

    The inversion is the one that moves least from ``previous``, or lies most central where there is none.
    """
    classes = [pitch_class % 12 for pitch_class in pitch_classes]
    best: tuple[float, list[int]] | None = None
    for inversion in range(len(classes)):
        order = classes[inversion:] + classes[:inversion]
        for bass in range(low, high - 6):
            if bass % 12 != order[0]:
                continue
            pitches = [bass]
            for pitch_class in order[1:]:
                pitches.append(pitches[-1] + 1 + (pitch_class - pitches[-1] - 1) % 12)
            if pitches[-1] > high:
                continue
            if previous is not None and len(previous) == len(pitches):
                cost = float(sum(abs(a - b) for a, b in zip(pitches, previous, strict=True)))
            else:
                cost = abs(sum(pitches) / len(pitches) - (low + high) / 2)
            if best is None or cost < best[0]:
                best = (cost, pitches)
    if best is None:
        return sorted({nearest((low + high) // 2, pitch_class, low, high) for pitch_class in classes})
    return best[1]


def rootless(chord: Chord) -> list[int]:
    """Third, fifth (or thirteenth on dominants), seventh (or sixth) and ninth: a bassist plays the root."""
    intervals = chord.intervals
    third = intervals[1]
    seventh = next((interval for interval in intervals if interval in (9, 10, 11)), 9)
    ninth = {"7b9": 13, "7#9": 15}.get(chord.quality, 14)
    fifth = 9 if chord.quality in ("7", "9", "13") else chord.fifth
    return [(chord.root + interval) % 12 for interval in (third, fifth, seventh, ninth)]


def four_parts(rng: Generator, chords: Sequence[Chord]) -> list[tuple[int, int, int, int]]:
    """Bass, tenor, alto, soprano for every chord.

    Minimal motion, complete chords, no parallel fifths or octaves where avoidable.
    """
    written: list[tuple[int, int, int, int]] = []
    previous: tuple[int, int, int, int] | None = None
    for index, chord in enumerate(chords):
        classes = chord.pitch_classes
        root_position = happens(rng, 0.8) or index in (0, len(chords) - 1)
        bass = nearest(previous[0] if previous else 47, classes[0 if root_position else 1], *_RANGES[0])
        tenors, altos, sopranos = (_reachable(classes, part, previous) for part in (1, 2, 3))
        best: tuple[float, tuple[int, int, int, int]] | None = None
        for tenor in tenors:
            for alto in altos:
                if alto < tenor or alto - tenor > 12 or tenor < bass:
                    continue
                for soprano in sopranos:
                    if soprano < alto or soprano - alto > 12:
                        continue
                    parts = (bass, tenor, alto, soprano)
                    cost = _leading_cost(parts, previous, classes) + rng.random() * 2.5
                    if best is None or cost < best[0]:
                        best = (cost, parts)
        if best is None:
            upper = close_voicing(classes[:3], previous[1:] if previous else None, 55, 76)
            upper = (upper * 3)[:3] if len(upper) < 3 else upper
            best = (0.0, (bass, upper[0], upper[1], upper[2]))
        written.append(best[1])
        previous = best[1]
    return written


def _reachable(classes: Sequence[int], part: int, previous: tuple[int, int, int, int] | None) -> list[int]:
    """Chord tones of a part's range within its usual leap, or the whole range where none is."""
    in_range = [pitch for pitch in range(*_RANGES[part]) if pitch % 12 in classes]
    if previous is None:
        return in_range
    leap = 7 if part == 3 else 5
    return [pitch for pitch in in_range if abs(pitch - previous[part]) <= leap] or in_range


def _leading_cost(
    parts: tuple[int, int, int, int], previous: tuple[int, int, int, int] | None, classes: Sequence[int]
) -> float:
    """How clumsy a chord sounds after ``previous``: missing tones (the fifth counts least), motion, parallels."""
    missing = set(classes) - {pitch % 12 for pitch in parts}
    cost = 3.0 * len(missing) + 8.0 * len(missing - {classes[2] if len(classes) > 2 else -1})
    if previous is None:
        return cost + abs(parts[3] - 71) * 0.5 + abs(parts[2] - 64) * 0.3
    cost += sum(abs(now - before) for now, before in zip(parts[1:], previous[1:], strict=True))
    for lower in range(4):
        for upper in range(lower + 1, 4):
            interval = (parts[upper] - parts[lower]) % 12
            parallel = interval in (0, 7) and (previous[upper] - previous[lower]) % 12 == interval
            if parallel and parts[lower] != previous[lower]:
                cost += 12
    return cost + (1.5 if parts[3] == previous[3] else 0)
