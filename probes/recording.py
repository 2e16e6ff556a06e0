"""A recorded corpus on disk: its shards, the moments of all of them, and a way to go on after an interruption.

A folder holds ``shard-00000.safetensors`` … and ``moments.safetensors``, those of the first ``done`` shards. Both are
replaced whole, the moments last: a shard counts once it is in them, and none counts twice.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.errors import CorpusError
from engine.instrument import Instrument
from probes.corpus.clip import Clip, Corpus, Split
from probes.moments import Floats, Labels, Moments
from probes.record import PIECE_FRAMES, PIECES_PER_CLIP, SHARD_CLIPS, Recorder, Shard

FORMAT_VERSION = 3
MOMENTS_NAME = "moments.safetensors"
LEVELS = ("tokens", "seconds")
SAVE_EVERY_S = 30.0


@dataclass(frozen=True)
class Layer:
    """One layer of a recording. Rows are clips, in the corpus's order.

    Attributes:
        means, lasts: ``(n, H)``.
        targets: class of each clip, ``(n,)``.
        pieces: means of short pieces of held-out clips, ``(p, H)``; piece_clips: the row of each piece's clip.
    """

    means: Floats
    lasts: Floats
    targets: Labels
    pieces: Floats
    piece_clips: Labels


@dataclass(frozen=True)
class Recording:
    """What :func:`record_corpus` left in a folder.

    Attributes:
        clips: those that were recorded.
        tokens, seconds: moments of the training clips' tokens, and of their means over a second.
        skipped: why clips are missing, one line each.
    """

    labels: tuple[str, ...]
    clips: tuple[Clip, ...]
    skipped: tuple[str, ...]
    tokens: Moments
    seconds: Moments
    layers: int
    _files: tuple[Path, ...]

    @property
    def targets(self) -> Labels:
        """Class of each clip, ``(n,)``."""
        return np.array([self.labels.index(clip.label) for clip in self.clips], np.int64)

    def rows(self, *splits: Split) -> Labels:
        """Which clips stand on these sides of the split."""
        return np.array([i for i, clip in enumerate(self.clips) if clip.split in splits], np.int64)

    def codes(self) -> Iterator[NDArray[np.int64]]:
        """The codec's tokens ``(K, T)`` of every clip, as the model saw them."""
        for path in self._files:
            with safe_open(path, "numpy") as file:
                for row in file.get_tensor("codes"):
                    yield row[:, row[0] >= 0].astype(np.int64)

    def layer(self, layer: int) -> Layer:
        """Read one layer; only that is held in memory."""
        nothing = np.empty((0, self.tokens.sums.shape[-1]), np.float32)
        parts: dict[str, list[Floats]] = {name: [nothing] for name in ("means", "lasts", "pieces")}
        piece_clips, first = [], 0
        for path in self._files:
            with safe_open(path, "numpy") as file:
                for name, collected in parts.items():
                    rows = file.get_slice(name)
                    if rows.get_shape()[0]:  # an empty tensor cannot be sliced
                        collected.append(rows[:, layer])
                places = file.get_tensor("places")
                piece_clips.append(first + np.searchsorted(places, file.get_tensor("piece_places")))
                first += len(places)
        return Layer(
            np.concatenate(parts["means"]),
            np.concatenate(parts["lasts"]),
            self.targets,
            np.concatenate(parts["pieces"]),
            np.concatenate(piece_clips),
        )


def shards_of(corpus: Corpus) -> list[Sequence[Clip]]:
    """The corpus's clips, shard by shard."""
    return [corpus.clips[i : i + SHARD_CLIPS] for i in range(0, len(corpus.clips), SHARD_CLIPS)]


def recording_folder(cache: Path, corpus: Corpus, instrument: Instrument) -> Path:
    """Where the record of this corpus by this model belongs."""
    layout = f"{FORMAT_VERSION}-{SHARD_CLIPS}-{PIECE_FRAMES}-{PIECES_PER_CLIP}"
    return cache / "recordings" / f"{instrument.identity.digest[:16]}-{corpus.digest[:16]}-{layout}"


#: takes clips, shard by shard, and what to tell how many more are done; yields their records in the same order
ShardRecorder: TypeAlias = Callable[[Sequence[Sequence[Clip]], Callable[[int], None]], Iterable[Shard]]


