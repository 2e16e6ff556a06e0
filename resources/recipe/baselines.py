"""What counting alone predicts of the next token: the least that the language model has to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

PRIOR_TOKENS = (3.0, 10.0, 30.0, 100.0, 300.0)


def unigram_nats(train: Sequence[Tensor], held_out: Sequence[Tensor], size: int) -> list[float]:
    """Cross-entropy of each codebook under its histogram (add-one). Codes are ``(K, T)`` each."""
    return [
        float(-np.log(_histogram(ours, size))[np.concatenate(theirs)].mean())
        for ours, theirs in zip(_by_level(train), _by_level(held_out), strict=True)
    ]


def bigram_nats(train: Sequence[Tensor], held_out: Sequence[Tensor], size: int) -> list[float]:
    """Cross-entropy of each codebook given its own last token.

    Counts are smoothed towards the histogram by the best of :data:`PRIOR_TOKENS`, chosen on the held-out tokens
    themselves: in the baseline's favour.
    """
    nats = []
    for ours, theirs in zip(_by_level(train), _by_level(held_out), strict=True):
        histogram = _histogram(ours, size)
        pairs = np.zeros((size, size))
        for clip in ours:
            np.add.at(pairs, (clip[:-1], clip[1:]), 1)
        before = np.concatenate([clip[:-1] for clip in theirs])
        after = np.concatenate([clip[1:] for clip in theirs])
        seen, total = pairs[before, after], pairs.sum(1)[before]
        nats.append(min(float(-np.log((seen + m * histogram[after]) / (total + m)).mean()) for m in PRIOR_TOKENS))
    return nats


def _histogram(clips: list[NDArray[np.int64]], size: int) -> NDArray[np.float64]:
    counts = np.bincount(np.concatenate(clips), minlength=size) + 1.0
    return counts / counts.sum()


def _by_level(clips: Sequence[Tensor]) -> list[list[NDArray[np.int64]]]:
    return [[clip[level].numpy() for clip in clips] for level in range(len(clips[0]))]
