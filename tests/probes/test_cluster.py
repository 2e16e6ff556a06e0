"""Clusters against labels: perfect, shuffled and half-right."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from probes.cluster import cluster, matched_jaccard


def test_clusters_that_are_the_genres() -> None:
    rng = np.random.default_rng(0)
    targets = np.arange(90) % 3
    rows = (10 * np.eye(8)[targets] + rng.standard_normal((90, 8))).astype(np.float32)
    found = cluster(rows, targets, 3)
    assert found.ari == found.nmi == pytest.approx(1.0)
    np.testing.assert_allclose(found.jaccard, np.eye(3))


def test_noise_has_no_genres() -> None:
    rng = np.random.default_rng(0)
    found = cluster(rng.standard_normal((300, 8)).astype(np.float32), np.arange(300) % 3, 3)
    assert abs(found.ari) < 0.05
    assert found.nmi < 0.05


def test_jaccard_is_matched_to_the_genres() -> None:
    targets = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    renamed = np.array([2, 2, 0, 0, 0, 0, 1, 1, 1])  # cluster 2 is genre 0, and one of its clips went to cluster 0
    jaccard = matched_jaccard(renamed, targets, 3)
    expected = [jaccard_score(targets == genre, renamed == found) for genre, found in enumerate((2, 0, 1))]
    np.testing.assert_allclose(np.diag(jaccard), expected)
    assert jaccard[0, 0] == pytest.approx(2 / 3)
