"""The residual entering every layer, in generation's own layout: start column, delay pattern, no text, no guidance.

A plain pass over raw codes would show the model what it never sees when it plays, and a text prompt would tell it the
label.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from engine.model.cache import KeyValueCache, Span
from engine.model.decoder import Decoder
from engine.model.delay import DelayPattern

#: takes a layer's index, the first of some frames in a row, and the residuals of those frames that enter it, ``(B, n, H)``
Visitor = Callable[[int, int, Tensor], None]

#: Frames that go through the model at a time. The later ones look back at the cache, so that attention computes hardly more
#: than the causal half, and what a layer makes of a batch stays in a processor's cache.
STRETCH_FRAMES = 100


class _AllSeen(Exception):
    """The last layer's residual has been shown; what the layer would make of it is nobody's concern."""


class ResidualReader:
    """Teacher-forced passes through the decoder that plays.

    Args:
        decoder: any precision; float32 for probes.
        window: columns that the model was trained on.
    """

    def __init__(self, decoder: Decoder, window: int) -> None:
        self._decoder = decoder
        self._pattern = DelayPattern(decoder.codebooks, decoder.channels, decoder.start_token)
        self.max_frames = window - 1
        self._cache: KeyValueCache | None = None

    @torch.inference_mode()
    def read(self, codes: Tensor, visit: Visitor) -> None:
        """Run codes ``(B, K, T)``, T ≤ ``max_frames``, and show every layer's residuals, stretch by stretch.

        They are those of columns 1 … T, from which a stream that has played those frames draws the next column: column
        t holds codebook 0 of frame t - 1 and the later codebooks of earlier frames. The start column is read, not
        shown: it is the same for every music.
        """
        batch, _, frames = codes.shape
        if not 0 < frames <= self.max_frames:
            raise ValueError(f"{frames} frames do not fit a window of {self.max_frames}")
        columns = self._pattern.columns(codes.to(self._decoder.device))[:, :, : frames + 1]
        cache = self._cache_for(batch, frames + 1)
        for first in range(0, frames, STRETCH_FRAMES):
            self._read_stretch(columns, first, min(STRETCH_FRAMES, frames - first), cache, visit)

    def _read_stretch(self, columns: Tensor, first: int, count: int, cache: KeyValueCache, visit: Visitor) -> None:
        decoder = self._decoder
        begin, end = first + 1 if first else 0, first + count + 1  # the start column goes with the first frames

        def show(layer: int, _: nn.Module, args: tuple[Any, ...]) -> None:
            visit(layer, first, args[0][:, -count:])
            if layer == len(decoder.layers) - 1:
                raise _AllSeen

        handles = [x.register_forward_pre_hook(partial(show, i)) for i, x in enumerate(decoder.layers)]
        try:
            span = Span.of(begin, end - begin, decoder.device)
            with suppress(_AllSeen):
                decoder(columns[:, :, begin:end], len(columns), cache, span, None)
        finally:
            for handle in handles:
                handle.remove()

    def _cache_for(self, rows: int, columns: int) -> KeyValueCache:
        """Buffers of that size; the last ones, if they fit. What they hold is written before it is read."""
        if self._cache is None or self._cache.keys.shape[1::2] != (rows, columns):
            self._cache = self._decoder.new_cache(rows, columns)
        return self._cache
