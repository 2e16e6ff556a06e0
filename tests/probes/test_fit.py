"""Probes against each other, against scikit-learn, and against the mistakes that are known to have been made."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import binomtest
from sklearn.linear_model import Ridge

from probes.fit import (
    RIDGES,
    LinearProbe,
    Method,
    calibrate,
    choose_ridge,
    fit,
    fit_diffmean,
    fit_logistic,
    fit_mse,
    fit_random,
    press,
)
from probes.moments import Floats, Labels, Moments
from probes.score import Accuracy, confusion

CLASSES, WIDTH = 4, 24


def music(count: int = 240, seed: int = 0, spread: float = 0.5) -> tuple[Floats, Labels]:
    """Four genres: means apart, the same lopsided scatter around each, far from zero."""
    world, rng = np.random.default_rng(99), np.random.default_rng(seed)
    means = 3 + world.standard_normal((CLASSES, WIDTH))
    mixing = world.standard_normal((WIDTH, WIDTH)) * np.geomspace(1.0, 0.3, WIDTH)
    targets = np.arange(count) % CLASSES
    rows = means[targets] + spread * rng.standard_normal((count, WIDTH)) @ mixing.T
    return rows.astype(np.float32), targets


def by(method: Method, rows: Floats, targets: Labels, classes: int = CLASSES) -> LinearProbe:
    return fit(method, rows, targets, classes, [str(i) for i in range(len(rows))])


METHODS = [Method.MSE, Method.MSE_3, Method.LOGISTIC, Method.DIFFMEAN]


def cosines(a: LinearProbe, b: LinearProbe) -> Floats:
    return np.einsum("gh,gh->g", a.directions, b.directions)


def test_closed_form_equals_ridge_regression() -> None:
    rows, targets = music()
    moments = Moments.of(rows, targets, CLASSES)
    penalty = 1e-2 * np.trace(moments.covariance[0]) / WIDTH * len(rows)
    theirs = Ridge(alpha=penalty).fit(rows.astype(np.float64), np.eye(CLASSES)[targets])
    mine = fit_mse(moments, 1e-2)
    np.testing.assert_allclose(mine.weights, theirs.coef_, atol=1e-8)
    np.testing.assert_allclose(mine.bias, theirs.intercept_, atol=1e-8)


def fit_adam(rows: Floats, targets: Labels, classes: int, steps: int, rate: float) -> LinearProbe:
    """The paper's way to the same probe: gradient descent (Adam) on the squared error of one-hot targets."""
    scale = float(rows.std()) or 1.0
    x = torch.from_numpy((rows / scale).astype(np.float32))
    y = torch.eye(classes)[torch.from_numpy(targets)]
    mean = x.mean(0)
    weights = torch.zeros(classes, x.shape[1], requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimizer = torch.optim.Adam([weights, bias], lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss((x - mean) @ weights.t() + bias, y).backward()
        optimizer.step()
        schedule.step()
    wide = weights.detach().double().numpy()
    return LinearProbe(wide / scale, bias.detach().double().numpy() - wide @ mean.double().numpy())


def test_the_papers_adam_comes_to_the_same_directions() -> None:
    rows, targets = music()
    mine = fit_mse(Moments.of(rows, targets, CLASSES), 1e-4)
    theirs = fit_adam(rows, targets, CLASSES, steps=600, rate=3e-2)
    assert (cosines(mine, theirs) > 0.95).all()
    assert (mine.predict(rows) == theirs.predict(rows)).mean() > 0.98


@pytest.mark.parametrize("method", [*METHODS, Method.RANDOM])
def test_every_genre_has_a_direction_of_its_own(method: Method) -> None:
    """The authors' targets were broadcast: all their rows were one direction."""
    rows, targets = music()
    directions = by(method, rows, targets).directions
    assert directions.shape == (CLASSES, WIDTH)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1)
    assert (directions @ directions.T)[~np.eye(CLASSES, dtype=bool)].max() < 0.9


@pytest.mark.parametrize("method", METHODS)
def test_row_g_points_at_genre_g(method: Method) -> None:
    """Row order: along a genre's own direction its music lies furthest."""
    rows, targets = music()
    held_out, truth = music(seed=1)
    probe = by(method, rows, targets)
    along = held_out @ probe.directions.T
    means = np.stack([along[truth == g].mean(0) for g in range(CLASSES)])
    np.testing.assert_array_equal(means.argmax(0), np.arange(CLASSES))
    # Difference in means knows nothing of the scatter: it steers well and judges less well.
    assert (probe.predict(held_out) == truth).mean() > (0.7 if method in (Method.DIFFMEAN, Method.MSE_3) else 0.9)


@pytest.mark.parametrize("method", METHODS)
def test_renaming_the_genres_renames_the_rows(method: Method) -> None:
    rows, targets = music()
    order = np.array([2, 0, 3, 1])
    plain = by(method, rows, targets)
    renamed = by(method, rows, order[targets])
    np.testing.assert_allclose(renamed.directions[order], plain.directions, atol=1e-3)


def test_fits_add_up() -> None:
    """Statistics of two halves, added, give the probe of the whole."""
    rows, targets = music()
    halves = Moments.of(rows[:100], targets[:100], CLASSES) + Moments.of(rows[100:], targets[100:], CLASSES)
    whole = fit_mse(Moments.of(rows, targets, CLASSES))
    np.testing.assert_allclose(fit_mse(halves).weights, whole.weights, atol=1e-10)
    np.testing.assert_allclose(fit_diffmean(halves).weights, fit_diffmean(Moments.of(rows, targets, CLASSES)).weights)


def test_difference_in_means_is_that() -> None:
    rows, targets = music()
    means = np.stack([rows[targets == g].mean(0, dtype=np.float64) for g in range(CLASSES)])
    probe = fit_diffmean(Moments.of(rows, targets, CLASSES))
    np.testing.assert_allclose(probe.weights[1], means[1] - means[[0, 2, 3]].mean(0), atol=1e-6)


def test_shrinkage_leads_from_the_probe_to_the_difference_in_means() -> None:
    rows, targets = music()
    shrinking = [Method.MSE, Method.MSE_1, Method.MSE_3]
    along = [cosines(by(method, rows, targets), by(Method.DIFFMEAN, rows, targets)).mean() for method in shrinking]
    assert along == sorted(along)
    moments = Moments.of(rows, targets, CLASSES)
    np.testing.assert_allclose(fit_mse(moments, 1e6).directions, fit_diffmean(moments).directions, atol=1e-4)


def test_two_genres_are_enough() -> None:
    rows, targets = music()
    few, two = rows[targets < 2], targets[targets < 2]
    for method in METHODS:
        probe = by(method, few, two, 2)
        assert (probe.predict(few) == two).mean() > 0.95
        np.testing.assert_allclose(probe.directions[0], -probe.directions[1], atol=1e-6)


def test_the_random_control_is_unit_isotropic_and_repeatable() -> None:
    probe = fit_random(CLASSES, 4096, seed=3)
    np.testing.assert_allclose(np.linalg.norm(probe.weights, axis=1), 1)
    assert np.abs((probe.weights @ probe.weights.T)[~np.eye(CLASSES, dtype=bool)]).max() < 0.1
    np.testing.assert_array_equal(probe.weights, fit_random(CLASSES, 4096, seed=3).weights)
    assert not np.allclose(probe.weights, fit_random(CLASSES, 4096, seed=4).weights)


def test_the_ridge_is_chosen_on_rows_that_were_held_out() -> None:
    rows, targets = music(count=28, spread=1.0)  # about as many rows as dimensions: without a ridge it overfits
    held_out, truth = music(count=400, seed=1, spread=1.0)
    moments = Moments.of(rows, targets, CLASSES)
    probe = choose_ridge(lambda ridge: fit_mse(moments, ridge), held_out, truth)
    accuracies = [(fit_mse(moments, r).predict(held_out) == truth).mean() for r in RIDGES]
    assert (probe.predict(held_out) == truth).mean() == max(accuracies) > min(accuracies)


def left_out_scores(rows: Floats, targets: Labels, songs: list[str], ridge: float) -> Floats:
    """Each song's scores by a ridge regression that was refitted without it."""
    onehot = np.eye(CLASSES)[targets]
    scores = np.empty_like(onehot)
    for song in set(songs):
        out = np.array([other == song for other in songs])
        # The penalty is that of all rows: leaving some out does not move it.
        near = rows - rows.mean(0, dtype=np.float64)
        penalty = ridge * np.square(near).sum() / WIDTH
        model = Ridge(alpha=penalty).fit(rows[~out].astype(np.float64), onehot[~out])
        scores[out] = model.predict(rows[out].astype(np.float64))
    return scores


@pytest.mark.parametrize("clips_per_song", [1, 3])
def test_press_is_what_refitting_without_each_song_gives(clips_per_song: int) -> None:
    rows, targets = music(count=48, spread=1.5)
    targets = targets[np.arange(48) // clips_per_song * clips_per_song]
    songs = [str(i // clips_per_song) for i in range(48)]
    scores = {ridge: left_out_scores(rows, targets, songs, ridge) for ridge in RIDGES}
    errors = {ridge: np.square(scores[ridge] - np.eye(CLASSES)[targets]).sum() for ridge in RIDGES}
    ridge, told = press(rows, targets, CLASSES, songs)
    assert ridge == min(errors, key=lambda ridge: errors[ridge])
    np.testing.assert_array_equal(told, scores[ridge].argmax(1))


def test_songs_in_pieces_need_more_shrinkage_than_their_pieces_show() -> None:
    """Pieces of one song resemble each other: left out one by one, they would be judged by their own song."""
    rows, targets = music(count=24, spread=1.0)
    rng = np.random.default_rng(0)
    pieces = np.repeat(rows, 6, axis=0) + 0.01 * rng.standard_normal((144, WIDTH)).astype(np.float32)
    labels = np.repeat(targets, 6)
    one_by_one, _ = press(pieces, labels, CLASSES, [str(i) for i in range(144)])
    by_song, _ = press(pieces, labels, CLASSES, [str(i // 6) for i in range(144)])
    assert by_song > one_by_one


def test_calibrated_scores_are_probabilities_that_come_true() -> None:
    rows, targets = music(spread=1.0)
    pieces, truth = music(count=2000, seed=1, spread=1.0)
    readout = calibrate(fit_mse(Moments.of(rows, targets, CLASSES)), pieces, truth)
    fresh, fresh_truth = music(count=4000, seed=2, spread=1.0)
    logits = readout.scores(fresh)
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    sure = shares.max(1)
    right = shares.argmax(1) == fresh_truth
    for low, high in ((0.4, 0.7), (0.7, 0.9), (0.9, 1.0)):
        inside = (sure >= low) & (sure < high)
        assert inside.sum() > 50
        assert right[inside].mean() == pytest.approx(sure[inside].mean(), abs=0.08)


def test_logistic_survives_wildly_different_scales() -> None:
    rows, targets = music()
    scaled = rows * np.geomspace(1e-3, 1e3, WIDTH).astype(np.float32)
    assert (fit_logistic(scaled, targets).predict(scaled) == targets).mean() > 0.95


def test_wilson_interval_equals_scipys() -> None:
    rows, targets = music(spread=2.0)
    held_out, truth = music(count=100, seed=1, spread=2.0)
    accuracy = Accuracy.of(fit_mse(Moments.of(rows, targets, CLASSES)), held_out, truth)
    theirs = binomtest(accuracy.right, accuracy.count).proportion_ci(0.95, method="wilson")
    assert accuracy.interval == pytest.approx((theirs.low, theirs.high), abs=1e-6)
    assert Accuracy(0, 0).interval == pytest.approx((math.nan, math.nan), nan_ok=True)


def test_confusion_has_true_rows_and_told_columns() -> None:
    probe = LinearProbe(np.eye(2), np.zeros(2))
    rows = np.array([[1, 0], [0, 1], [0, 1]], np.float32)
    np.testing.assert_array_equal(confusion(probe, rows, np.array([0, 0, 1])), [[1, 1], [0, 1]])
