"""Sufficient statistics of least squares: all that a linear fit needs to know of any number of rows. They add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Moments:
    """Sums over labelled rows x of width H, for each of L layers apart, in float64.

    With one-hot targets Y, the sums by class are Xᵀ Y transposed, and the counts are Yᵀ 1.

    Attributes:
        counts: rows of each class, ``(G,)``.
        sums: Σ x by class, ``(L, G, H)``.
        gram: Xᵀ X, ``(L, H, H)``.
    """

    counts: Doubles
    sums: Doubles
    gram: Doubles

    @classmethod
    def zeros(cls, layers: int, classes: int, width: int) -> Self:
        """Of no rows."""
        return cls(np.zeros(classes), np.zeros((layers, classes, width)), np.zeros((layers, width, width)))

    @classmethod
    def of(cls, rows: Floats, labels: Labels, classes: int) -> Self:
        """Of rows ``(n, H)`` at one layer; L is 1."""
        wide, targets = rows.astype(np.float64), np.eye(classes)[labels]
        return cls(targets.sum(0), (targets.T @ wide)[None], (wide.T @ wide)[None])

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.counts + other.counts, self.sums + other.sums, self.gram + other.gram)

    def layer(self, layer: int) -> Moments:
        """One layer's, L being 1."""
        return Moments(self.counts, self.sums[layer : layer + 1], self.gram[layer : layer + 1])

    @property
    def class_means(self) -> Doubles:
        """``(L, G, H)``"""
        return self.sums / np.maximum(self.counts, 1)[:, None]

    @property
    def mean(self) -> Doubles:
        """``(L, H)``"""
        return self.sums.sum(1) / max(self.counts.sum(), 1)

    @property
    def covariance(self) -> Doubles:
        """Total covariance, ``(L, H, H)``."""
        mean = self.mean
        return self.gram / max(self.counts.sum(), 1) - mean[:, :, None] * mean[:, None, :]
