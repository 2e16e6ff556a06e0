"""Applies a blend to the residual stream through hooks on the decoder's layers."""

from __future__ import annotations

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
    program (``generation`` counts that). With nothing asked no hook is there, and every token is as it was without one.

    Args:
        decoder: whose layers are steered.
        batch: B, the number of conditional rows.
    """

    def __init__(self, decoder: Decoder, batch: int) -> None:
        self._decoder, self._batch = decoder, batch
        self._handles: dict[int, RemovableHandle] = {}
        device, layers = decoder.device, len(decoder.layers)
        self._offsets = torch.zeros(layers, decoder.hidden_size, device=device)
        self._totals = torch.zeros(layers, device=device)
        # 1 where this frame is steered: the period's off frames set it to 0
        self._gate = torch.ones((), dtype=torch.bool, device=device)
        self._law = Law.PRESERVE
        self.paused = False
        self.generation = 0
        #: scalar bool on the device: a steered residual was not finite and was left as it was
        self.dropped = torch.zeros((), dtype=torch.bool, device=device)

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
            self.generation += 1
        for layer, offset in blend.offsets.items():
            self._offsets[layer].copy_(torch.from_numpy(offset.vector))
            self._totals[layer] = offset.total

    def open(self, steered: bool) -> None:
        """Say whether the next frame is steered (the period)."""
        self._gate.fill_(steered)

    def remove(self) -> None:
        """Take every hook off."""
        for handle in self._handles.values():
            handle.remove()
        self._handles.clear()

    def _hook(self, layer: int, _: nn.Module, args: tuple[Any, ...]) -> None:
        if self.paused:
            return
        hidden: Tensor = args[0]
        conditional = hidden[: self._batch]
        steered = steer(self._law, conditional, self._offsets[layer], self._totals[layer])
        # One sum tells whether any value is off; it costs less than a look at each.
        sound = steered.sum().isfinite()
        self.dropped.logical_or_(~sound)
        conditional.copy_(torch.where(sound & self._gate, steered, conditional))
