"""A directory of genre folders: what is taken, what is skipped, what is refused, and who is held out."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.errors import AudioFileError, CorpusError
from probes.corpus.clip import Clip, Split, balanced
from probes.corpus.folder import open_folder
from probes.corpus.open import open_corpus
from probes.corpus.split import split_songs

RATE_HZ = 8_000


def tone(path: Path, seconds: float = 5.0, **settings: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 220 * time_s), RATE_HZ, **settings)
    return path


def fill(folder: Path, label: str, songs: int, seconds: float = 5.0) -> None:
    for song in range(songs):
        tone(folder / label / f"{song}.wav", seconds)


def test_labels_and_songs_come_from_the_folders(tmp_path: Path) -> None:
    fill(tmp_path, "jazz", 5)
    tone(tmp_path / "rock" / "an album" / "song.flac")
    fill(tmp_path, "rock", 4)
    corpus = open_folder(tmp_path)
    assert corpus.labels == ("jazz", "rock")
    assert len(corpus.clips) == 10
    assert "rock/an album/song.flac" in {clip.song for clip in corpus.clips}
    clip = corpus.clips[0]
    assert clip.read(4_000, 1).shape == (1, 20_000)
    assert clip.read(RATE_HZ, 2).shape == (2, 40_000)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".aiff"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    for label in ("a", "b"):
        for song in range(3):
            tone(tmp_path / label / f"{song}{suffix}")
    corpus = open_folder(tmp_path)
    assert len(corpus.clips) == 6
    assert corpus.clips[0].read(RATE_HZ, 1).std() == pytest.approx(0.3 / np.sqrt(2), rel=0.05)


def test_no_song_stands_on_two_sides(tmp_path: Path) -> None:
    fill(tmp_path, "a", 7, seconds=31.0)
    fill(tmp_path, "b", 4, seconds=31.0)
    corpus = open_folder(tmp_path)
    sides: dict[str, set[Split]] = {}
    for clip in corpus.clips:
        sides.setdefault(clip.song, set()).add(clip.split)
    assert all(len(side) == 1 for side in sides.values())
    assert {split for side in sides.values() for split in side} == {Split.TRAIN, Split.VALID, Split.TEST}


def test_classes_are_balanced_on_every_side(tmp_path: Path) -> None:
    fill(tmp_path, "a", 9, seconds=20.0)
    fill(tmp_path, "b", 4, seconds=10.0)
    count = Counter((clip.split, clip.label) for clip in open_folder(tmp_path).clips)
    for split in (Split.TRAIN, Split.VALID, Split.TEST):
        assert count[split, "a"] == count[split, "b"] > 0


def test_every_song_gives_one_segment_before_any_gives_two(tmp_path: Path) -> None:
    clips = [
        Clip(Path("x"), start, 10.0, label, f"{label}{song}", "", Split.TRAIN)
        for label, songs, starts in (("a", 5, 4), ("b", 5, 1))
        for song in range(songs)
        for start in np.arange(starts) * 10.0
    ]
    chosen = [clip for clip in balanced(clips, ("a", "b")) if clip.label == "a"]
    assert len(chosen) == len({clip.song for clip in chosen}) == 5


def test_the_split_is_stable() -> None:
    songs = [f"song {i}" for i in range(40)]
    first = split_songs(songs, "a")
    assert first == split_songs(reversed(songs), "a")
    count = Counter(first.values())
    assert (count[Split.TEST], count[Split.VALID], count[Split.TRAIN]) == (8, 4, 28)


def test_what_cannot_be_used_is_named_and_skipped(tmp_path: Path) -> None:
    fill(tmp_path, "a", 4)
    fill(tmp_path, "b", 4)
    (tmp_path / "a" / "broken.mp3").write_bytes(b"this is no music at all")
    (tmp_path / "a" / "cover.jpg").write_bytes(b"a picture")
    tone(tmp_path / "b" / "short.wav", seconds=1.0)
    tone(tmp_path / "stray.wav")
    corpus = open_folder(tmp_path)
    assert len(corpus.clips) == 8
    reasons = "\n".join(corpus.skipped)
    assert len(corpus.skipped) == 3
    assert "broken.mp3: not a sound file" in reasons
    assert "short.wav: shorter than 5 s" in reasons
    assert "stray.wav: lies in no genre's folder" in reasons


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a", 4)
    fill(tmp_path, "b", 4)
    tone(tmp_path / "b" / "secret" / "x.wav")
    scan = os.scandir

    def scandir(path: Any = ".") -> Any:
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert any("secret: Permission denied" in line for line in open_folder(tmp_path).skipped)


def test_silence_and_not_a_number_are_refused_when_read(tmp_path: Path) -> None:
    fill(tmp_path, "a", 3)
    fill(tmp_path, "b", 3)
    soundfile.write(tmp_path / "a" / "0.wav", np.zeros(40_000), RATE_HZ)
    soundfile.write(tmp_path / "a" / "1.wav", np.full(40_000, np.nan), RATE_HZ, subtype="FLOAT")
    clips = {clip.path.name: clip for clip in open_folder(tmp_path).clips if clip.label == "a"}
    with pytest.raises(AudioFileError, match="is silent"):
        clips["0.wav"].read(RATE_HZ, 1)
    with pytest.raises(AudioFileError, match="not numbers"):
        clips["1.wav"].read(RATE_HZ, 1)


@pytest.mark.parametrize(
    ("songs", "message"),
    [
        ({}, "at least two"),
        ({"a": 5}, "at least two"),
        ({"a": 5, "b": 0}, "holds no sound"),
        ({"a": 5, "b": 2}, "'b' has 2 song"),
    ],
)
def test_too_little_is_refused(tmp_path: Path, songs: dict[str, int], message: str) -> None:
    for label, count in songs.items():
        (tmp_path / label).mkdir()
        fill(tmp_path, label, count)
    with pytest.raises(CorpusError, match=message):
        open_folder(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        open_folder(tmp_path / "nothing")


def test_the_digest_follows_the_selection(tmp_path: Path) -> None:
    fill(tmp_path, "a", 4)
    fill(tmp_path, "b", 4)
    before = open_folder(tmp_path).digest
    assert before == open_folder(tmp_path).digest
    tone(tmp_path / "a" / "0.wav", seconds=6.0)
    assert before != open_folder(tmp_path).digest


def test_a_file_that_was_replaced_by_one_of_the_same_size_is_another(tmp_path: Path) -> None:
    fill(tmp_path, "a", 4)
    fill(tmp_path, "b", 4)
    before, path = open_folder(tmp_path).digest, tmp_path / "a" / "0.wav"
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000_000))
    assert before != open_folder(tmp_path).digest


def test_a_corpus_that_may_not_be_looked_into_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any, **__: Any) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", denied)
    with pytest.raises(CorpusError, match=r"cannot be read .Permission denied"):
        open_corpus(str(tmp_path), tmp_path)


def test_genres_are_chosen_by_name_whatever_their_case_and_in_the_order_asked_for(tmp_path: Path) -> None:
    for label, songs in (("Classical", 6), ("Jazz", 5), ("Old-Time", 3), ("Rock", 7)):
        fill(tmp_path, label, songs)
    corpus = open_corpus(str(tmp_path), tmp_path, only=["rock", "classical", "jazz"])
    assert corpus.labels == ("rock", "classical", "jazz")
    count = Counter(clip.label for clip in corpus.clips)
    assert count["rock"] == count["classical"] == count["jazz"] > 3, "the scarcest of all genres does not count"
    with pytest.raises(CorpusError, match="no genre 'blues', only Classical, Jazz, Old-Time, Rock"):
        open_corpus(str(tmp_path), tmp_path, only=["jazz", "blues"])
    with pytest.raises(CorpusError, match="at least two"):
        open_corpus(str(tmp_path), tmp_path, only=["jazz"])
    with pytest.raises(CorpusError, match="leave --genres out"):
        open_corpus("composed", tmp_path, only=["jazz"])
