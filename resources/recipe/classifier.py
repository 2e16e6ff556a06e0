"""An independent judge of genre: statistics of the log-mel spectrum and a logistic regression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from resources.recipe.spectra import Samples, log_mel_db

Features = NDArray[np.float32]


def features(samples: Samples, rate_hz: int) -> Features:
    """Mean, spread and mean change of each band, ``(240,)``; the clip's level is taken out, its length does not matter."""
    spectrum = log_mel_db(samples, rate_hz)
    change = np.abs(np.diff(spectrum, axis=0)).mean(0)
    return np.concatenate([spectrum.mean(0) - spectrum.mean(), spectrum.std(0), change])


class GenreClassifier:
    """Knows the genres of the corpus by their sound."""

    def __init__(self, examples: Sequence[Features], genres: Sequence[str]) -> None:
        regression = LogisticRegression(C=0.3, max_iter=3000)
        self._pipeline: Pipeline = make_pipeline(StandardScaler(), regression).fit(np.stack(examples), list(genres))

    def judge(self, examples: Sequence[Features]) -> list[str]:
        """The likeliest genre of each."""
        return [str(genre) for genre in self._pipeline.predict(np.stack(examples))]

    def accuracy(self, examples: Sequence[Features], genres: Sequence[str]) -> float:
        """Share of examples judged as their genre."""
        return float(np.mean([ours == theirs for ours, theirs in zip(self.judge(examples), genres, strict=True)]))
