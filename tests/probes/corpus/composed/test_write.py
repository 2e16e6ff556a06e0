from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.errors import CorpusError
from engine.progress import silent
from probes.corpus.composed import write
from probes.corpus.composed.genres import GENRES
from probes.corpus.composed.plan import Clip
from probes.corpus.composed.soundfont import SOUNDFONT_VARIABLE
from probes.corpus.composed.write import write_corpus


def entries(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def quick(soundfont_named: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Clips of noise instead of music; returns the names of those that are made."""
    made: list[str] = []

    def noise(clip: Clip, seconds: float, renderer: object) -> tuple[np.ndarray, dict[str, object]]:
        made.append(clip.name)
        sound = np.random.default_rng(clip.seeds[0]).uniform(-0.5, 0.5, int(seconds * 32_000)).astype(np.float32)
        facts = {"id": clip.name, "split": clip.split, "seed": clip.seeds[0], "seconds": seconds, "genre": clip.genre}
        return sound, facts

    monkeypatch.setattr(write, "make", noise)
    monkeypatch.setattr(write, "_renderer", object())
    return made


def compose(folder: Path, clips: int = 3, seconds: float = 0.5, **settings: Any) -> write.Summary:
    return write_corpus(folder, clips_per_genre=clips, seconds=seconds, progress=silent, **settings)


def test_a_corpus_is_flac_files_and_a_manifest_genres_in_turn(tmp_path: Path, quick: list[str]) -> None:
    summary = compose(tmp_path / "deep" / "corpus")
    assert (summary.written, summary.kept, summary.interrupted) == (12, 0, False)
    listed = entries(summary.folder)
    assert [entry["genre"] for entry in listed] == list(GENRES) * 3
    for entry in listed:
        info = soundfile.info(summary.folder / entry["file"])
        assert (info.samplerate, info.channels, info.frames) == (32_000, 1, 16_000)
        assert (info.format, info.subtype) == ("FLAC", "PCM_16")
    assert sum(summary.splits.values()) == 12
    assert not list(summary.folder.rglob("*.part"))


def test_a_second_run_adds_only_what_is_missing(tmp_path: Path, quick: list[str]) -> None:
    compose(tmp_path, 2)
    first = (tmp_path / "manifest.jsonl").read_text(encoding="utf-8")
    assert compose(tmp_path, 2).written == 0
    (tmp_path / "jazz" / "jazz-00001.flac").unlink()
    quick.clear()
    summary = compose(tmp_path, 3)
    assert sorted(quick) == sorted(["jazz-00001", *(f"{genre}-00002" for genre in GENRES)])
    assert (summary.written, summary.kept) == (5, 7)
    assert {entry["id"] for entry in entries(tmp_path)} == {f"{genre}-{i:05d}" for genre in GENRES for i in range(3)}
    assert first.splitlines()[0] in (tmp_path / "manifest.jsonl").read_text(encoding="utf-8")


def test_an_interrupt_leaves_a_valid_corpus_that_is_resumed(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = write.make

    def interrupted(clip: Clip, seconds: float, renderer: Any) -> Any:
        if len(quick) == 5:
            raise KeyboardInterrupt
        return noise(clip, seconds, renderer)

    monkeypatch.setattr(write, "make", interrupted)
    summary = compose(tmp_path)
    assert (summary.written, summary.interrupted) == (5, True)
    assert len(entries(tmp_path)) == 5
    monkeypatch.setattr(write, "make", noise)
    assert compose(tmp_path).written == 7


WORKING = """
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import getpid
from probes.corpus.composed.write import _follow_parent

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_follow_parent)
    print(pool.submit(getpid).result(), flush=True)
    pool.submit(time.sleep, 60).result()
"""


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "working.py"
    script.write_text(WORKING, encoding="utf-8")
    root = Path(write.__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(root)}
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
        # The worker holds the other end of the parent's standard output: it closes when both have ended.
        begun = time.monotonic()
        assert parent.stdout.read() == ""
        assert time.monotonic() - begun < 20, f"{worker} goes on"


def test_a_full_disk_says_so_and_keeps_what_is_written(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = soundfile.write

    def filling(path: Path, *arguments: Any, **settings: Any) -> None:
        if len(quick) > 4:
            Path(path).write_bytes(b"half")
            raise soundfile.LibsndfileError(2, "no room: ")
        original(path, *arguments, **settings)

    monkeypatch.setattr(soundfile, "write", filling)
    with pytest.raises(CorpusError, match="free some space and run the same command again"):
        compose(tmp_path)
    assert len(entries(tmp_path)) == 4
    assert sorted(path.suffix for path in tmp_path.rglob("*") if path.is_file()) == [".flac"] * 4 + [".jsonl"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"clips": 0}, "zero clips"),
        ({"clips": -3}, "zero clips"),
        ({"workers": 0}, "at least one worker"),
    ],
)
def test_senseless_requests_are_refused(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        compose(tmp_path, **settings)
    assert not list(tmp_path.iterdir())


def test_a_folder_of_another_corpus_is_not_mixed(tmp_path: Path, quick: list[str]) -> None:
    compose(tmp_path, 1)
    with pytest.raises(CorpusError, match=r"holds clips of 0\.5 s"):
        compose(tmp_path, 2, seconds=1.0)
    with pytest.raises(CorpusError, match="another seed"):
        compose(tmp_path, 2, base_seed=9)
    assert len(entries(tmp_path)) == 4


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path, quick: list[str]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CorpusError, match="cannot make the folder"):
        compose(tmp_path / "file" / "corpus")


def test_a_missing_soundfont_is_reported_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SOUNDFONT_VARIABLE, str(tmp_path / "gone.sf2"))
    with pytest.raises(CorpusError, match="not a file"):
        compose(tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()


def test_seconds_shorter_than_a_beat_are_refused(
    tmp_path: Path, soundfont_named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "_renderer", None)
    with pytest.raises(CorpusError, match="shorter than one beat"):
        compose(tmp_path, 1, seconds=0.1)


def test_worker_processes_write_what_one_process_writes(
    tmp_path: Path, soundfont_named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "_renderer", None)
    compose(tmp_path / "one", 1, seconds=1.5)
    compose(tmp_path / "two", 1, seconds=1.5, workers=2)
    assert entries(tmp_path / "one") == entries(tmp_path / "two")
    for entry in entries(tmp_path / "one"):
        one, two = ((tmp_path / name / entry["file"]).read_bytes() for name in ("one", "two"))
        assert one == two
