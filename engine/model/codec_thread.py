"""The codec beside the decoder: on a CPU each has a core to itself.

Torch leaves the interpreter lock while it computes, so the two threads overlap. Chunks come out in the order they went in, and
their samples do not depend on when.
"""

from __future__ import annotations

import queue
import threading

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.model.codec import Codec

#: frames of an audio prompt that the codec hears before the music joins on
PRIMING_FRAMES = 50


class CodecThread:
    """Decodes chunks on a thread of its own. All methods are called from one other thread.

    Args:
        codec: owned from now on; nobody else may touch its state.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._inbox: queue.SimpleQueue[Tensor | None] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[NDArray[np.float32] | BaseException] = queue.SimpleQueue()
        self._outstanding = 0
        self._of_the_prompt = 0  # samples still inside that belong to the prompt, not to the music
        self._thread = threading.Thread(target=self._run, name="segue-codec", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        torch.set_num_threads(1)
        while (codes := self._inbox.get()) is not None:
            try:
                self._outbox.put(self._decode(codes))
            except BaseException as error:
                self._outbox.put(error)

    @torch.inference_mode()
    def _decode(self, codes: Tensor) -> NDArray[np.float32]:
        return self._music(self._codec.decode(codes))

    def _music(self, samples: Tensor) -> NDArray[np.float32]:
        skipped = min(self._of_the_prompt, samples.shape[1])
        self._of_the_prompt -= skipped
        return np.ascontiguousarray(samples[:, skipped:].t().cpu().numpy(), dtype=np.float32)

    def submit(self, codes: Tensor) -> None:
        """Hand in codes ``(K, n)``."""
        self._outstanding += 1
        self._inbox.put(codes)

    def _take(self, block: bool) -> NDArray[np.float32]:
        result = self._outbox.get(block)
        self._outstanding -= 1
        if isinstance(result, BaseException):
            raise result
        return result

    def ready(self) -> list[NDArray[np.float32]]:
        """What has been decoded by now, ``(S, channels)`` per chunk."""
        results = []
        while self._outstanding:
            try:
                results.append(self._take(block=False))
            except queue.Empty:
                break
        return results

    def drain(self) -> list[NDArray[np.float32]]:
        """Wait for all chunks that were handed in."""
        return [self._take(block=True) for _ in range(self._outstanding)]

    @torch.inference_mode()
    def flush(self) -> NDArray[np.float32]:
        """The codec's last samples, after :meth:`drain`."""
        assert self._outstanding == 0, "drain before flushing"
        return self._music(self._codec.flush())

    def discard(self) -> None:
        """Wait for all chunks that were handed in, and drop what became of them, failures too."""
        while self._outstanding:
            self._outbox.get()
            self._outstanding -= 1

    @torch.inference_mode()
    def reset(self, prompt: Tensor | None = None) -> None:
        """Begin a new stream, as if the end of ``prompt`` ``(K, P)`` had just been played."""
        self.discard()
        self._codec.reset()
        self._of_the_prompt = 0
        if prompt is not None:
            heard = prompt[:, max(0, prompt.shape[1] - PRIMING_FRAMES) :]
            out = self._codec.decode(heard)
            self._of_the_prompt = heard.shape[1] * self._codec.hop_samples - out.shape[1]

    def close(self) -> None:
        """End the thread."""
        self._inbox.put(None)
        self._thread.join(timeout=5)
