"""The laws of intervention: how an offset d enters the residual h. Norms in float32."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.control import Law


def _norm(x: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x, dim=-1, keepdim=True)


def steer(law: Law, hidden: Tensor, offset: Tensor, total: Tensor) -> Tensor:
    """Move every position of ``hidden`` in place, and return it.

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
    wide = hidden.float()  # itself where it is float32 already
    if law is Law.UNIT:
        wide.add_(offset)
        wide.div_(_norm(wide))
    else:
        norm = _norm(wide)
        wide.addcmul_(norm, offset)
        if law is Law.PRESERVE:
            wide.mul_(norm.div_(_norm(wide)))
        elif law is Law.RELATIVE:
            wide.div_(1 + total)
    return hidden if wide is hidden else hidden.copy_(wide)
