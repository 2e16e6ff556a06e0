"""A local cluster of two against one process; a recording that is stopped; a worker that dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import CorpusError
from engine.instrument import Instrument
from engine.progress import silent
from probes.corpus.folder import open_folder
from probes.ray_cluster import connect
from probes.ray_recording import RayRecorder, ShardWorker
from probes.record import Recorder, Shard
from probes.recording import record_corpus, recording_folder
from probes.train import train


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    ray = pytest.importorskip("ray", reason="a local cluster needs the extra `cluster`")
    yield connect("local", cores=2)
    ray.shutdown()


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.recording.SHARD_CLIPS", 4)


def test_a_recording_that_is_stopped_goes_on_to_the_pack_of_one_process(
    cluster: Any, genres: Path, tiny_spectral: Path, tiny_instrument: Instrument, tmp_path: Path
) -> None:
    corpus = open_folder(genres)
    one = train(corpus, tiny_instrument, tmp_path / "one", silent, by_effect=False)
    # Only when the workers of the stopped recording are gone are there cores for those of the next.
    folder, done = recording_folder(tmp_path / "many", corpus, tiny_instrument), list[int]()

    def stop(clips: int) -> None:
        done.append(clips)
        if sum(done) == 8:
            raise KeyboardInterrupt

    record = RayRecorder("local", str(tiny_spectral), tiny_instrument.identity, corpus.labels, 4)
    with pytest.raises(KeyboardInterrupt):
        record_corpus(corpus, tiny_instrument, folder, 4, stop, record)
    many = train(corpus, tiny_instrument, tmp_path / "many", silent, by_effect=False, record=record)
    np.testing.assert_allclose(many.pack.directions, one.pack.directions, atol=1e-6)
    np.testing.assert_allclose(many.pack.readout, one.pack.readout, atol=1e-6)
    assert many.recording.clips == one.recording.clips
    np.testing.assert_array_equal(many.recording.tokens.counts, one.recording.tokens.counts)


def test_a_worker_that_dies_is_replaced_and_no_clip_counts_twice(
    cluster: Any,
    genres: Path,
    tiny_spectral: Path,
    tiny_instrument: Instrument,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    corpus, marker = open_folder(genres), tmp_path / "died"
    expected = record_corpus(corpus, tiny_instrument, tmp_path / "one", batch=4)

    class Dying(ShardWorker):
        def record(self, clips: Any) -> Shard:
            if not marker.exists():
                marker.touch()
                super().record(clips[:2])
                os.kill(os.getpid(), signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
            return super().record(clips)

    monkeypatch.setattr("probes.ray_recording.ShardWorker", Dying)
    record = RayRecorder("local", str(tiny_spectral), tiny_instrument.identity, corpus.labels, 4)
    done: list[int] = []
    found = record_corpus(corpus, tiny_instrument, tmp_path / "many", 4, done.append, record)
    assert marker.exists()
    assert sum(done) == len(corpus.clips)
    assert found.clips == expected.clips
    np.testing.assert_array_equal(found.tokens.counts, expected.tokens.counts)
    np.testing.assert_allclose(found.tokens.gram, expected.tokens.gram, rtol=1e-6)


def test_a_worker_that_does_not_see_the_corpus_says_so(
    genres: Path, tiny_spectral: Path, tiny_instrument: Instrument, tmp_path: Path
) -> None:
    corpus = open_folder(genres)
    worker = ShardWorker(str(tiny_spectral), tiny_instrument.identity, corpus.labels, 4)
    with pytest.raises(CorpusError, match=r"sees no .*not here\.wav: put the corpus where every worker reads it$"):
        worker.record([replace(corpus.clips[0], path=tmp_path / "not here.wav")])


def test_a_worker_records_what_the_recorder_does(
    genres: Path, tiny_spectral: Path, tiny_instrument: Instrument
) -> None:
    corpus = open_folder(genres)
    worker = ShardWorker(str(tiny_spectral), tiny_instrument.identity, corpus.labels, 4)
    mine = Recorder(tiny_instrument, corpus.labels, 4).record(corpus.clips[:4])
    np.testing.assert_array_equal(worker.record(corpus.clips[:4]).means, mine.means)


def test_a_worker_with_another_model_of_that_name_says_so(
    genres: Path, tiny_spectral: Path, tiny_instrument: Instrument
) -> None:
    corpus = open_folder(genres)
    theirs = replace(tiny_instrument.identity, digest="another training")
    worker = ShardWorker(str(tiny_spectral), theirs, corpus.labels, 4)
    with pytest.raises(CorpusError, match=r"has another model than the machine that asks: give every machine the same"):
        worker.record(corpus.clips[:4])


def test_workers_need_not_run_in_our_folder(
    genres: Path, tiny_spectral: Path, tiny_instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is named from here reaches them by its whole name."""
    hired: list[Any] = []
    jobs: list[Any] = []

    class Pool:
        def __init__(self, address: str, worker: type, settings: Any, method: str) -> None:
            hired.extend(settings)

        def __call__(self, shards: Any, done: Any) -> Iterator[Any]:
            jobs.extend(shards)
            return iter(())

        def close(self) -> None:
            pass

    monkeypatch.setattr("probes.ray_recording.RayPool", Pool)
    monkeypatch.chdir(tiny_spectral.parent)
    recorder = RayRecorder("local", tiny_spectral.name, tiny_instrument.identity, ("a",), 4)
    assert Path(hired[0]) == tiny_spectral
    monkeypatch.chdir(genres.parent)
    clips = open_folder(Path(genres.name)).clips[:2]
    assert not clips[0].path.is_absolute()
    list(recorder([clips], lambda _: None))
    assert [clip.path for clip in jobs[0]] == [genres.parent / clip.path for clip in clips]
