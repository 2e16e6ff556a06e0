"""A composed corpus as one memory-mapped array at the codec's rate, from which training draws random seconds."""

from __future__ import annotations

import json
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


@dataclass
class Waveforms:
    """Clips ``(N, S)`` as int16, with the manifest's row of each."""

    samples: NDArray[np.int16]
    rows: list[dict[str, object]]
    rate_hz: int

    @classmethod
    def open(cls, corpus: Path, work: Path, rate_hz: int) -> Waveforms:
        """Read ``corpus/manifest.jsonl`` and its files, resampled once into ``work/waveforms.npy``."""
        rows = read_manifest(corpus)
        cache, names = work / "waveforms.npy", work / "waveforms.json"
        wanted = [str(row["file"]) for row in rows]
        if not (cache.exists() and names.exists() and json.loads(names.read_text(encoding="utf-8")) == wanted):
            length = min(round(float(str(row["seconds"])) * rate_hz) for row in rows)
            array = np.lib.format.open_memmap(cache, "w+", np.int16, (len(rows), length))
            for i, row in enumerate(rows):
                audio, rate = soundfile.read(corpus / str(row["file"]), dtype="float32")
                resampled = soxr.resample(audio, rate, rate_hz)[:length]
                array[i, : len(resampled)] = np.round(resampled.clip(-1, 1) * 32767)
            array.flush()
            names.write_text(json.dumps(wanted), encoding="utf-8")
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
