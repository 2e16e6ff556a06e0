"""Directions from residuals: small functions behind one type, so that methods swap freely.

Every method returns a :class:`LinearProbe`; the rows of its weights, scaled to unit length, are the directions. The
paper's is the mean-squared-error probe (arXiv 2506.10225): h → W h + b on one-hot targets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.linalg import solve
from sklearn.linear_model import LogisticRegression

from probes.moments import Doubles, Floats, Labels, Moments

#: shrinkage of the covariance, as shares of its mean eigenvalue; what is held out chooses
RIDGES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)


class Method(StrEnum):
    """How directions are found.

    The mean-squared-error probe that is right most often leans on whatever tells genres apart, however little it varies;
    pushing along it moves the music little. Under more shrinkage it leans on what varies most between genres, and
    without end becomes the difference in means. What steers best lies between, and is found by ear.
    """

    MSE = "mse"  # shrunk as little as its accuracy on songs left out wants
    MSE_1 = "mse-1"  # shrunk by once the mean eigenvalue
    MSE_3 = "mse-3"
    LOGISTIC = "logistic"
    DIFFMEAN = "diffmean"
    RANDOM = "random"


SHRINKAGE = {Method.MSE_1: 1.0, Method.MSE_3: 3.0}


@dataclass(frozen=True)
class LinearProbe:
    """Scores of G classes from a residual: ``weights`` ``(G, H)``, ``bias`` ``(G,)``."""

    weights: Doubles
    bias: Doubles

    def scores(self, rows: Floats) -> Doubles:
        """``(n, H)`` → ``(n, G)``"""
        return rows @ self.weights.T + self.bias

    def predict(self, rows: Floats) -> Labels:
        """The class with the highest score, ``(n,)``."""
        return self.scores(rows).argmax(1)

    @property
    def directions(self) -> Doubles:
        """Unit rows ``(G, H)``."""
        return self.weights / np.linalg.norm(self.weights, axis=1, keepdims=True)


def fit_mse(moments: Moments, ridge: float = 1e-2) -> LinearProbe:
    """The mean-squared-error probe in closed form, from one layer's statistics.

    W = Cov(y, x) (Cov(x, x) + ridge · mean eigenvalue · I)⁻¹, with one-hot y. Classes weigh what they count.
    """
    total, width = moments.counts.sum(), moments.gram.shape[-1]
    mean, shares = moments.mean[0], moments.counts / total
    # Cov(y, x), row by row: share of the class × how far its mean lies from the mean of all
    cross = shares[:, None] * (moments.class_means[0] - mean)
    covariance = moments.covariance[0]
    shrunk = covariance + ridge * np.trace(covariance) / width * np.eye(width)
    weights = solve(shrunk, cross.T, assume_a="pos").T
    return LinearProbe(weights, shares - weights @ mean)


def fit_logistic(rows: Floats, targets: Labels, inverse_penalty: float = 1.0) -> LinearProbe:
    """Multinomial logistic regression on standardised rows, turned back to the residual's own units."""
    mean, spread = rows.mean(0, dtype=np.float64), rows.std(0, dtype=np.float64) + 1e-9
    model = LogisticRegression(C=inverse_penalty, max_iter=1000).fit((rows - mean) / spread, targets)
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:  # two classes share one row
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    weights = weights / spread
    return LinearProbe(weights, bias - weights @ mean)


def fit_diffmean(moments: Moments) -> LinearProbe:
    """Difference in means: from the mean of the other classes' means to the class's own; cut half-way between."""
    means = moments.class_means[0]
    classes = len(means)
    others = (means.sum(0) - means) / (classes - 1)
    weights = means - others
    return LinearProbe(weights, -np.einsum("gh,gh->g", weights, (means + others) / 2))


def fit_random(classes: int, width: int, seed: int = 0) -> LinearProbe:
    """Isotropic directions: the control that a method has to beat."""
    weights = np.random.default_rng(seed).standard_normal((classes, width))
    return LinearProbe(weights / np.linalg.norm(weights, axis=1, keepdims=True), np.zeros(classes))


def fit(method: Method, rows: Floats, targets: Labels, classes: int, songs: Sequence[str]) -> LinearProbe:
    """Fit labelled rows ``(n, H)`` by one of the methods; ``songs`` says which rows belong together."""
    moments = Moments.of(rows, targets, classes)
    if method is Method.MSE:
        return fit_mse(moments, press(rows, targets, classes, songs)[0])
    if method in SHRINKAGE:
        return fit_mse(moments, SHRINKAGE[method])
    if method is Method.LOGISTIC:
        return fit_logistic(rows, targets)
    if method is Method.DIFFMEAN:
        return fit_diffmean(moments)
    return fit_random(classes, rows.shape[1])


def press(rows: Floats, targets: Labels, classes: int, songs: Sequence[str]) -> tuple[float, Labels]:
    """The ridge of :data:`RIDGES` with the least squared error on songs left out one at a time; and what such a probe tells
    of every row, ``(n,)``, that has not met the row's song.

    Exact and without refitting (PRESS, Allen 1974): leaving rows I out turns their residuals e_I into
    (1 - H_II)⁻¹ e_I, with H the matrix that takes targets to predictions.
    """
    total, width = rows.shape
    near = rows - rows.mean(0, dtype=np.float64)
    onehot = np.eye(classes)[targets]
    wanted = onehot - onehot.mean(0)
    values, axes = np.linalg.eigh(near.T @ near)
    values, along = np.maximum(values, 0), near @ axes
    numbers = np.unique(np.asarray(songs), return_inverse=True)[1]
    order = np.argsort(numbers, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
    errors, told = [], []
    for ridge in RIDGES:
        shrunk = along / (values + ridge * values.sum() / width)
        left = wanted - shrunk @ (along.T @ wanted)
        for group in groups:
            hat = shrunk[group] @ along[group].T + 1 / total
            left[group] = np.linalg.solve(np.eye(len(group)) - hat, left[group])
        errors.append(float(np.square(left).sum()))
        told.append((onehot - left).argmax(1))
    best = int(np.argmin(errors))
    return RIDGES[best], told[best]


def choose_ridge(fit_with: Callable[[float], LinearProbe], rows: Floats, targets: Labels) -> LinearProbe:
    """The ridge of :data:`RIDGES` whose probe is right most often on rows held out for choosing; of equals, the largest."""
    probes = {ridge: fit_with(ridge) for ridge in RIDGES}
    return probes[max(RIDGES, key=lambda ridge: ((probes[ridge].predict(rows) == targets).sum(), ridge))]


def calibrate(probe: LinearProbe, rows: Floats, targets: Labels) -> LinearProbe:
    """Turn scores into logits: a multinomial logistic regression on the G scores, folded into weights and bias.

    Args:
        rows: residuals averaged over the time that will be heard, of clips that the probe was not fitted on.
    """
    scores = probe.scores(rows)
    head = fit_logistic(scores.astype(np.float32), targets)
    return LinearProbe(head.weights @ probe.weights, head.weights @ probe.bias + head.bias)
