"""Recording a corpus: what is summed, what may not leak in, and what a kill leaves behind."""

from __future__ import annotations

import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from engine.errors import CorpusError
from engine.instrument import Instrument
from probes.corpus.clip import Clip, Corpus, Split
from probes.corpus.folder import open_folder
from probes.moments import Moments
from probes.record import Recorder, Shard
from probes.recording import MOMENTS_NAME, Recording, ShardStore, record_corpus, recording_folder


@pytest.fixture(scope="module")
def corpus(genres: Path) -> Corpus:
    return open_folder(genres)


@pytest.fixture(scope="module")
def recording(corpus: Corpus, tiny_instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return record_corpus(corpus, tiny_instrument, tmp_path_factory.mktemp("recording"))


def residuals(instrument: Instrument, clip: Clip) -> torch.Tensor:
    """Every layer's residuals ``(L, T, H)`` of one clip, the plain way: window by window."""
    recorder = Recorder(instrument, [clip.label])
    codes, longest = recorder.encode(clip)[None], recorder._reader.max_frames
    windows = []
    for first in range(0, codes.shape[-1], longest):
        layers: dict[int, list[torch.Tensor]] = {}
        window = codes[:, :, first : first + longest]
        recorder._reader.read(window, lambda layer, _, x, seen=layers: seen.setdefault(layer, []).append(x[0]))
        windows.append(torch.stack([torch.cat(seen) for seen in layers.values()]))
    return torch.cat(windows, dim=1)


def test_means_and_last_tokens(corpus: Corpus, recording: Recording, tiny_instrument: Instrument) -> None:
    assert recording.clips == corpus.clips
    row = 5
    tokens = residuals(tiny_instrument, corpus.clips[row])
    assert tokens.shape[1] > tiny_instrument.window_frames  # more than one window
    for layer in range(recording.layers):
        record = recording.layer(layer)
        np.testing.assert_allclose(record.means[row], tokens[layer].mean(0), atol=1e-4)
        np.testing.assert_allclose(record.lasts[row], tokens[layer, -1], atol=1e-4)


def test_moments_are_those_of_all_training_tokens(
    corpus: Corpus, recording: Recording, tiny_instrument: Instrument
) -> None:
    rows = recording.rows(Split.TRAIN)
    tokens = [residuals(tiny_instrument, corpus.clips[i]).numpy() for i in rows]
    labels = [np.full(x.shape[1], recording.targets[i]) for i, x in zip(rows, tokens, strict=True)]
    for layer in range(recording.layers):
        expected = Moments.of(np.concatenate([x[layer] for x in tokens]), np.concatenate(labels), len(corpus.labels))
        actual = recording.tokens.layer(layer)
        np.testing.assert_array_equal(actual.counts, expected.counts)
        np.testing.assert_allclose(actual.sums, expected.sums, rtol=1e-3, atol=1e-2)
        np.testing.assert_allclose(actual.gram, expected.gram, rtol=1e-3, atol=1e-1)


def test_moments_of_seconds(corpus: Corpus, recording: Recording, tiny_instrument: Instrument) -> None:
    rows, window = recording.rows(Split.TRAIN), tiny_instrument.window_frames - 1
    means, labels = [], []
    for row in rows:
        tokens = residuals(tiny_instrument, corpus.clips[row])[1].numpy()
        for first in range(0, len(tokens), window):  # whole seconds of each window
            means += [tokens[start : start + 50].mean(0) for start in range(first, first + window - 49, 50)]
        labels += [recording.targets[row]] * (len(means) - len(labels))
    expected, actual = Moments.of(np.stack(means), np.array(labels), 3), recording.seconds.layer(1)
    np.testing.assert_array_equal(actual.counts, expected.counts)
    np.testing.assert_allclose(actual.sums, expected.sums, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(actual.gram, expected.gram, rtol=1e-3, atol=1e-2)


def test_pieces_are_of_held_out_clips(recording: Recording, tiny_instrument: Instrument) -> None:
    record = recording.layer(1)
    held_out = recording.rows(Split.VALID, Split.TEST)
    assert sorted(set(record.piece_clips)) == sorted(held_out)
    row = record.piece_clips[0]
    first = residuals(tiny_instrument, recording.clips[row])[1, :50].mean(0)
    np.testing.assert_allclose(record.pieces[0], first, atol=1e-4)


def test_prompts_cannot_leak_the_label(corpus: Corpus, tiny_instrument: Instrument) -> None:
    """The authors prompted with the genre's name while they recorded."""
    recorder = Recorder(tiny_instrument, corpus.labels)
    clips = corpus.clips[:3]
    silent = recorder.record([replace(clip, prompt="") for clip in clips])
    spoken = recorder.record([replace(clip, prompt=f"loud {clip.label} music") for clip in clips])
    np.testing.assert_array_equal(silent.means, spoken.means)


def test_the_model_is_shown_no_text(
    corpus: Corpus, tiny_instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    memories = []
    forward = tiny_instrument.decoder.forward

    def spy(tokens: Any, rows: int, cache: Any, span: Any, memory: Any) -> Any:
        memories.append(memory)
        return forward(tokens, rows, cache, span, memory)

    monkeypatch.setattr(tiny_instrument.decoder, "forward", spy)
    Recorder(tiny_instrument, corpus.labels).record(corpus.clips[:1])
    assert set(memories) == {None}


def test_a_label_does_not_change_what_is_recorded(corpus: Corpus, tiny_instrument: Instrument) -> None:
    recorder = Recorder(tiny_instrument, corpus.labels)
    clip = corpus.clips[0]
    other = replace(clip, label=next(label for label in corpus.labels if label != clip.label))
    np.testing.assert_array_equal(recorder.record([clip]).means, recorder.record([other]).means)


@pytest.mark.parametrize("batch", [1, 5])
def test_the_batch_size_changes_nothing(
    batch: int, corpus: Corpus, recording: Recording, tiny_instrument: Instrument, tmp_path: Path
) -> None:
    other = record_corpus(corpus, tiny_instrument, tmp_path, batch=batch)
    np.testing.assert_allclose(other.layer(2).means, recording.layer(2).means, atol=1e-4)
    np.testing.assert_allclose(other.tokens.sums, recording.tokens.sums, rtol=1e-4, atol=1e-2)


def test_clips_of_different_lengths(tmp_path: Path, tiny_instrument: Instrument, writing: Any) -> None:
    writing(tmp_path / "music", songs=4)
    path = tmp_path / "music" / "hiss" / "0.wav"
    samples, rate_hz = soundfile.read(path)
    soundfile.write(path, np.concatenate([samples, samples[: len(samples) // 2]]), rate_hz)
    corpus = open_folder(tmp_path / "music")
    recording = record_corpus(corpus, tiny_instrument, tmp_path / "recording")
    row = [clip.path for clip in recording.clips].index(path)
    tokens = residuals(tiny_instrument, corpus.clips[row])
    np.testing.assert_allclose(recording.layer(1).means[row], tokens[1].mean(0), atol=1e-4)
    recorder = Recorder(tiny_instrument, corpus.labels)
    lengths = set()
    for clip, codes in zip(recording.clips, recording.codes(), strict=True):
        np.testing.assert_array_equal(codes, recorder.encode(clip))
        lengths.add(codes.shape[1])
    assert len(lengths) == 2


def test_a_clip_that_breaks_is_named_and_skipped(tmp_path: Path, tiny_instrument: Instrument, writing: Any) -> None:
    writing(tmp_path / "music", songs=4)
    broken = tmp_path / "music" / "hiss" / "1.wav"
    corpus = open_folder(tmp_path / "music")
    soundfile.write(broken, np.full(5 * 24_000, np.nan), 24_000, subtype="FLOAT")
    recording = record_corpus(corpus, tiny_instrument, tmp_path / "recording")
    assert len(recording.clips) == len(corpus.clips) - 1
    assert any("1.wav" in line and "not numbers" in line for line in recording.skipped)
    assert len(recording.layer(0).means) == len(recording.targets) == len(recording.clips)
    assert all(recording.clips[i].split is not Split.TRAIN for i in recording.layer(0).piece_clips)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_genre_of_which_nothing_is_left_is_refused(
    value: float, tmp_path: Path, tiny_instrument: Instrument, writing: Any
) -> None:
    """Silence and samples that are no numbers are found only when they are read."""
    writing(tmp_path / "music", songs=3)
    for path in (tmp_path / "music" / "hiss").iterdir():
        soundfile.write(path, np.full(6 * 24_000, value), 24_000, subtype="FLOAT")
    with pytest.raises(CorpusError, match=r"no clips of 'hiss' to fit: add songs \(skipped: .*hiss.*; .*; .*\)$"):
        record_corpus(open_folder(tmp_path / "music"), tiny_instrument, tmp_path / "recording")


def test_a_genre_that_cannot_be_held_out_any_more_is_refused(
    tmp_path: Path, tiny_instrument: Instrument, writing: Any
) -> None:
    corpus = open_folder(writing(tmp_path / "music", songs=3))
    held_out = next(clip for clip in corpus.clips if clip.label == "hiss" and clip.split is Split.TEST)
    soundfile.write(held_out.path, np.zeros(6 * 24_000), 24_000)
    with pytest.raises(CorpusError, match="no clips of 'hiss' to hold out"):
        record_corpus(corpus, tiny_instrument, tmp_path / "recording")


def test_a_folder_that_cannot_be_made_is_refused(corpus: Corpus, tiny_instrument: Instrument, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CorpusError, match=r"cannot be made .*--cache"):
        record_corpus(corpus, tiny_instrument, tmp_path / "file" / "recording")


def test_an_interrupted_recording_goes_on_and_counts_no_clip_twice(
    corpus: Corpus,
    recording: Recording,
    tiny_instrument: Instrument,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("probes.recording.SHARD_CLIPS", 5)
    reads: list[Path] = []
    read = Clip.read

    def counted(clip: Clip, rate_hz: int, channels: int) -> Any:
        if len(reads) == 8:  # in the middle of the second shard
            reads.append(clip.path)
            raise KeyboardInterrupt
        reads.append(clip.path)
        return read(clip, rate_hz, channels)

    monkeypatch.setattr(Clip, "read", counted)
    with pytest.raises(KeyboardInterrupt):
        record_corpus(corpus, tiny_instrument, tmp_path)
    (tmp_path / "shard-00001.safetensors.part").write_bytes(b"half of it")
    done: list[int] = []
    resumed = record_corpus(corpus, tiny_instrument, tmp_path, advance=done.append)
    assert done[0] == 5
    assert sum(done) == len(corpus.clips) == len(resumed.clips)
    assert len(reads) == 9 + len(corpus.clips) - 5
    assert not list(tmp_path.glob("*.part"))
    np.testing.assert_array_equal(resumed.tokens.counts, recording.tokens.counts)
    np.testing.assert_allclose(resumed.tokens.sums, recording.tokens.sums, rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(resumed.layer(1).means, recording.layer(1).means, atol=1e-4)


def test_shards_that_the_moments_do_not_know_are_made_again(
    corpus: Corpus, recording: Recording, tiny_instrument: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between two saves: files of shards are there, their moments are not."""
    monkeypatch.setattr("probes.recording.SHARD_CLIPS", 5)
    with monkeypatch.context() as patch:
        patch.setattr(ShardStore, "save", lambda _: None)
        patch.setattr(ShardStore, "open", lambda *_: None)
        record_corpus(corpus, tiny_instrument, tmp_path)
    assert len(list(tmp_path.glob("shard-*"))) > 1
    assert not (tmp_path / MOMENTS_NAME).exists()
    resumed = record_corpus(corpus, tiny_instrument, tmp_path)
    np.testing.assert_array_equal(resumed.tokens.counts, recording.tokens.counts)
    assert resumed.clips == recording.clips


def test_memory_does_not_grow_with_the_clips(
    corpus: Corpus, tiny_instrument: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is recorded goes to the disk shard by shard: while one is made, at most the last is still there."""
    monkeypatch.setattr("probes.recording.SHARD_CLIPS", 2)
    made: list[weakref.ref[Shard]] = []
    record = Recorder.record

    def counted(recorder: Recorder, *words: Any) -> Shard:
        assert sum(shard() is not None for shard in made) <= 1
        shard = record(recorder, *words)
        made.append(weakref.ref(shard))
        return shard

    monkeypatch.setattr(Recorder, "record", counted)
    recording = record_corpus(corpus, tiny_instrument, tmp_path)
    assert len(made) == len(corpus.clips) / 2 > 5
    assert not any(shard() for shard in made)
    assert len(recording.clips) == len(corpus.clips)


def test_a_finished_recording_is_not_made_again(
    corpus: Corpus, tiny_instrument: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = recording_folder(tmp_path, corpus, tiny_instrument)
    first = record_corpus(corpus, tiny_instrument, folder)
    monkeypatch.setattr(Clip, "read", lambda *_: pytest.fail("read again"))
    again = record_corpus(corpus, tiny_instrument, folder)
    np.testing.assert_array_equal(again.layer(0).means, first.layer(0).means)


def test_another_model_or_corpus_is_another_recording(
    corpus: Corpus, tiny_instrument: Instrument, tmp_path: Path
) -> None:
    folder = recording_folder(tmp_path, corpus, tiny_instrument)
    fewer = replace(corpus, clips=corpus.clips[1:])
    other = replace(tiny_instrument, identity=replace(tiny_instrument.identity, digest="0" * 64))
    assert (
        len({folder, recording_folder(tmp_path, fewer, tiny_instrument), recording_folder(tmp_path, corpus, other)})
        == 3
    )
