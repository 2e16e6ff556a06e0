from __future__ import annotations

import pytest

from probes.corpus.composed.theory import (
    CHORD_INTERVALS,
    SCALES,
    Chord,
    chord_scale,
    ladder,
    nearest,
    nearest_chord_tone,
    roman,
)

C, G, A = 0, 7, 9


@pytest.mark.parametrize(
    ("numeral", "tonic", "pitch_classes"),
    [
        ("I", C, {0, 4, 7}),
        ("ii7", C, {2, 5, 9, 0}),
        ("V7", C, {7, 11, 2, 5}),
        ("V7b9", C, {7, 11, 2, 5, 8}),
        ("viio", C, {11, 2, 5}),
        ("iiø", A, {11, 2, 5, 9}),
        ("bVII", A, {7, 11, 2}),
        ("IVmaj7", G, {0, 4, 7, 11}),
        ("III", C, {4, 8, 11}),
        ("bii7", C, {1, 4, 8, 11}),
        ("V9sus", C, {7, 0, 2, 5, 9}),
    ],
)
def test_roman_numerals_spell_their_chords(numeral: str, tonic: int, pitch_classes: set[int]) -> None:
    assert set(roman(numeral, tonic).pitch_classes) == pitch_classes


def test_an_unknown_numeral_is_an_error() -> None:
    with pytest.raises((KeyError, StopIteration)):
        roman("x7", C)


@pytest.mark.parametrize("mode", SCALES)
@pytest.mark.parametrize("quality", [q for q in CHORD_INTERVALS if q != "5"])
def test_a_chord_scale_holds_its_chord_and_stays_near_the_key(mode: str, quality: str) -> None:
    for root in range(12):
        chord = Chord(root, quality)
        scale = chord_scale(chord, C, SCALES[mode])
        assert set(chord.pitch_classes) <= scale
        foreign = len(set(chord.pitch_classes) - set(SCALES[mode]))
        assert len(scale - set(SCALES[mode])) == foreign


def test_a_dominants_leading_tone_replaces_its_neighbours() -> None:
    assert chord_scale(roman("V7", A), A, SCALES["minor"]) == {11, 0, 2, 4, 5, 8}


def test_nearest_stays_in_range() -> None:
    for pitch in range(30, 90):
        for pitch_class in range(12):
            found = nearest(pitch, pitch_class, 48, 72)
            assert found % 12 == pitch_class
            assert 48 <= found <= 72
            assert all(abs(found - pitch) <= abs(other - pitch) for other in ladder([pitch_class], 48, 72))
    assert nearest(50, 1, 50, 52) == 50  # no C# there


def test_nearest_chord_tone_belongs_to_the_chord() -> None:
    assert nearest_chord_tone(61, roman("I", C), 48, 72) in (60, 64)
    assert nearest_chord_tone(60, roman("V7", C), 48, 72) == 59