def record_corpus(
    corpus: Corpus,
    instrument: Instrument,
    folder: Path,
    batch: int = 8,
    advance: Callable[[int], None] = lambda _: None,
    record: ShardRecorder | None = None,
) -> Recording:
    """Record what ``folder`` does not hold yet.

    Args:
        instrument: a float32 model.
        folder: belongs to this corpus and model alone (:func:`recording_folder`).
        batch: clips in one pass.
        advance: hears how many more clips are done, those of an earlier run included.
        record: how shards are made; here and one after the other if not given.

    Raises:
        CorpusError: the folder cannot be made; or so many clips were skipped that a genre has none left to fit or hold out.
    """
    recorder = Recorder(instrument, corpus.labels, batch)
    decoder = instrument.decoder
    store = ShardStore(folder, Moments.zeros(len(decoder.layers), len(corpus.labels), decoder.hidden_size))
    shards = shards_of(corpus)
    advance(sum(len(clips) for clips in shards[: store.done]))
    missing = shards[store.done :]
    made = record(missing, advance) if record else (recorder.record(clips, advance) for clips in missing)
    try:
        for shard in made:
            store.append(shard)
    finally:
        store.save()
    return store.open(corpus)


class ShardStore:
    """The folder while it fills. Shards are appended in order."""

    def __init__(self, folder: Path, nothing: Moments) -> None:
        self.folder, self.done = folder, 0
        self._moments = dict.fromkeys(LEVELS, nothing)
        self._saved = time.monotonic()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CorpusError(f"{folder} cannot be made ({error.strerror}): give another folder with --cache") from None
        for part in folder.glob("*.part"):
            part.unlink()
        try:
            with safe_open(folder / MOMENTS_NAME, "numpy") as file:
                for level in LEVELS:
                    parts = (file.get_tensor(f"{level}.{name}") for name in ("counts", "sums", "gram"))
                    self._moments[level] = Moments(*parts)
                self.done = int(file.metadata()["done"])
        except (FileNotFoundError, SafetensorError):
            pass  # nothing has been recorded here

    def _path(self, number: int) -> Path:
        return self.folder / f"shard-{number:05}.safetensors"

    def append(self, shard: Shard) -> None:
        """Add the next shard: whole, or not at all."""
        names = ("places", "means", "lasts", "pieces", "piece_places", "codes")
        arrays = {name: getattr(shard, name) for name in names}
        _write(self._path(self.done), arrays, {"skipped": json.dumps(shard.skipped)})
        for level in LEVELS:
            self._moments[level] += getattr(shard, level)
        self.done += 1
        # A large model's moments are gigabytes: what a kill costs is worth less than writing them with every shard.
        if time.monotonic() - self._saved > SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Write the moments of all shards so far."""
        sums: dict[str, NDArray[np.float64]] = {}
        for level, moments in self._moments.items():
            sums |= {f"{level}.{name}": array for name, array in vars(moments).items()}
        _write(self.folder / MOMENTS_NAME, sums, {"done": str(self.done)})
        self._saved = time.monotonic()

    def open(self, corpus: Corpus) -> Recording:
        """The finished recording."""
        files = tuple(self._path(i) for i in range(self.done))
        clips: list[Clip] = []
        skipped: list[str] = list(corpus.skipped)
        for path, shard_clips in zip(files, shards_of(corpus), strict=True):
            with safe_open(path, "numpy") as file:
                clips += [shard_clips[place] for place in file.get_tensor("places")]
                skipped += json.loads(file.metadata()["skipped"])
        tokens, seconds = (self._moments[level] for level in LEVELS)
        check_left(corpus, clips, skipped)
        return Recording(corpus.labels, tuple(clips), tuple(skipped), tokens, seconds, len(tokens.gram), files)


def check_left(corpus: Corpus, clips: Sequence[Clip], skipped: Sequence[str]) -> None:
    """Refuse a corpus of which too much was skipped.

    Raises:
        CorpusError: a genre has no clips left to fit or to hold out.
    """
    try:
        replace(corpus, clips=tuple(clips))
    except CorpusError as error:
        raise CorpusError(f"{error} (skipped: {'; '.join(skipped[:3])}{' …' if len(skipped) > 3 else ''})") from None


def _write(path: Path, arrays: Mapping[str, NDArray[Any]], metadata: dict[str, str]) -> None:
    part = path.with_name(path.name + ".part")
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part, metadata)
    os.replace(part, path)
