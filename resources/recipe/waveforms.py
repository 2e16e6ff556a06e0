"""A composed corpus as one memory-mapped array at the codec's rate, from which training draws random seconds."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import CorpusError

Split = Literal["train", "valid", "test"]
CROP_S = 1.0
GAIN_DB = 6.0


def read_manifest(corpus: Path) -> list[dict[str, object]]:
    """The rows of a corpus's manifest, one for each clip.

    Raises:
        CorpusError: there is none, or it is empty.
    """
    path = corpus / "manifest.jsonl"
    if not path.exists():
        raise CorpusError(f"{corpus} holds no corpus: compose one with segue corpus compose {corpus}")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if not rows:
        raise CorpusError(f"{corpus} has no clips: compose some with segue corpus compose {corpus}")
    return rows


def corpus_digest(corpus: Path) -> str:
    """Names a corpus: its manifest, and sizes and times of its files. Every composed corpus has files of the same names."""
    hasher = hashlib.sha256((corpus / "manifest.jsonl").read_bytes())
    for row in read_manifest(corpus):
        state = (corpus / str(row["file"])).stat()
        hasher.update(f"{state.st_size} {state.st_mtime_ns}\n".encode())
    return hasher.hexdigest()[:32]


def check_splits(rows: list[dict[str, object]], corpus: Path) -> None:
    """Refuse a corpus that leaves nothing to learn from, or nothing to judge by.

    Raises:
        CorpusError: no clip to train on, or none to validate.
    """
    sides = {row["split"] for row in rows}
    if not {"train", "valid"} <= sides:
        raise CorpusError(
            f"{corpus} has no clips to {'validate' if 'train' in sides else 'train'} on: compose more of it"
        )


@dataclass
class Waveforms:
    """Clips ``(N, S)`` as int16, with the manifest's row of each."""

    samples: NDArray[np.int16]
    rows: list[dict[str, object]]
    rate_hz: int

    @classmethod
    def open(cls, corpus: Path, work: Path, rate_hz: int) -> Waveforms:
        """Read ``corpus/manifest.jsonl`` and its files, resampled once into ``work/waveforms.npy``.

        Raises:
            CorpusError: there is no corpus, or too little of it.
        """
        rows = read_manifest(corpus)
        check_splits(rows, corpus)
        cache, state, wanted = work / "waveforms.npy", work / "waveforms.json", corpus_digest(corpus)
        if not (cache.exists() and state.exists() and json.loads(state.read_text(encoding="utf-8")) == wanted):
            state.unlink(missing_ok=True)
            length = min(round(float(str(row["seconds"])) * rate_hz) for row in rows)
            array = np.lib.format.open_memmap(cache, "w+", np.int16, (len(rows), length))
            for i, row in enumerate(rows):
                audio, rate = soundfile.read(corpus / str(row["file"]), dtype="float32")
                resampled = soxr.resample(audio, rate, rate_hz)[:length]
                array[i, : len(resampled)] = np.round(resampled.clip(-1, 1) * 32767)
            array.flush()
            part = state.with_suffix(".part")
            part.write_text(json.dumps(wanted), encoding="utf-8")
            os.replace(part, state)
        return cls(np.load(cache, mmap_mode="r"), rows, rate_hz)

    def indices(self, split: Split) -> list[int]:
        """Clips of one side of the split."""
        return [i for i, row in enumerate(self.rows) if row["split"] == split]

    def batch(self, rng: np.random.Generator, size: int, split: Split) -> Tensor:
        """``(size, S)`` float samples: random clips, starts and gains."""
        chosen = self.indices(split)
        crop = round(CROP_S * self.rate_hz)
        out = np.empty((size, crop), np.float32)
        for i in range(size):
            clip = self.samples[chosen[rng.integers(len(chosen))]]
            start = rng.integers(len(clip) - crop + 1)
            gain = 10 ** (rng.uniform(-GAIN_DB, 0) / 20)
            out[i] = clip[start : start + crop].astype(np.float32) * (gain / 32768)
        return torch.from_numpy(out)
