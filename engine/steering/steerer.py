"""Applies a blend to the residual stream through hooks on the decoder's layers."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from engine.control import Law
from engine.model.decoder import Decoder
from engine.steering.blend import Blend
from engine.steering.laws import steer


class Steerer:
    """Hooks on the steered layers alone; conditional rows alone.

    A knob writes the offsets' buffers, which a captured graph reads: only another law or another set of layers changes the
    program. With nothing asked no hook is there, and every token is as it was without one.

    Args:
        decoder: whose layers are steered.
        batch: B, the number of conditional rows.
    """

    def __init__(self, decoder: Decoder, batch: int) -> None:
        self._decoder, self._batch = decoder, batch
        self._handles: dict[int, RemovableHandle] = {}
        device, layers = decoder.device, len(decoder.layers)
        # A row per layer, d and Σ|α|; written in one go, without waiting for the device.
        self._asked = torch.zeros(layers, decoder.hidden_size + 1)
        self._numbers = torch.zeros_like(self._asked, device=device)
        # Views once for all: to index a tensor in every step costs as much as to add one.
        self._offsets = self._numbers[:, :-1].unbind()
        self._totals = self._numbers[:, -1].unbind()
        self._law = Law.PRESERVE
        #: leave everything as it is: the period's off frames, and what is not ours to bend
        self.paused = False

    @property
    def program(self) -> Hashable:
        """Names what the hooks do, other than in numbers: a graph captured under one program runs that."""
        return None if self.paused or not self._handles else (self._law, self.layers)

    @property
    def layers(self) -> tuple[int, ...]:
        """Layers that have a hook now."""
        return tuple(sorted(self._handles))

    def apply(self, blend: Blend) -> None:
        """Take up a blend for the frames that follow."""
        if set(blend.offsets) != set(self._handles) or blend.law is not self._law:
            self.remove()
            self._law = blend.law
            for layer in blend.offsets:
                hook = partial(self._hook, layer)
                self._handles[layer] = self._decoder.layers[layer].register_forward_pre_hook(hook)
        for layer, offset in blend.offsets.items():
            self._asked[layer, :-1] = torch.from_numpy(offset.vector)
            self._asked[layer, -1] = offset.total
        on_card = self._numbers.device.type == "cuda"
        self._numbers.copy_(self._asked.pin_memory() if on_card else self._asked, non_blocking=True)

    def remove(self) -> None:
        """Take every hook off."""
        for handle in self._handles.values():
            handle.remove()
        self._handles.clear()

    def _hook(self, layer: int, _: nn.Module, args: tuple[Any, ...]) -> None:
        if not self.paused:
            hidden: Tensor = args[0]
            steer(self._law, hidden[: self._batch], self._offsets[layer], self._totals[layer])
