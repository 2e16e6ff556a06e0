"""What was heard of some pieces of music, and its place on disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from engine.errors import CorpusError
from probes.moments import Doubles, Floats

SILENT = 0  # its place among the faults
FAULTS = ("silent", "noisy", "frozen", "clipped", "looping")


def evened(shares: Doubles, silent: NDArray[np.bool_]) -> Doubles:
    """Probabilities ``(n, G)`` with those of silent pieces ``(n,)`` made even: where there is nothing to hear, no genre is
    heard, whatever a judge makes of it."""
    return np.where(silent[:, None], 1 / shares.shape[1], shares)


@dataclass(frozen=True)
class Hearing:
    """What was heard of the new part of n pieces: a row for each.

    Attributes:
        codes: ``(n, K, T)`` int16.
        shares: the judge's probabilities, ``(n, G)``.
        places: where they lie in the judge's embedding, ``(n, E)``.
        faults: which of :data:`FAULTS` they have, ``(n, 5)`` of 0 and 1.
        nats: minus the log-likelihood of a frame's tokens under the unsteered model without text, mean over frames, ``(n,)``.
        tempo_bpm: ``(n,)``.
        chroma: ten times a second, ``(n, P, 12)``.
    """

    codes: NDArray[np.int16]
    shares: Doubles
    places: Doubles
    faults: NDArray[np.uint8]
    nats: Doubles
    tempo_bpm: Doubles
    chroma: Floats

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: slice) -> Self:
        """Some of the pieces."""
        return type(self)(**{name: array[rows] for name, array in self._arrays().items()})

    @property
    def faulty(self) -> NDArray[np.bool_]:
        """Whether a piece has any fault, ``(n,)``."""
        return self.faults.sum(1) > 0

    @classmethod
    def joined(cls, parts: Sequence[Hearing]) -> Self:
        """All pieces of several, in order."""
        return cls(**{field.name: np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(cls)})

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def save(self, path: Path) -> None:
        """Write it whole or not at all.

        Raises:
            CorpusError: the disk is full, or the folder cannot be written to.
        """
        part = path.with_name(path.name + ".part")
        try:
            save_file({name: np.ascontiguousarray(array) for name, array in self._arrays().items()}, part)
            os.replace(part, path)
        except (OSError, SafetensorError) as error:
            part.unlink(missing_ok=True)
            message = f"{path} cannot be written ({error}): make room and run it again; what was heard before is kept"
            raise CorpusError(message) from None

    @classmethod
    def load(cls, path: Path, count: int) -> Self | None:
        """What was kept of ``count`` pieces; None where there is nothing, or nothing that can be read."""
        try:
            hearing = cls(**load_file(path))
            return hearing if all(len(array) == count for array in hearing._arrays().values()) else None
        except (OSError, SafetensorError, TypeError):
            return None
