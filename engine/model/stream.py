"""An endless stream of codec frames from a decoder that was trained on a short window.

Column 0 is the start token; step c reads column c and draws column c + 1. When the window is nearly full, its second half is
read again, from position 0, into a spare cache, a few columns at a time between steps; at the window's end the spare's
contents take the main cache's place and the stream goes on without a gap. To the model that is a continuation of an audio
prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from engine.model.cache import Span, TextMemory
from engine.model.decoder import Decoder
from engine.model.delay import DelayPattern
from engine.model.sampling import SamplingBuffers, guide, sample

REREAD_COLUMNS_PER_STEP = 4
#: to an accelerator many columns are hardly more work than few, and each pass is hundreds of launches
ACCELERATOR_COLUMNS = 64
PREFILL_COLUMNS = 256


class Stepper(Protocol):
    """Runs the step's program: directly, or as a captured graph (``engine.model.graphs``)."""

    def __call__(self, position: int) -> None:
        """Advance the stream's device state by one column from ``position``."""


class TokenStream:
    """B streams in lockstep, each with its own seed.

    Owned by one thread. What a captured graph reads (tokens, counters, caches) keeps its address for the stream's life.

    Args:
        decoder: the model.
        window: columns that the model was trained on; positions never reach it.
        batch: B.
        guided: carry unconditional rows, for guidance.

    Attributes:
        sampling: the sampling knobs, on the device.
        memory: the text of the conditional rows; None for no text. May change between any two steps.
        healthy: scalar bool on the device; turns False when scores were not finite, and stays so until set.
    """

    def __init__(self, decoder: Decoder, window: int, batch: int = 1, guided: bool = True) -> None:
        if window > decoder.max_positions:
            raise ValueError(f"a window of {window} columns, but the model has {decoder.max_positions} positions")
        self.decoder, self.window, self.batch = decoder, window, batch
        self.rows = 2 * batch if guided else batch
        self.pattern = DelayPattern(decoder.codebooks, decoder.channels, decoder.start_token)
        self.sampling = SamplingBuffers.on(decoder.device)
        self.memory: TextMemory | None = None
        #: runs a column instead of :meth:`run`; kept apart from it, or the stream would hold itself, and its caches, alive
        self.stepper: Stepper | None = None
        device, books = decoder.device, decoder.codebooks
        self._kept = window // 2
        self._slice = REREAD_COLUMNS_PER_STEP if device.type == "cpu" else ACCELERATOR_COLUMNS
        self.cache = decoder.new_cache(self.rows, window)
        self._spare = decoder.new_cache(self.rows, self._kept)
        self._columns = torch.full((batch, books, window + 1), decoder.start_token, device=device)
        self._known = self._columns[:, :, :1].clone()
        # Device state of the step
        self.tokens = torch.full((batch, books), decoder.start_token, device=device)
        self.forced = torch.full((batch, books), -1, device=device)
        self.seeds = torch.zeros(batch, dtype=torch.long, device=device)
        self.drawn = torch.zeros((), dtype=torch.long, device=device)
        self.place = torch.zeros(1, dtype=torch.long, device=device)
        self.healthy = torch.ones((), dtype=torch.bool, device=device)
        self._position = self._reread = self._since_start = self._prompt_frames = 0

    @torch.inference_mode()
    def start(self, seeds: Sequence[int], prompt: Tensor | None = None) -> None:
        """Begin anew, after an audio prompt if there is one.

        Args:
            seeds: B numbers; any Python int, used modulo 2⁶³.
            prompt: codes ``(B, K, P)``, or None. Frames that would fill more than half the window are dropped from its front.
        """
        decoder = self.decoder
        if not self.healthy:
            self.cache.clear()
        self.seeds.copy_(torch.tensor([s % (1 << 63) for s in seeds]))
        frames = self._columns.new_empty(self.batch, decoder.codebooks, 0) if prompt is None else prompt
        frames = frames[:, :, max(0, frames.shape[-1] - self._kept) :].to(decoder.device)
        self._prompt_frames = frames.shape[-1]
        self._known = self.pattern.columns(frames)
        self._columns.fill_(decoder.start_token)
        self._columns[:, :, : self._known.shape[-1]] = self._known
        self._position, self._reread, self._since_start = self._prompt_frames, 0, 0
        self.tokens.copy_(self._columns[:, :, self._position])
        self.drawn.zero_()
        self.place.fill_(self._position)
        self.healthy.fill_(True)
        self._read(self._columns, 0, self._position)

    def _read(self, columns: Tensor, first: int, last: int) -> None:
        """Fill the main cache with columns ``first … last - 1``."""
        for begin in range(first, last, PREFILL_COLUMNS):
            end = min(last, begin + PREFILL_COLUMNS)
            span = Span.of(begin, end - begin, self.decoder.device)
            self.decoder(columns[:, :, begin:end], self.rows, self.cache, span, self.memory)

    @torch.inference_mode()
    def step(self) -> Tensor | None:
        """Draw one column.

        Returns:
            The frame ``(B, K)`` that became whole with it, on the device; None while the first one is still in the delay.
        """
        if self._position == self.window:
            self._slide()
        self._force()
        (self.stepper or self.run)(self._position)
        self._position += 1
        self._since_start += 1
        self._columns[:, :, self._position] = self.tokens
        self._reread_some()
        if self._since_start <= self.pattern.span:
            return None
        first = self._position - self.pattern.span
        rows = [self._columns[:, book, first + delay] for book, delay in enumerate(self.pattern.delays)]
        return torch.stack(rows, dim=1)

    def run(self, position: int) -> None:
        """The step's program, executed directly."""
        self.compute(Span(self.place, position + 1, None))

    def compute(self, span: Span) -> None:
        """Read the current column, draw the next one, count on. Touches device buffers only."""
        hidden = self.decoder(self.tokens[..., None], self.rows, self.cache, span, self.memory)
        scores, healthy = guide(self.decoder.logits(hidden), self.batch, self.sampling.guidance)
        drawn = sample(scores, self.sampling, self.seeds, self.drawn)
        self.tokens.copy_(torch.where(self.forced >= 0, self.forced, drawn))
        self.healthy.logical_and_(healthy)
        self.drawn.add_(1)
        self.place.add_(1)

    def _force(self) -> None:
        """Places of the next column that are not the model's to choose: the prompt's last frames and the first triangle."""
        ahead = self._since_start + 1 + self._prompt_frames
        if ahead < self._known.shape[-1]:
            frame = torch.tensor([ahead - 1 - delay for delay in self.pattern.delays], device=self.forced.device)
            self.forced.copy_(torch.where(frame < self._prompt_frames, self._known[:, :, ahead], -1))
        elif ahead == self._known.shape[-1]:
            self.forced.fill_(-1)

    def _reread_some(self) -> None:
        """A slice of the second half into the spare cache, when the end of the window is near enough for it to be due."""
        due = self._kept - REREAD_COLUMNS_PER_STEP * (self.window - self._position)
        if due <= self._reread:
            return
        drawn = self._position - (self.window - self._kept) + 1
        end = min(self._reread + self._slice, drawn, self._kept)
        self._read_spare(self._reread, end)
        self._reread = end

    def _read_spare(self, first: int, last: int) -> None:
        """Fill the spare cache's places ``first … last - 1`` from the second half of the window."""
        if first < last:
            columns = self.pattern.hide_before(self._columns, self.window - self._kept)[:, :, first:last]
            span = Span.of(first, last - first, self.decoder.device)
            self.decoder(columns, self.rows, self._spare, span, self.memory)

    def _slide(self) -> None:
        """Let the second half of the window become the first."""
        first = self.window - self._kept
        columns = self.pattern.hide_before(self._columns, first)
        self._columns.fill_(self.decoder.start_token)
        self._columns[:, :, : columns.shape[-1]] = columns
        self.cache.copy_from(self._spare, self._kept)
        self._position, self._reread = self._kept, 0
        self.place.fill_(self._position)

    @torch.inference_mode()
    def reread_all(self) -> None:
        """Compute both caches again from the columns: after an accident they hold values that are not numbers."""
        self.cache.clear(self._position)
        self._read(self._columns, 0, self._position)
        self._read_spare(0, self._reread)
        self.healthy.fill_(True)
