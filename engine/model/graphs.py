"""The step as a captured CUDA graph, one per length bucket: launching its kernels one by one is what a GPU waits for."""

from __future__ import annotations

import gc
import logging
import weakref
from collections.abc import Callable, Hashable, Sequence

import torch
from torch import Tensor

from engine.model.cache import Span, TextMemory
from engine.model.stream import TokenStream
from engine.model.tokenizer import MAX_TEXT_TOKENS

log = logging.getLogger(__name__)

BUCKETS = (256, 512, 1024)
MAX_GRAPHS = 16
#: attention's fast kernels want rows of a mask to begin at multiples of this many values
ALIGNED = 8


class GraphedStepper:
    """Replays :meth:`TokenStream.compute` for a CUDA stream of tokens.

    A graph reads fixed addresses: the text is copied into buffers of the longest prompt's size, and a mask hides the rest.
    Knobs write device buffers and never capture again; another set of hooks or another law does. Unlike the direct step,
    attention runs over a whole bucket under a mask: scores may differ in the last bits. Where a capture fails, the step runs
    directly from then on.

    Args:
        stream: on a CUDA device; it holds its stepper, so that it is not held in turn.
        program: names what the hooks do; each program has its graphs.
        remembered: device state that hooks keep; a capture leaves it as it was.
    """

    def __init__(self, stream: TokenStream, program: Callable[[], Hashable], remembered: Sequence[Tensor] = ()) -> None:
        self._stream: TokenStream = weakref.proxy(stream)
        self._program = program
        self._state = (stream.tokens, stream.drawn, stream.place, stream.healthy, *remembered)
        decoder = stream.decoder
        head_dim = decoder.hidden_size // decoder.heads
        shape = (len(decoder.layers), stream.batch, decoder.heads, MAX_TEXT_TOKENS, head_dim)
        self._text = TextMemory(
            torch.zeros(shape, dtype=decoder.dtype, device=decoder.device),
            torch.zeros(shape, dtype=decoder.dtype, device=decoder.device),
            torch.zeros(stream.batch, 1, 1, MAX_TEXT_TOKENS, dtype=decoder.dtype, device=decoder.device),
        )
        self._shown: TextMemory | None = None
        self._graphs: dict[tuple[Hashable, int], torch.cuda.CUDAGraph | None] = {}
        # One side stream and one pool for all: cuBLAS keeps a workspace per stream for good, and no replay outlives another.
        self._side = torch.cuda.Stream(decoder.device)
        self._pool = torch.cuda.graph_pool_handle()

    def prepare(self) -> None:
        """Capture every bucket of the program in force: in the midst of the music a capture would be heard as a gap."""
        window = self._stream.window
        for bucket in (*(b for b in BUCKETS if b < window), window):
            self._graph(bucket)

    def __call__(self, position: int) -> None:
        """One step; captures what it needs on first use."""
        self._show_text()
        window = self._stream.window
        graph = self._graph(next((b for b in BUCKETS if position < b < window), window))
        if graph is None:
            self._stream.run(position)
        else:
            graph.replay()

    def _graph(self, bucket: int) -> torch.cuda.CUDAGraph | None:
        """What replays the program over ``bucket`` columns; None where it cannot be captured."""
        key = (self._program(), bucket)
        if key not in self._graphs:
            if len(self._graphs) == MAX_GRAPHS:  # layers and laws have been tried out
                del self._graphs[next(iter(self._graphs))]
            try:
                self._graphs[key] = self._capture(bucket)
            except RuntimeError:
                log.exception("the step could not be captured: it runs directly, and slower")
                self._graphs[key] = None
        return self._graphs[key]

    def _show_text(self) -> None:
        """Copy the stream's text into the graph's buffers when it has changed."""
        memory = self._stream.memory
        if memory is self._shown:
            return
        assert self._text.mask is not None
        # Zeros are what no text looks like: they attend evenly and add nothing.
        self._text.keys.zero_()
        self._text.values.zero_()
        self._text.mask.zero_()
        if memory is not None:
            count = memory.keys.shape[3]
            self._text.keys[:, :, :, :count].copy_(memory.keys)
            self._text.values[:, :, :, :count].copy_(memory.values)
            self._text.mask[..., count:] = float("-inf")
            if memory.mask is not None:
                self._text.mask[..., :count].masked_fill_(~memory.mask, float("-inf"))
        self._shown = memory

    def _run(self, bucket: int) -> None:
        stream = self._stream
        # Added to the scores as it stands: a mask of truths would be turned into one like this in every layer.
        ahead = torch.arange(-(-bucket // ALIGNED) * ALIGNED, device=stream.place.device)[None] > stream.place[:, None]
        mask = torch.zeros_like(ahead, dtype=stream.decoder.dtype).masked_fill_(ahead, float("-inf"))[:, :bucket]
        memory, stream.memory = stream.memory, self._text
        try:
            stream.compute(Span(stream.place, bucket, mask))
        finally:
            stream.memory = memory

    def _capture(self, bucket: int) -> torch.cuda.CUDAGraph:
        saved = [x.clone() for x in self._state]
        here = torch.cuda.current_stream()
        collecting = gc.isenabled()
        gc.disable()  # a graph that is collected meanwhile would break the capture
        try:
            self._side.wait_stream(here)
            with torch.cuda.stream(self._side):
                self._run(bucket)
                # The warm-up must not wander off the window; what it wrote to the cache is overwritten by the real step.
                for buffer, value in zip(self._state, saved, strict=True):
                    buffer.copy_(value)
            here.wait_stream(self._side)
            graph = torch.cuda.CUDAGraph()
            # Only this thread's mistakes should break a capture: the codec's thread goes on allocating and copying.
            with torch.cuda.graph(graph, pool=self._pool, stream=self._side, capture_error_mode="thread_local"):
                self._run(bucket)
            return graph
        finally:
            torch.cuda.set_stream(here)  # a capture that fails does not come back to it
            if collecting:
                gc.enable()
