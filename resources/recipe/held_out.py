"""The clips that a measurement hears: some of each genre from one side of the split, whole bands only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from torch import Tensor

from engine.model.spectral import SpectralCodec
from resources.recipe.classifier import Features, features
from resources.recipe.spectra import Samples


@dataclass(frozen=True)
class Clip:
    """A clip, its codes, and what is left of it after the codec."""

    row: dict[str, object]
    original: Samples
    codes: Tensor  # (K, T)
    passthrough: Samples

    @property
    def genre(self) -> str:
        """Its label."""
        return str(self.row["genre"])

    @property
    def bpm(self) -> float:
        """Its tempo."""
        return float(str(self.row["bpm"]))

    def features(self, rate_hz: int) -> tuple[Features, Features]:
        """What the judge of genre sees of the original and of the passthrough."""
        return features(self.original, rate_hz), features(self.passthrough, rate_hz)


def decode(codec: SpectralCodec, codes: Tensor) -> Samples:
    """Codes ``(K, T)`` → samples ``(T * hop,)``."""
    with torch.no_grad():
        (values,) = codec.decode(codes[None, None].long(), return_dict=False)
    return values[0, 0].numpy()


def encode(codec: SpectralCodec, samples: Samples) -> Tensor:
    """Samples ``(S,)`` → codes ``(K, T)``."""
    with torch.no_grad():
        codes, _ = codec.encode(torch.from_numpy(samples)[None, None], return_dict=False)
    return codes[0, 0]


def choose(rows: Sequence[dict[str, object]], splits: Sequence[str], per_genre: int) -> list[dict[str, object]]:
    """At most ``per_genre`` clips of each genre, spread evenly over the corpus; solos are left out."""
    chosen: list[dict[str, object]] = []
    for genre in sorted({str(row["genre"]) for row in rows}):
        ours = [r for r in rows if r["genre"] == genre and r["split"] in splits and not r.get("solo")]
        places = np.linspace(0, len(ours) - 1, min(per_genre, len(ours))).round().astype(int)
        chosen += [ours[i] for i in places]
    return chosen


def read(
    corpus: Path, rows: Sequence[dict[str, object]], codec: SpectralCodec, seconds: float, tell: Callable[[str], None]
) -> list[Clip]:
    """The first ``seconds`` of each clip, through the codec."""
    rate_hz, hop = codec.config.sampling_rate, codec.config.hop_length
    clips: list[Clip] = []
    for row in rows:
        audio, rate = soundfile.read(corpus / str(row["file"]), dtype="float32")
        samples = soxr.resample(audio, rate, rate_hz)[: round(seconds * rate_hz)]
        samples = samples[: len(samples) // hop * hop]
        codes = encode(codec, samples)
        clips.append(Clip(row, samples, codes, decode(codec, codes)))
        if len(clips) % 50 == 0 or len(clips) == len(rows):
            tell(f"{len(clips)}/{len(rows)} clips read")
    return clips
