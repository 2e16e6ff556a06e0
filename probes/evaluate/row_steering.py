"""Every row of a batch steered in its own way, so that one batch holds a whole experiment."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
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
    """Rows that one law steers at one layer, every nth frame."""

    law: Law
    period: int
    rows: Tensor  # (n,)
    offsets: Tensor  # (n, 1, H)
    totals: Tensor  # (n, 1, 1)


class RowSteerer:
    """Hooks on the conditional rows, as :class:`engine.steering.steerer.Steerer`'s are; a row with no offset is untouched.

    Args:
        decoder: whose layers are steered.
        blends: one for each of the B rows.
        periods: each row is steered every nth frame; without them, every frame.

    Attributes:
        paused: leave everything as it is.
        frame: whose turn it is, counted from 0 in columns of the delay pattern.
    """

    def __init__(self, decoder: Decoder, blends: Sequence[Blend], periods: Sequence[int] | None = None) -> None:
        self.paused, self.frame = False, 0
        self._periods = list(periods or [1] * len(blends))
        members: dict[int, dict[tuple[Law, int], list[int]]] = {}
        for row, (blend, period) in enumerate(zip(blends, self._periods, strict=True)):
            for layer in blend.offsets:
                members.setdefault(layer, {}).setdefault((blend.law, period), []).append(row)
        device = decoder.device
        self._handles = []
        for layer, alike in members.items():
            groups = []
            for (law, period), rows in alike.items():
                offsets = [blends[row].offsets[layer] for row in rows]
                groups.append(
                    _Group(
                        law,
                        period,
                        torch.tensor(rows, device=device),
                        torch.from_numpy(np.stack([o.vector for o in offsets]))[:, None].to(device),
                        torch.tensor([o.total for o in offsets], device=device)[:, None, None],
                    )
                )
            self._handles.append(decoder.layers[layer].register_forward_pre_hook(partial(self._hook, groups)))

    @property
    def program(self) -> Hashable:
        """Names what the hooks do at this frame: a graph captured under one program runs that."""
        return frozenset(period for period in self._periods if self.frame % period == 0)

    def _hook(self, groups: list[_Group], _: nn.Module, args: tuple[Any, ...]) -> None:
        if self.paused:
            return
        hidden: Tensor = args[0]
        for group in groups:
            if self.frame % group.period:
                continue
            plain = hidden[group.rows]
            steered = steer(group.law, plain.clone(), group.offsets, group.totals)
            hidden[group.rows] = torch.where(steered.isfinite(), steered, plain)

    def remove(self) -> None:
        """Take every hook off."""
        for handle in self._handles:
            handle.remove()
