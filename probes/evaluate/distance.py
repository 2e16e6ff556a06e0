"""How far a set of sounds lies from another, in an embedding: Fréchet distance, maximum mean discrepancy, strangeness."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist, pdist

from probes.moments import Doubles

NEIGHBOURS = 3


def frechet(a: Doubles, b: Doubles) -> float:
    """‖μ_a − μ_b‖² + tr(Σ_a + Σ_b − 2 (Σ_a Σ_b)^½) of embeddings ``(n, E)`` (Heusel et al., arXiv 1706.08500).

    Biased upwards by small sets: compare only sets of equal size.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError("a Fréchet distance needs at least two sounds on either side")
    x: Doubles = (a - a.mean(0)) / np.sqrt(len(a) - 1)  # Σ_a = xᵀx
    y: Doubles = (b - b.mean(0)) / np.sqrt(len(b) - 1)
    # The trace of the product's root is the sum of the singular values of x yᵀ. Rotations aside, that is a product of
    # triangles no larger than the smaller of n and E: exact, and quick for few sounds in many dimensions as well.
    left, right = np.linalg.qr(x).R, np.linalg.qr(y).R
    spread = (x**2).sum() + (y**2).sum() - 2 * np.linalg.svd(left @ right.T, compute_uv=False).sum()
    return max(0.0, float(((a.mean(0) - b.mean(0)) ** 2).sum() + spread))


def mmd(a: Doubles, b: Doubles) -> float:
    """Unbiased squared maximum mean discrepancy of ``(n, E)`` and ``(m, E)``, Gaussian kernel at the median distance of b."""
    width = float(np.median(pdist(b))) or 1.0

    def kernel(x: Doubles, y: Doubles) -> Doubles:
        return np.exp(-cdist(x, y, "sqeuclidean") / (2 * width**2))

    n, m = len(a), len(b)
    within_a = (kernel(a, a).sum() - n) / (n * (n - 1))
    within_b = (kernel(b, b).sum() - m) / (m * (m - 1))
    return float(within_a + within_b - 2 * kernel(a, b).mean())


def strangeness(places: Doubles, corpus: Doubles) -> float:
    """Mean distance of ``(n, E)`` to the third nearest of ``(m, E)``: grows off the beaten track, whatever the genre."""
    distances = cdist(places, corpus)
    nearest = min(NEIGHBOURS, distances.shape[1]) - 1
    return max(float(np.partition(distances, nearest, axis=1)[:, nearest].mean()), 1e-9)
