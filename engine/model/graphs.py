"""The step as a captured CUDA graph, one per length bucket: launching its kernels one by one is what a GPU waits for."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import torch

from engine.model.cache import Span, TextMemory
from engine.model.stream import TokenStream
from engine.model.tokenizer import MAX_TEXT_TOKENS

BUCKETS = (256, 512, 1024)
WARM_UP_RUNS = 3
MAX_GRAPHS = 16


class GraphedStepper:
    """Replays :meth:`TokenStream.compute` for a CUDA stream of tokens.

    A graph reads fixed addresses: the text is copied into buffers of the longest prompt's size, and a mask hides the rest.
    Knobs write device buffers and never capture again; another set of hooks or another law does. Unlike the direct step,
    attention runs over a whole bucket under a mask: scores may differ in the last bits.

    Args:
        stream: on a CUDA device.
        program: names what the hooks do; each program has its graphs.
    """

    def __init__(self, stream: TokenStream, program: Callable[[], Hashable]) -> None:
        self._stream, self._program = stream, program
        decoder = stream.decoder
        head_dim = decoder.hidden_size // decoder.heads
        shape = (len(decoder.layers), stream.batch, decoder.heads, MAX_TEXT_TOKENS, head_dim)
        self._text = TextMemory(
            torch.zeros(shape, dtype=decoder.dtype, device=decoder.device),
            torch.zeros(shape, dtype=decoder.dtype, device=decoder.device),
            torch.ones(stream.batch, 1, 1, MAX_TEXT_TOKENS, dtype=torch.bool, device=decoder.device),
        )
        self._shown: TextMemory | None = None
        self._graphs: dict[tuple[Hashable, int], torch.cuda.CUDAGraph] = {}

    def __call__(self, position: int) -> None:
        """One step; captures what it needs on first use."""
        self._show_text()
        bucket = next((b for b in BUCKETS if position < b < self._stream.window), self._stream.window)
        key = (self._program(), bucket)
        if key not in self._graphs:
            if len(self._graphs) == MAX_GRAPHS:  # layers and laws have been tried out: begin afresh
                self._graphs.clear()
            self._graphs[key] = self._capture(bucket)
        self._graphs[key].replay()

    def _show_text(self) -> None:
        """Copy the stream's text into the graph's buffers when it has changed."""
        memory = self._stream.memory
        if memory is self._shown:
            return
        assert self._text.mask is not None
        # Zeros are what no text looks like: they attend evenly and add nothing.
        self._text.keys.zero_()
        self._text.values.zero_()
        self._text.mask.fill_(True)
        if memory is not None:
            count = memory.keys.shape[3]
            self._text.keys[:, :, :, :count].copy_(memory.keys)
            self._text.values[:, :, :, :count].copy_(memory.values)
            self._text.mask[..., count:] = False
            if memory.mask is not None:
                self._text.mask[..., :count].copy_(memory.mask)
        self._shown = memory

    def _run(self, bucket: int) -> None:
        stream = self._stream
        mask = torch.arange(bucket, device=stream.place.device)[None] <= stream.place[:, None]
        memory, stream.memory = stream.memory, self._text
        try:
            stream.compute(Span(stream.place, bucket, mask))
        finally:
            stream.memory = memory

    def _capture(self, bucket: int) -> torch.cuda.CUDAGraph:
        stream = self._stream
        state = (stream.tokens, stream.drawn, stream.place, stream.healthy)
        saved = [x.clone() for x in state]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP_RUNS):
                self._run(bucket)
                # The warm-up must not wander off the window; what it wrote to the cache is overwritten by the real step.
                for buffer, value in zip(state, saved, strict=True):
                    buffer.copy_(value)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        # Only this thread's mistakes should break a capture: the codec's thread goes on allocating and copying.
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            self._run(bucket)
        return graph
