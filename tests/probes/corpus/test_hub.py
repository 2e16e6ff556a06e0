"""The layout of lewtun/music_genres, read through `datasets` itself from a local copy that the test makes."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
import soundfile

from engine.errors import CorpusError
from probes.corpus.hub import open_hub

RATE_HZ = 8_000


def tone(song: int, kind: str = "WAV") -> bytes:
    buffer = io.BytesIO()
    time_s = np.arange(6 * RATE_HZ) / RATE_HZ
    soundfile.write(buffer, 0.3 * np.sin(2 * np.pi * (200 + song) * time_s), RATE_HZ, format=kind)
    return buffer.getvalue()


def write_dataset(
    folder: Path, genres: tuple[str, ...] = ("Rock", "Hip-Hop/Rap"), columns: dict[str, str] | None = None
) -> Path:
    for number, split in enumerate(("train", "test")):
        rows: dict[str, list[Any]] = {"audio": [], "song_id": [], "genre_id": [], "genre": []}
        for genre_id, genre in enumerate(genres):
            for song in range(3):
                song_id = 100 * number + 10 * genre_id + song
                rows["audio"].append({"bytes": tone(song_id), "path": None})
                rows["song_id"].append(song_id)
                rows["genre_id"].append(genre_id)
                rows["genre"].append(genre)
        renamed = {(columns or {}).get(name, name): values for name, values in rows.items()}
        folder.mkdir(parents=True, exist_ok=True)
        typed = datasets.Dataset.from_dict(renamed).cast_column("audio", datasets.Audio())
        typed.to_parquet(str(folder / f"{split}.parquet"))
    return folder


def test_the_layout_becomes_a_corpus(tmp_path: Path) -> None:
    name = write_dataset(tmp_path / "music_genres")
    corpus = open_hub(str(name), tmp_path / "cache")
    assert corpus.name == f"hub:{name}"
    assert corpus.labels == ("Hip-Hop-Rap", "Rock")
    assert len(corpus.clips) == 12
    assert len({clip.song for clip in corpus.clips}) == 12
    assert corpus.clips[0].read(RATE_HZ, 1).shape == (1, 6 * RATE_HZ)


def test_the_audio_has_its_own_type_and_is_never_decoded_by_datasets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its decoder is a package of its own, which nobody needs: the bytes are what soundfile reads."""
    name = write_dataset(tmp_path / "music_genres")
    stored = datasets.load_dataset(str(name))["train"].features["audio"]
    assert isinstance(stored, datasets.Audio)
    monkeypatch.setattr(datasets.Audio, "decode_example", lambda *_, **__: pytest.fail("decoded"))
    assert len(open_hub(str(name), tmp_path / "cache").clips) == 12


def rows(monkeypatch: pytest.MonkeyPatch, made: list[dict[str, Any]]) -> None:
    monkeypatch.setattr("probes.corpus.hub._rows", lambda _: iter(made))


def row(song_id: object, genre: str, audio: dict[str, Any]) -> dict[str, Any]:
    return {"song_id": song_id, "genre": genre, "audio": audio}


def test_mp3s_with_and_without_a_name_and_broken_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {"a": "song.mp3", "b": None}
    made = [
        row(song, genre, {"bytes": tone(song, "MP3"), "path": name})
        for genre, name in kinds.items()
        for song in range(3)
    ]
    rows(monkeypatch, [*made, row(9, "a", {"bytes": b"no music", "path": "x.mp3"})])
    corpus = open_hub("some/thing", tmp_path)
    assert len(corpus.clips) == 6
    assert {clip.path.name for clip in corpus.clips if clip.label == "a"} == {"0.mp3", "1.mp3", "2.mp3"}
    assert [line.split(": ")[1] for line in corpus.skipped] == ["not a sound file that can be read"]
    assert corpus.clips[0].read(RATE_HZ, 1).shape == (1, 6 * RATE_HZ)


def test_audio_may_lie_in_files_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for song in range(3):
        (tmp_path / f"{song}.wav").write_bytes(tone(song))
    audio = [{"bytes": None, "path": str(tmp_path / f"{song}.wav")} for song in range(3)]
    rows(monkeypatch, [row(song, genre, audio[song]) for genre in "ab" for song in range(3)])
    assert len(open_hub("some/thing", tmp_path / "cache").clips) == 6


def test_names_lead_out_of_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audio = {"bytes": tone(0), "path": "../../x/../y.wav"}
    rows(monkeypatch, [row(f"../../{song}", genre, audio) for genre in ("../a", "..") for song in range(3)])
    assert open_hub("../../some", tmp_path / "cache").labels == ("-a", "unnamed")
    assert {path.name for path in tmp_path.iterdir()} == {"cache"}


def test_it_is_laid_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = str(write_dataset(tmp_path / "music_genres"))
    first = open_hub(name, tmp_path / "cache")
    monkeypatch.setattr("probes.corpus.hub._rows", lambda _: pytest.fail("fetched again"))
    assert open_hub(name, tmp_path / "cache").clips == first.clips


def test_other_columns_are_refused(tmp_path: Path) -> None:
    name = write_dataset(tmp_path / "other", columns={"genre": "label"})
    with pytest.raises(CorpusError, match="no column 'genre'"):
        open_hub(str(name), tmp_path / "cache")


def test_a_name_that_cannot_be_had_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be had"):
        open_hub(str(tmp_path / "nothing"), tmp_path / "cache")


def test_no_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="give hub:NAME"):
        open_hub("", tmp_path)


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(CorpusError, match=r"segue(\.cmd)? install hub$"):
        open_hub("lewtun/music_genres", tmp_path / "cache")
