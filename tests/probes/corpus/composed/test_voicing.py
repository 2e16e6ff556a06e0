from __future__ import annotations

import itertools

import numpy as np
import pytest

from probes.corpus.composed.theory import CHORD_INTERVALS, Chord, roman
from probes.corpus.composed.voicing import close_voicing, four_parts, rootless


def test_close_voicings_hold_the_chord_within_an_octave() -> None:
    for quality in ("", "m", "7", "maj9", "dim7"):
        for root in range(12):
            classes = Chord(root, quality).pitch_classes[:4]
            pitches = close_voicing(classes, None, 52, 72)
            assert {pitch % 12 for pitch in pitches} == set(classes)
            assert pitches == sorted(pitches)
            assert pitches[-1] - pitches[0] < 12
            assert pitches[0] >= 52
            assert pitches[-1] <= 72


def test_close_voicings_move_little() -> None:
    first = close_voicing(roman("I", 0).triad, None, 52, 72)
    for numeral in ("IV", "V", "vi"):
        second = close_voicing(roman(numeral, 0).triad, first, 52, 72)
        assert max(abs(a - b) for a, b in zip(first, second, strict=True)) <= 5


def test_rootless_voicings_leave_the_root_and_keep_third_and_seventh() -> None:
    for quality in ("7", "maj7", "m7", "m7b5", "9", "13", "7b9", "7#9", "m9", "maj9"):
        chord = Chord(0, quality)
        tones = rootless(chord)
        third, seventh = CHORD_INTERVALS[quality][1], next(i for i in CHORD_INTERVALS[quality] if i in (10, 11))
        assert len(set(tones)) == 4
        assert {third, seventh} <= set(tones)
        assert 0 not in tones


def fifths_and_octaves_in_parallel(before: tuple[int, ...], after: tuple[int, ...]) -> int:
    return sum(
        (after[j] - after[i]) % 12 in (0, 7)
        and (before[j] - before[i]) % 12 == (after[j] - after[i]) % 12
        and before[i] != after[i]
        for i in range(4)
        for j in range(i + 1, 4)
    )


@pytest.mark.parametrize("seed", range(5))
def test_four_parts_keep_their_order_and_avoid_parallels(seed: int) -> None:
    chords = [
        roman(numeral, seed) for numeral in ["I", "vi", "IV", "ii", "V7", "I", "IV", "V", "I", "vi", "ii", "V7", "I"]
    ]
    voiced = four_parts(np.random.default_rng(seed), chords)
    assert len(voiced) == len(chords)
    for chord, (bass, tenor, alto, soprano) in zip(chords, voiced, strict=True):
        assert bass <= tenor <= alto <= soprano
        assert {bass % 12, tenor % 12, alto % 12, soprano % 12} <= set(chord.pitch_classes)
        assert bass >= 40
        assert soprano <= 81
    parallels = sum(fifths_and_octaves_in_parallel(a, b) for a, b in itertools.pairwise(voiced))
    assert parallels <= 2
