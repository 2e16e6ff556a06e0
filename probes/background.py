"""A sample of a corpus inside the model, kept beside a pack: what one more genre is told apart from.

A new knob is made in minutes from a folder of audio, without the corpus that the pack was made from.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.errors import PackError
from engine.steering.pack import ModelIdentity, ProbePack
from probes.corpus.clip import Split, stable_hash
from probes.moments import Floats, Labels
from probes.recording import Recording

FORMAT_VERSION = 1
TRAIN_CLIPS, HELD_OUT_CLIPS = 64, 24  # of each genre


@dataclass(frozen=True)
class Background:
    """Token means of some clips of every genre, at every layer.

    Attributes:
        means: ``(n, L, H)``; targets: class of each clip, ``(n,)``; held_out: whether the pack's probes saw it, ``(n,)``.
    """

    model: ModelIdentity
    labels: tuple[str, ...]
    means: Floats
    targets: Labels
    held_out: Labels

    def __post_init__(self) -> None:
        count = len(self.targets)
        shape = (count, self.model.layers, self.model.hidden_size)
        if self.means.shape != shape or self.held_out.shape != (count,) or not np.isfinite(self.means).all():
            raise PackError(
                "the corpus sample beside the pack is damaged: make the pack again with `segue probe train`"
            )
        if count and not 0 <= self.targets.min() <= self.targets.max() < len(self.labels):
            raise PackError(
                "the corpus sample beside the pack is damaged: make the pack again with `segue probe train`"
            )

    @classmethod
    def of(cls, recording: Recording, model: ModelIdentity) -> Self:
        """Draw the sample: the same clips whenever the corpus is the same."""
        targets = recording.targets
        chosen: list[int] = []
        for splits, count in (((Split.TRAIN,), TRAIN_CLIPS), ((Split.TEST, Split.VALID), HELD_OUT_CLIPS)):
            rows = sorted(recording.rows(*splits), key=lambda row: stable_hash(recording.clips[row].song))
            for genre in range(len(recording.labels)):
                chosen += [int(row) for row in rows if targets[row] == genre][:count]
        means = np.stack([recording.layer(layer).means[chosen] for layer in range(recording.layers)], axis=1)
        seen = [recording.clips[row].split is Split.TRAIN for row in chosen]
        return cls(model, recording.labels, means, targets[chosen], 1 - np.array(seen, np.int64))

    def save(self, path: Path) -> None:
        """Write it whole or not at all.

        Raises:
            PackError: it cannot be written.
        """
        part = path.with_name(path.name + ".part")
        header = {"format_version": FORMAT_VERSION, "model": asdict(self.model), "labels": list(self.labels)}
        arrays: dict[str, NDArray[Any]] = {
            "means": np.ascontiguousarray(self.means),
            "targets": self.targets,
            "held_out": self.held_out,
        }
        try:
            save_file(arrays, part, metadata={"segue.background": json.dumps(header)})
            os.replace(part, path)
        except (SafetensorError, OSError) as error:
            raise PackError(f"{path} cannot be written ({error}): make room, or choose another folder") from None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check it.

        Raises:
            PackError: missing or damaged.
        """
        try:
            with safe_open(path, "numpy") as file:
                header = json.loads((file.metadata() or {})["segue.background"])
                arrays = {name: file.get_tensor(name) for name in ("means", "targets", "held_out")}
            if header["format_version"] != FORMAT_VERSION:
                raise ValueError("another format")
            return cls(ModelIdentity(**header["model"]), tuple(header["labels"]), **arrays)
        except (SafetensorError, OSError, KeyError, ValueError, TypeError):
            message = f"{path} is missing or damaged: it is made beside the pack by `segue probe train`"
            raise PackError(message) from None

    def check_fits(self, pack: ProbePack) -> None:
        """Refuse another pack's sample.

        Raises:
            PackError: it was made on another model.
        """
        if self.model != pack.model:
            raise PackError(
                f"the corpus sample is of {self.model.name}, the pack of {pack.model.name}: keep them together"
            )


def beside(pack: Path, what: str) -> Path:
    """The file that belongs to a pack: ``probes.safetensors`` → ``probes.corpus.safetensors``."""
    return pack.with_name(f"{pack.stem}.{what}{pack.suffix}")
