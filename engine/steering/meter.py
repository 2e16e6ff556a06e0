"""What the model hears of each genre in its own music, read from the residual stream while it plays."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.model.cache import Span
from engine.model.stream import TokenStream
from engine.steering.pack import Floats, ProbePack

SMOOTHING_FRAMES = 50


class Meter:
    """A hook at the pack's meter layer that follows the probes' readout, smoothed over about a second.

    It reads the unconditional rows where there are any: they see the music alone, with no text and no steering, which is the
    state the probes were fitted in. Without guidance it reads the conditional rows.

    Args:
        stream: whose playing is heard; a prompt or a slice of the window that it reads is not music being made.
        pack: readout and bias.
    """

    def __init__(self, stream: TokenStream, pack: ProbePack) -> None:
        decoder, batch = stream.decoder, stream.batch
        self.genres, self._batch, self._place = pack.genres, batch, stream.place
        layer = pack.meter_layer
        self._readout = torch.from_numpy(pack.readout[layer]).to(decoder.device)
        self._bias = pack.readout_bias[layer]
        self._smoothed = torch.zeros(batch, len(pack.genres), device=decoder.device)
        self._left = torch.ones((), device=decoder.device)  # weight of the zeros that the average started from
        self._handle = decoder.layers[layer].register_forward_pre_hook(self._hook)

    def _hook(self, _: nn.Module, args: tuple[Any, ...]) -> None:
        hidden: Tensor = args[0]
        span: Span = args[2]
        if span.positions is self._place:  # the column being played; what is read counts its own places
            heard = hidden[-self._batch :, 0].float() @ self._readout.t()
            self._smoothed.lerp_(heard, 1.0 / SMOOTHING_FRAMES)
            self._left.mul_(1.0 - 1.0 / SMOOTHING_FRAMES)

    @property
    def state(self) -> tuple[Tensor, ...]:
        """What it remembers, on the device."""
        return self._smoothed, self._left

    def reset(self) -> None:
        """Forget what was heard."""
        self._smoothed.zero_()
        self._left.fill_(1.0)

    def read(self) -> Floats:
        """Shares ``(B, G)`` that sum to 1. Waits for the device."""
        left = float(self._left)
        if left == 1.0:
            return np.full(self._smoothed.shape, 1.0 / len(self.genres), np.float32)
        logits = self._smoothed.cpu().numpy() / (1.0 - left) + self._bias
        if not np.isfinite(logits).all():  # an accident in the model would stay in the average for ever
            self.reset()
            return self.read()
        shares = np.exp(logits - logits.max(-1, keepdims=True))
        return (shares / shares.sum(-1, keepdims=True)).astype(np.float32)

    def remove(self) -> None:
        """Take the hook off."""
        self._handle.remove()
