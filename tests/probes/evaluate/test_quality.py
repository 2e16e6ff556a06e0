"""Signs of collapse, and distances with known answers."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import sqrtm

from probes.evaluate.detectors import Faults, is_looping, listen_for_faults
from probes.evaluate.distance import frechet, mmd, strangeness

RATE_HZ = 24_000
TIME_S = np.arange(4 * RATE_HZ) / RATE_HZ


def music() -> NDArray[np.float32]:
    """Two notes a second, with a little hiss."""
    rng = np.random.default_rng(0)
    out = np.zeros(len(TIME_S))
    for beat in range(8):
        inside = np.floor(2 * TIME_S) == beat
        hz = rng.uniform(200, 800)
        ages = TIME_S[inside] - beat / 2
        out[inside] = sum(np.sin(2 * np.pi * hz * k * ages) / k for k in (1, 2, 3)) * np.exp(-3 * ages)
    return (0.3 * out + 0.001 * rng.standard_normal(len(TIME_S))).astype(np.float32)


@pytest.mark.parametrize(
    ("samples", "faults"),
    [
        (music(), Faults(False, False, False, False)),
        (np.zeros(len(TIME_S), np.float32), Faults(True, False, False, False)),
        (1e-4 * music(), Faults(True, False, False, False)),
        (0.2 * np.random.default_rng(0).standard_normal(len(TIME_S)), Faults(False, True, False, False)),
        (0.3 * np.sin(2 * np.pi * 220 * TIME_S), Faults(False, False, True, False)),
        (np.clip(8 * music(), -1, 1), Faults(False, False, False, True)),
    ],
    ids=["music", "silence", "nearly silence", "noise", "frozen tone", "clipped"],
)
def test_faults(samples: NDArray[np.float64], faults: Faults) -> None:
    assert listen_for_faults(samples.astype(np.float32), RATE_HZ) == faults
    assert bool(faults) == any(vars(faults).values())


def test_half_a_silence_is_no_fault() -> None:
    quiet = music()
    quiet[: len(quiet) // 3] = 0
    assert not listen_for_faults(quiet, RATE_HZ)


def test_loops_of_tokens() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 64, (4, 200))
    assert not is_looping(codes)
    assert is_looping(np.tile(codes[:, :7], 30))
    assert is_looping(np.tile(codes[:, :1], 50))


def test_frechet_of_gaussians_is_known() -> None:
    rng = np.random.default_rng(0)
    a = rng.standard_normal((20_000, 2))
    b = np.array([1.0, 2.0]) + rng.standard_normal((20_000, 2)) * np.array([2.0, 1.0])
    # ‖μ‖² + Σ (σ_a − σ_b)² for diagonal covariances
    assert frechet(a, b) == pytest.approx(5 + 1, rel=0.05)
    assert frechet(a, a) == pytest.approx(0, abs=1e-6)
    assert frechet(a, b) == pytest.approx(frechet(b, a))


@pytest.mark.parametrize(("n", "m"), [(60, 90), (5, 8), (5, 90)], ids=["many", "few", "few against many"])
def test_frechet_is_that_of_the_definition(n: int, m: int) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((n, 16)) * np.linspace(0.5, 2, 16), rng.standard_normal((m, 16)) + 0.3
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # Of √Σ_a Σ_b √Σ_a, which is symmetric: the same trace, and few sounds do not upset it.
    half = sqrtm(cov_a + 1e-12 * np.eye(16)).real
    cross = np.trace(sqrtm(half @ cov_b @ half + 1e-14 * np.eye(16)).real)
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * cross
    assert frechet(a, b) == pytest.approx(expected, rel=1e-4)


def test_frechet_of_few_sounds_in_many_dimensions_is_quick() -> None:
    """As of CLAP's 512, or more: what is decomposed is as small as the fewest sounds."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 20, 4096))
    started = perf_counter()
    assert frechet(a, a) == pytest.approx(0, abs=1e-6)
    assert frechet(a, b) > 0
    assert perf_counter() - started < 2


def test_frechet_survives_sets_that_span_little() -> None:
    flat = np.zeros((4, 8))
    flat[:, 0] = np.arange(4)
    assert np.isfinite(frechet(flat, flat + 1))
    with pytest.raises(ValueError, match="at least two"):
        frechet(flat[:1], flat)


def test_mmd_is_nothing_between_equals_and_grows_with_distance() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 200, 3))
    assert abs(mmd(a, b)) < 0.02
    assert 0.02 < mmd(a + 0.5, b) < mmd(a + 1.5, b)


def test_strangeness_is_the_distance_to_the_third_nearest() -> None:
    line = np.arange(5.0)[:, None]
    assert strangeness(np.array([[0.0]]), line) == pytest.approx(2)
    assert strangeness(np.array([[0.0], [10.0]]), line) == pytest.approx((2 + 8) / 2)
    assert strangeness(np.array([[1.0]]), line[:2]) == pytest.approx(1), "of two the farther"


def test_a_genre_of_the_corpus_is_not_strange() -> None:
    rng = np.random.default_rng(0)
    corpus = np.concatenate([rng.standard_normal((50, 3)), rng.standard_normal((50, 3)) + 20])
    one_sided, between = corpus[:20] + 0.1 * rng.standard_normal((20, 3)), rng.standard_normal((20, 3)) + 10
    assert strangeness(one_sided, corpus) < strangeness(between, corpus) / 5
