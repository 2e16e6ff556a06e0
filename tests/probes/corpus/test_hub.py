"""The layout of lewtun/music_genres, read through `datasets` itself from a local copy that the test makes."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.errors import CorpusError
from probes.corpus.hub import open_hub

RATE_HZ = 8_000


def tone(song: int) -> bytes:
    buffer = io.BytesIO()
    time_s = np.arange(6 * RATE_HZ) / RATE_HZ
    soundfile.write(buffer, 0.3 * np.sin(2 * np.pi * (200 + song) * time_s), RATE_HZ, format="WAV")
    return buffer.getvalue()


def write_dataset(
    folder: Path, genres: tuple[str, ...] = ("Rock", "Hip-Hop/Rap"), columns: dict[str, str] | None = None
) -> Path:
    datasets = pytest.importorskip("datasets")
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
        datasets.Dataset.from_dict(renamed).to_parquet(str(folder / f"{split}.parquet"))
    return folder


def test_the_layout_becomes_a_corpus(tmp_path: Path) -> None:
    name = write_dataset(tmp_path / "music_genres")
    corpus = open_hub(str(name), tmp_path / "cache")
    assert corpus.name == f"hub:{name}"
    assert corpus.labels == ("Hip-Hop-Rap", "Rock")
    assert len(corpus.clips) == 12
    assert len({clip.song for clip in corpus.clips}) == 12
    assert corpus.clips[0].read(RATE_HZ, 1).shape == (1, 6 * RATE_HZ)


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
    pytest.importorskip("datasets")
    with pytest.raises(CorpusError, match="cannot be had"):
        open_hub(str(tmp_path / "nothing"), tmp_path / "cache")


def test_no_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="give hub:NAME"):
        open_hub("", tmp_path)


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(CorpusError, match=r"pip install 'segue\[hub\]'"):
        open_hub("lewtun/music_genres", tmp_path / "cache")
