"""The laws against their formulas, written out in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.control import Law
from engine.steering.laws import steer

Wide = NDArray[np.float64]
TOTAL = 1.5


def written_out(law: Law, h: Wide, d: Wide, total: float) -> Wide:
    norm = np.sqrt((h**2).sum(-1, keepdims=True))
    moved = h + (d if law is Law.UNIT else norm * d)
    length = np.sqrt((moved**2).sum(-1, keepdims=True))
    match law:
        case Law.PRESERVE:
            return norm * moved / length
        case Law.UNIT:
            return moved / length
        case Law.RELATIVE:
            return moved / (1 + total)
        case Law.ADD:
            return moved


def residual(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Norms as far apart as those of real residuals: some of the entries are outliers."""
    values = torch.randn(*shape, generator=torch.Generator().manual_seed(1))
    values[..., 0] *= 40
    return values.to(dtype)


def offset(width: int) -> Tensor:
    return torch.randn(width, generator=torch.Generator().manual_seed(2)) / width**0.5


@pytest.mark.parametrize("law", Law)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float16, 2e-3), (torch.bfloat16, 2e-2)], ids=str
)
def test_each_law_is_its_formula(law: Law, dtype: torch.dtype, tolerance: float) -> None:
    hidden, d = residual(2, 3, 64, dtype=dtype), offset(64)
    expected = written_out(law, hidden.double().numpy(), d.double().numpy(), TOTAL)
    moved = steer(law, hidden, d, torch.tensor(TOTAL))
    assert moved is hidden, "in place"
    assert moved.dtype == dtype
    largest = np.abs(expected).max()
    np.testing.assert_allclose(moved.double().numpy(), expected, atol=tolerance * largest, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("strength", [0.3, 1.0, 30.0])
def test_preserve_keeps_norms(dtype: torch.dtype, strength: float) -> None:
    hidden = residual(1, 5, 256, dtype=dtype)
    before = hidden.double().norm(dim=-1)
    after = steer(Law.PRESERVE, hidden, strength * offset(256), torch.tensor(strength)).double().norm(dim=-1)
    torch.testing.assert_close(after, before, rtol=4 * torch.finfo(dtype).eps, atol=0)


def test_norms_are_not_taken_in_half_precision() -> None:
    """This one is 240,000: infinite in float16."""
    hidden = torch.full((1, 1, 64), 30_000.0, dtype=torch.float16)
    moved = steer(Law.PRESERVE, hidden, 0.2 * offset(64), torch.tensor(1.0))
    assert moved.double().norm().item() == pytest.approx(240_000, rel=1e-3)


@pytest.mark.parametrize("law", Law)
def test_rows_may_have_offsets_of_their_own(law: Law) -> None:
    hidden = residual(3, 2, 32)
    offsets = torch.stack([offset(32) * scale for scale in (0.5, -1.0, 2.0)])[:, None]
    together = steer(law, hidden.clone(), offsets, torch.tensor(TOTAL))
    for row in range(3):
        alone = steer(law, hidden[row : row + 1].clone(), offsets[row, 0], torch.tensor(TOTAL))
        torch.testing.assert_close(together[row : row + 1], alone)


def test_only_the_view_that_is_given_moves() -> None:
    hidden = residual(2, 1, 16)
    before = hidden.clone()
    steer(Law.PRESERVE, hidden[:1], offset(16), torch.tensor(1.0))
    assert not torch.equal(hidden[:1], before[:1])
    assert torch.equal(hidden[1:], before[1:])
