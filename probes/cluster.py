"""Where genre lives without being told: k-means on a layer's residuals, held against the labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from probes.moments import Doubles, Floats, Labels

RESTARTS = 10


@dataclass(frozen=True)
class Clustering:
    """k-means with as many clusters as genres.

    Attributes:
        ari: adjusted Rand index. nmi: normalised mutual information.
        jaccard: similarity of clusters (rows) and genres (columns), ``(G, G)``, the rows so ordered that the diagonal is
            the best one-to-one match.
    """

    ari: float
    nmi: float
    jaccard: Doubles


def cluster(rows: Floats, targets: Labels, classes: int, seed: int = 0) -> Clustering:
    """Cluster residuals ``(n, H)`` as they are, without looking at the labels; then compare."""
    found = KMeans(classes, n_init=RESTARTS, random_state=seed).fit_predict(rows)
    return Clustering(
        float(adjusted_rand_score(targets, found)),
        float(normalized_mutual_info_score(targets, found)),
        matched_jaccard(found, targets, classes),
    )


def matched_jaccard(found: Labels, targets: Labels, classes: int) -> Doubles:
    """|A ∩ B| / |A ∪ B| of clusters and genres, clusters reordered to match (Hungarian method)."""
    both = np.zeros((classes, classes))
    np.add.at(both, (found, targets), 1)
    either = both.sum(1, keepdims=True) + both.sum(0, keepdims=True) - both
    jaccard = both / np.maximum(either, 1)
    clusters, genres = linear_sum_assignment(-jaccard)
    return jaccard[clusters[np.argsort(genres)]]
