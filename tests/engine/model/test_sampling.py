"""Draws against transformers' own warpers, and the noise against its distribution."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from engine.model.noise import gumbel
from engine.model.sampling import SamplingBuffers, guide, sample

CPU = torch.device("cpu")


def draw(scores: torch.Tensor, count: int, **knobs: float) -> torch.Tensor:
    """``count`` draws from scores ``(V,)``."""
    buffers = SamplingBuffers.on(CPU)
    buffers.write(1.0, knobs.get("temperature", 1.0), int(knobs.get("top_k", 256)), knobs.get("top_p", 1.0))
    rows = scores.expand(count, 1, -1)
    return sample(rows, buffers, torch.arange(count), torch.tensor(5))[:, 0]


@pytest.mark.parametrize(
    ("knobs", "warpers"),
    [
        ({"temperature": 0.7}, [TemperatureLogitsWarper(0.7)]),
        ({"top_k": 5}, [TopKLogitsWarper(5)]),
        ({"top_p": 0.6}, [TopPLogitsWarper(0.6)]),
        (
            {"temperature": 1.5, "top_k": 12, "top_p": 0.8},
            [TemperatureLogitsWarper(1.5), TopPLogitsWarper(0.8), TopKLogitsWarper(12)],
        ),
    ],
)
def test_draws_follow_the_warped_distribution(knobs: dict[str, float], warpers: list) -> None:
    scores = torch.randn(40, generator=torch.Generator().manual_seed(1)) * 2
    warped = scores[None].clone()
    for warper in warpers:
        warped = warper(None, warped)
    expected = torch.softmax(warped[0].double(), -1).numpy()
    counts = np.bincount(draw(scores, 20_000, **knobs).numpy(), minlength=40)
    assert counts[expected == 0].sum() == 0
    likely = expected * 20_000 > 5
    statistic = scipy.stats.chisquare(counts[likely], expected[likely] / expected[likely].sum() * counts[likely].sum())
    assert statistic.pvalue > 1e-4


def test_temperature_zero_is_greedy() -> None:
    scores = torch.randn(3, 4, 100)
    buffers = SamplingBuffers.on(CPU)
    buffers.write(1.0, 0.0, 250, 1.0)
    assert torch.equal(sample(scores, buffers, torch.arange(3), torch.tensor(0)), scores.argmax(-1))


def test_noise_is_gumbel_and_independent_of_its_neighbours() -> None:
    ids = torch.arange(4096).expand(1, 2, -1)
    noise = gumbel(torch.tensor([9]), torch.tensor(3), ids)
    assert scipy.stats.kstest(noise.flatten().numpy(), "gumbel_r").pvalue > 1e-3
    for other in (
        gumbel(torch.tensor([10]), torch.tensor(3), ids),
        gumbel(torch.tensor([9]), torch.tensor(4), ids),
        noise.roll(1, 1),
        noise.roll(1, 2),
    ):
        assert abs(np.corrcoef(noise.flatten(), other.flatten())[0, 1]) < 0.05


def test_noise_goes_with_the_token_not_with_its_rank() -> None:
    ids = torch.randperm(300)[None, None]
    noise = gumbel(torch.tensor([1]), torch.tensor(0), ids)
    straight = gumbel(torch.tensor([1]), torch.tensor(0), ids.sort().values)
    assert torch.equal(noise.gather(-1, ids.argsort()), straight)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_scores_that_are_no_numbers_give_way_to_the_unconditional_ones(bad: float) -> None:
    logits = torch.randn(2, 4, 50)
    logits[0, 2, 7] = bad
    scores, healthy = guide(logits, 1, torch.tensor(3.0))
    assert not bool(healthy)
    assert torch.equal(scores, logits[1:])


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_even_scores_without_a_number_give_tokens(bad: float) -> None:
    buffers = SamplingBuffers.on(CPU)
    tokens = sample(torch.full((1, 4, 50), bad), buffers, torch.tensor([0]), torch.tensor(0))
    assert ((tokens >= 0) & (tokens < 50)).all()


def test_guidance_moves_from_the_unconditional_rows() -> None:
    logits = torch.randn(4, 2, 5)
    for factor in (0.0, 1.0, 3.0):
        scores, healthy = guide(logits, 2, torch.tensor(factor))
        assert bool(healthy)
        torch.testing.assert_close(scores, logits[2:] * (1 - factor) + logits[:2] * factor)
    assert guide(logits, 4, torch.tensor(3.0))[0] is logits
