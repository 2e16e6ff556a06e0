"""The laws of intervention: how an offset d enters the residual h. Norms in float32."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.control import Law


def _norm(x: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)


def steer(law: Law, hidden: Tensor, offset: Tensor, total: Tensor) -> Tensor:
    """h' for every position.

    Args:
        law:
            preserve  ‖h‖ · (h + ‖h‖d) / ‖h + ‖h‖d‖   keeps the norm that later layers expect
            unit      (h + d) / ‖h + d‖               the paper's Eq. 6, to the letter
            relative  (h + ‖h‖d) / (1 + Σ|α|)         the authors' code
            add       h + ‖h‖d                        the usual activation addition
        hidden: ``(B, T, H)``.
        offset: d, ``(H,)`` or ``(B, 1, H)`` float32.
        total: Σ|α|, scalar tensor.
    """
    wide = hidden.float()
    if law is Law.UNIT:
        moved = wide + offset
        return (moved / _norm(moved)).to(hidden.dtype)
    norm = _norm(wide)
    moved = torch.addcmul(wide, norm, offset)
    if law is Law.PRESERVE:
        moved *= norm / _norm(moved)
    elif law is Law.RELATIVE:
        moved /= 1 + total
    return moved.to(hidden.dtype)
