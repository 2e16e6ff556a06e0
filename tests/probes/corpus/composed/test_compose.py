from __future__ import annotations

import itertools
import re

import pytest

from engine.errors import CorpusError
from probes.corpus.composed.compose import compose
from probes.corpus.composed.exercise import EXERCISES, compose_exercise
from probes.corpus.composed.genres import GENRES, HELD_OUT_STYLES
from probes.corpus.composed.song import DrumKit, Program, Song
from probes.corpus.composed.theory import PITCH_NAMES

ALL_STYLES = [(genre, style) for genre, styles in GENRES.items() for style in styles]


def content(song: Song) -> tuple[object, ...]:
    return (
        song.facts(),
        song.preroll_s,
        song.performance_seed,
        song.effects,
        [(track.name, track.instrument, track.notes, track.bends) for track in song.tracks],
    )


def test_four_genres_in_ring_order_with_at_least_ten_styles() -> None:
    assert tuple(GENRES) == ("classical", "electronic", "jazz", "rock")
    assert min(len(styles) for styles in GENRES.values()) >= 10
    assert len({style for _, style in ALL_STYLES}) == len(ALL_STYLES)
    assert all(HELD_OUT_STYLES[genre] in GENRES[genre] for genre in GENRES)


@pytest.mark.parametrize("genre", GENRES)
def test_the_same_seed_gives_the_same_song(genre: str) -> None:
    songs = [content(compose(genre, seed, seconds=8.0)) for seed in (1, 1, 2)]
    assert songs[0] == songs[1]
    assert songs[0] != songs[2]


@pytest.mark.parametrize(("genre", "style"), ALL_STYLES)
def test_every_style_writes_playable_music(genre: str, style: str) -> None:
    for seed, seconds in ((1, 20.0), (2, 5.0), (3, 12.0)):
        song = compose(genre, seed, style, seconds)
        names = [track.name for track in song.tracks]
        assert len(set(names)) == len(names)
        assert any(track.is_melodic for track in song.tracks)
        assert len({t.instrument for t in song.tracks if isinstance(t.instrument, DrumKit)}) <= 1
        assert sum(isinstance(t.instrument, Program) for t in song.tracks) <= 15
        assert song.beats * 60 / song.bpm >= seconds + song.preroll_s
        for track in song.tracks:
            assert all(20 <= note.pitch <= 108 for note in track.notes)
            assert all(-1 <= note.beat <= song.beats + 1 and note.beats > 0 for note in track.notes)


@pytest.mark.parametrize(
    "style", ["piano sonatina", "string quartet", "house", "jazz waltz", "classic rock", "folk rock"]
)
def test_most_notes_belong_to_the_chord_or_its_scale(style: str) -> None:
    genre = next(genre for genre, styles in GENRES.items() if style in styles)
    fits: list[bool] = []
    for seed in range(4):
        song = compose(genre, seed, style, 15.0)
        for track in song.tracks:
            if track.is_melodic:
                fits += [note.pitch % 12 in song.scale_at(max(0, note.beat)) for note in track.notes]
    assert sum(fits) / len(fits) > 0.85


@pytest.mark.parametrize(("genre", "style"), ALL_STYLES)
def test_prompts_name_genre_style_tempo_and_instruments_but_no_key(genre: str, style: str) -> None:
    prompts = list(itertools.chain.from_iterable(compose(genre, seed, style).prompts for seed in range(6)))
    song = compose(genre, 0, style)
    assert len(set(song.prompts)) == len(song.prompts) >= 5
    assert any(genre in prompt for prompt in prompts)
    assert any(style in prompt for prompt in prompts)
    assert any("bpm" in prompt for prompt in prompts)
    assert any(tag in prompt for prompt in prompts for tag in song.tags)
    keys = re.compile(rf"\b({'|'.join(re.escape(name) for name in PITCH_NAMES)}) (major|minor)|\bin [A-G][#b]?\b")
    assert not any(keys.search(prompt) for prompt in prompts)


def test_unknown_genre_and_style_name_the_choice() -> None:
    with pytest.raises(CorpusError, match="unknown genre 'polka'; choose from classical, electronic, jazz, rock"):
        compose("polka", 1)
    with pytest.raises(CorpusError, match="unknown jazz style 'metal'; choose from swing combo"):
        compose("jazz", 1, "metal")


def test_a_clip_shorter_than_a_beat_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"shorter than one beat \(\d\.\d\d s at \d+ bpm\)"):
        compose("classical", 1, "string adagio", 0.3)
    with pytest.raises(CorpusError, match="shorter than one beat"):
        compose_exercise("rock", 1, 0.2)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_impossible_lengths_are_refused(seconds: float) -> None:
    with pytest.raises(CorpusError, match="cannot be composed"):
        compose("rock", 1, seconds=seconds)


@pytest.mark.parametrize("genre", GENRES)
def test_exercises_play_one_instrument_note_after_note(genre: str) -> None:
    for seed in range(8):
        song = compose_exercise(genre, seed, 10.0)
        (track,) = song.tracks
        exercise = next(e for e in EXERCISES[genre] if (e.name, e.instrument) == (track.name, track.instrument))
        assert all(exercise.low <= note.pitch <= exercise.high for note in track.notes)
        ends = [note.beat + note.beats for note in track.notes]
        assert all(end <= later.beat + 1e-9 for end, later in zip(ends, track.notes[1:], strict=False))
        assert all(track.name in prompt for prompt in song.prompts)


def test_exercises_cover_the_instruments_that_a_codec_is_judged_on() -> None:
    names = " ".join(exercise.name for exercises in EXERCISES.values() for exercise in exercises)
    assert all(name in names for name in ("piano", "violin", "guitar", "bass", "saw lead"))
