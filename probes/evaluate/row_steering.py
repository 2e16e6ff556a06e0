"""Every row of a batch steered in its own way, so that one batch holds a whole experiment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.control import Law
from engine.model.decoder import Decoder
from engine.steering.blend import Blend
from engine.steering.laws import steer


@dataclass(frozen=True)
class _Group:
    """Rows that one law steers at one layer."""

    law: Law
    rows: Tensor  # (n,)
    offsets: Tensor  # (n, 1, H)
    totals: Tensor  # (n, 1, 1)


class RowSteerer:
    """Hooks on the conditional rows, as :class:`engine.steering.steerer.Steerer`'s are; a row with no offset is untouched.

    Args:
        decoder: whose layers are steered.
        blends: one for each of the B rows.
    """

    def __init__(self, decoder: Decoder, blends: Sequence[Blend]) -> None:
        self.paused = False
        members: dict[int, dict[Law, list[int]]] = {}
        for row, blend in enumerate(blends):
            for layer in blend.offsets:
                members.setdefault(layer, {}).setdefault(blend.law, []).append(row)
        device = decoder.device
        self._handles = []
        for layer, by_law in members.items():
            groups = []
            for law, rows in by_law.items():
                offsets = [blends[row].offsets[layer] for row in rows]
                groups.append(
                    _Group(
                        law,
                        torch.tensor(rows, device=device),
                        torch.from_numpy(np.stack([o.vector for o in offsets]))[:, None].to(device),
                        torch.tensor([o.total for o in offsets], device=device)[:, None, None],
                    )
                )
            self._handles.append(decoder.layers[layer].register_forward_pre_hook(partial(self._hook, groups)))

    def _hook(self, groups: list[_Group], _: nn.Module, args: tuple[Any, ...]) -> None:
        if self.paused:
            return
        hidden: Tensor = args[0]
        for group in groups:
            plain = hidden[group.rows]
            steered = steer(group.law, plain.clone(), group.offsets, group.totals)
            hidden[group.rows] = torch.where(steered.isfinite(), steered, plain)

    def remove(self) -> None:
        """Take every hook off."""
        for handle in self._handles:
            handle.remove()
