"""Our own judge of genre: logistic regression on features of sound. It never sees a residual.

It learns from labelled music as it is and as the codec returns it, so that the codec's own sound says nothing of genre.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.errors import CorpusError
from probes.evaluate.features import SIZE, describe
from probes.evaluate.judges.judge import Verdicts, in_windows
from probes.fit import LinearProbe, fit_logistic
from probes.moments import Doubles, Floats, Labels

FORMAT_VERSION = 1
TENSORS = ("mean", "spread", "weights", "bias", "axes")
#: places of the corpus are kept under this and the label's number
CORPUS = "corpus."
WINDOW_S = 5.0
EMBEDDING_SIZE = 12
INVERSE_PENALTY = 0.1
#: standardised features are bounded: sound unlike any that was learnt from must not decide by one of them alone
FARTHEST = 6.0


def windows(samples: Floats, rate_hz: int) -> list[Floats]:
    """Cut mono samples ``(S,)`` into whole windows from the start; what is shorter than one is one."""
    return in_windows(samples, round(WINDOW_S * rate_hz))


@dataclass(frozen=True)
class Ear:
    """Hears G genres.

    Attributes:
        labels: the genres.
        mean, spread: of the features that it was trained on, ``(F,)``.
        weights, bias: of the standardised features, ``(G, F)`` and ``(G,)``.
        axes: principal axes of the standardised features, ``(E, F)``: the embedding in which distances are measured.
        facts: how it was made and how often it was right on what was held out; free-form JSON.
        corpus: where the music lies that it learnt from, ``(n, E)`` for each label, through the codec; empty if not kept.
    """

    labels: tuple[str, ...]
    mean: Floats
    spread: Floats
    weights: Floats
    bias: Floats
    axes: Floats
    facts: dict[str, Any]
    corpus: Mapping[str, Doubles] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As a judge is asked for."""
        return "ear"

    @property
    def identity(self) -> str:
        """A digest of labels and weights."""
        hasher = hashlib.sha256(json.dumps(self.labels).encode())
        for name in TENSORS:
            hasher.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        return f"ear {hasher.hexdigest()}"

    def __post_init__(self) -> None:
        genres, size = len(self.labels), SIZE
        shapes = {"mean": (size,), "spread": (size,), "weights": (genres, size), "bias": (genres,)}
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise CorpusError(f"the ear's {name} have shape {array.shape} instead of {shape}: train it again")
        if self.axes.ndim != 2 or self.axes.shape[1] != size or not np.isfinite(self.axes).all():
            raise CorpusError(f"the ear's axes have shape {self.axes.shape}: train it again")
        for label, places in self.corpus.items():
            if label not in self.labels or places.shape[1:] != (len(self.axes),) or not np.isfinite(places).all():
                raise CorpusError(f"the ear's corpus is damaged at '{label}': train it again")

    def _standardised(self, features: Floats) -> Doubles:
        raw = (features.astype(np.float64) - self.mean) / self.spread
        return np.clip(raw, -FARTHEST, FARTHEST)

    def shares(self, features: Floats) -> Doubles:
        """Probability of each genre from the features of windows, ``(n, F)`` → ``(n, G)``."""
        logits = self._standardised(features) @ self.weights.T + self.bias
        shares = np.exp(logits - logits.max(1, keepdims=True))
        return shares / shares.sum(1, keepdims=True)

    def places(self, features: Floats) -> Doubles:
        """Where windows lie, ``(n, F)`` → ``(n, E)``."""
        return self._standardised(features) @ self.axes.T

    def judge(self, sounds: Sequence[Floats], rate_hz: int) -> Verdicts:
        """How much mono sounds ``(S,)`` sound like each genre, and where they lie; means over each sound's windows."""
        shares, places = np.empty((len(sounds), len(self.labels))), np.empty((len(sounds), len(self.axes)))
        for row, sound in enumerate(sounds):
            features = np.stack([describe(window, rate_hz) for window in windows(sound, rate_hz)])
            shares[row], places[row] = self.shares(features).mean(0), self.places(features).mean(0)
        return Verdicts(shares, places)

    def save(self, path: Path) -> None:
        """Write the ear whole or not at all.

        Raises:
            CorpusError: it cannot be written.
        """
        part = path.with_name(path.name + ".part")
        tensors = {name: np.ascontiguousarray(getattr(self, name)) for name in TENSORS}
        for label, places in self.corpus.items():
            tensors[f"{CORPUS}{self.labels.index(label)}"] = np.ascontiguousarray(places, np.float32)
        header = {"format_version": FORMAT_VERSION, "labels": list(self.labels), "facts": self.facts}
        try:
            save_file(tensors, part, metadata={"segue.ear": json.dumps(header)})
            os.replace(part, path)
        except (SafetensorError, OSError) as error:
            raise CorpusError(f"{path} cannot be written ({error}): make room, or choose another folder") from None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check an ear.

        Raises:
            CorpusError: missing, not an ear, or damaged.
        """
        try:
            with safe_open(path, "numpy") as file:
                header = json.loads((file.metadata() or {})["segue.ear"])
                tensors = {name: file.get_tensor(name) for name in TENSORS}
                numbers = [name.removeprefix(CORPUS) for name in file.keys() if name.startswith(CORPUS)]  # noqa: SIM118
                places = {int(number): file.get_tensor(CORPUS + number).astype(np.float64) for number in numbers}
            if header["format_version"] != FORMAT_VERSION:
                raise CorpusError(f"{path} is an ear of format {header['format_version']}: train it again")
            labels = tuple(header["labels"])
            corpus = {label: places[number] for number, label in enumerate(labels) if number in places}
            return cls(labels=labels, facts=dict(header["facts"]), corpus=corpus, **tensors)
        except (SafetensorError, OSError, KeyError, ValueError, TypeError):
            raise CorpusError(f"{path} is not an ear: train one with `segue probe train composed`") from None


def train_ear(features: Floats, targets: Labels, labels: Sequence[str], facts: dict[str, Any] | None = None) -> Ear:
    """Fit an ear to features ``(n, SIZE)`` of windows and their classes ``(n,)``."""
    mean, spread = features.mean(0), features.std(0) + 1e-3
    standardised = np.clip((features - mean) / spread, -FARTHEST, FARTHEST)
    probe: LinearProbe = fit_logistic(standardised, targets, INVERSE_PENALTY)
    _, _, axes = np.linalg.svd(standardised - standardised.mean(0), full_matrices=False)
    return Ear(
        tuple(labels),
        mean.astype(np.float32),
        spread.astype(np.float32),
        probe.weights.astype(np.float32),
        probe.bias.astype(np.float32),
        np.ascontiguousarray(axes[:EMBEDDING_SIZE]).astype(np.float32),
        facts or {},
    )
