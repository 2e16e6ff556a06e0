"""A local cluster of two against one process; a worker that dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.instrument import Instrument
from engine.progress import silent
from probes.corpus.folder import open_folder
from probes.ray_recording import RayRecorder, ShardWorker
from probes.record import Recorder, Shard
from probes.recording import record_corpus
from probes.train import train


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield ray
    ray.shutdown()


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.recording.SHARD_CLIPS", 4)


def test_the_pack_is_that_of_one_process(
    cluster: Any, genres: Path, tiny_spectral: Path, tiny_instrument: Instrument, tmp_path: Path
) -> None:
    corpus = open_folder(genres)
    record = RayRecorder("local", str(tiny_spectral), corpus.labels, 4)
    one = train(corpus, tiny_instrument, tmp_path / "one", silent, by_effect=False)
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
                os._exit(1)
            return super().record(clips)

    monkeypatch.setattr("probes.ray_recording.ShardWorker", Dying)
    record = RayRecorder("local", str(tiny_spectral), corpus.labels, 4)
    done: list[int] = []
    found = record_corpus(corpus, tiny_instrument, tmp_path / "many", 4, done.append, record)
    assert marker.exists()
    assert sum(done) == len(corpus.clips)
    assert found.clips == expected.clips
    np.testing.assert_array_equal(found.tokens.counts, expected.tokens.counts)
    np.testing.assert_allclose(found.tokens.gram, expected.tokens.gram, rtol=1e-6)


def test_a_worker_records_what_the_recorder_does(
    genres: Path, tiny_spectral: Path, tiny_instrument: Instrument
) -> None:
    corpus = open_folder(genres)
    worker = ShardWorker(str(tiny_spectral), corpus.labels, 4)
    mine = Recorder(tiny_instrument, corpus.labels, 4).record(corpus.clips[:4])
    np.testing.assert_array_equal(worker.record(corpus.clips[:4]).means, mine.means)
