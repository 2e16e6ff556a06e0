"""The instrument without threads: control states in, blocks of sound out, one frame (20 ms) at a time.

Live playing (``engine.runner``), rendering to a file and replaying a take all drive this one loop, which is why a take replays
to the same tokens: what happens depends on the seed, on the audio prompt, and on which state was in force at which frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.control import ControlState
from engine.instrument import Instrument
from engine.model.codec_thread import CodecThread
from engine.model.graphs import GraphedStepper
from engine.model.stream import TokenStream
from engine.steering.blend import blend
from engine.steering.meter import Meter
from engine.steering.pack import Floats, ProbePack
from engine.steering.steerer import Steerer
from engine.takes.passage import Passage

#: frames decoded at a time: a longer chunk costs less, a shorter one is heard sooner
CHUNK_FRAMES = 2
#: steering rests after an accident: what drove the model out of its numbers would do so again, and to read the whole window
#: again in every chunk takes longer than the music lasts
REST_FRAMES = 250


@dataclass(frozen=True)
class Block:
    """A stretch of finished sound with the frames that were fed to the codec for it.

    Attributes:
        passage: codes and samples, numbered from the start of the performance. The first blocks are shorter in sound
            by the codec's lookahead, the last one has sound and no codes.
        heard: ``(G,)`` shares of the pack's genres, or None without a pack.
        dropped: the steered scores were not finite: those frames were drawn without steering, the model's memory of
            them has been computed again, and steering rests for :data:`REST_FRAMES`.
    """

    passage: Passage
    heard: Floats | None = None
    dropped: bool = False


@dataclass(frozen=True)
class _Chunk:
    """Frames on their way through the codec, with what was seen when they were made."""

    first_frame: int
    codes: NDArray[np.int16]
    heard: Floats | None
    dropped: bool


class Performance:
    """One stream of music from an instrument. Owned by one thread.

    Args:
        instrument: the loaded model.
        pack: directions to steer with, or None to play unsteered.

    Raises:
        PackError: the pack was made for another model.
    """

    def __init__(self, instrument: Instrument, pack: ProbePack | None = None) -> None:
        self.instrument, self.pack = instrument, pack
        if pack is not None:
            pack.check_fits(instrument.identity)
        self._stream = TokenStream(instrument.decoder, instrument.window_frames)
        self._steerer = Steerer(instrument.decoder, batch=1)
        self._meter = Meter(self._stream, pack) if pack is not None else None
        if instrument.decoder.device.type == "cuda":
            self._capture()
        self._codec = CodecThread(instrument.codec)
        self._control: ControlState | None = None
        self._pending: list[torch.Tensor] = []
        self._chunks: list[_Chunk] = []
        self._samples = self._column = self._rests_until = 0
        self.frame = 0

    def _capture(self) -> None:
        """Have the step as graphs before there is music: unsteered, and as the pack steers."""
        steerer = self._steerer
        stepper = GraphedStepper(self._stream, lambda: steerer.program, self._meter.state if self._meter else ())
        stepper.prepare()
        if self.pack is not None:
            steerer.apply(blend(ControlState(blend=((self.pack.genres[0], 1.0),)), self.pack))
            stepper.prepare()
            steerer.remove()
        self._stream.stepper = stepper

    def start(self, seed: int, control: ControlState, prompt_codes: torch.Tensor | None = None) -> None:
        """Begin anew.

        Args:
            seed: names the music, together with what the controls do.
            control: the state in force from frame 0 on.
            prompt_codes: ``(K, P)`` of an audio prompt that the music continues. It is heard by the model and by the
                codec, so that the sound joins on; it is not played. It is read unsteered. What of it is still in the kept
                half when the window slides is read again with the rest, under the knobs of then.

        Raises:
            PackError, ControlError: as :meth:`advance`. What was playing can go on.
        """
        self._apply(control)
        self._codec.reset(prompt_codes)
        self._pending.clear()
        self._chunks.clear()
        self.frame = self._samples = self._column = self._rests_until = 0
        # The prompt is the player's, not ours to bend.
        self._steerer.paused = True
        self._stream.start([seed], None if prompt_codes is None else prompt_codes[None])
        self._steerer.paused = False
        if self._meter is not None:
            self._meter.reset()

    def _apply(self, control: ControlState) -> None:
        """Bring device buffers up to a control state."""
        old = self._control
        if old is control:
            return
        if self.pack is not None:
            self._steerer.apply(blend(control, self.pack))
        self._stream.sampling.write(control.guidance, control.temperature, control.top_k, control.top_p)
        if old is None or old.prompt != control.prompt:
            self._stream.memory = self.instrument.text.read([control.prompt])
        self._control = control

    def advance(self, control: ControlState) -> list[Block]:
        """Make one frame under ``control``; returns the blocks that have come out of the codec since.

        Raises:
            PackError, ControlError: the state asks for a genre or a layer that is not there. Nothing has been changed.
        """
        self._apply(control)
        codes = None
        while codes is None:  # the first frame takes as many steps as the delay pattern spans
            self._steerer.paused = self.frame < self._rests_until or self._column % control.period != 0
            codes = self._stream.step()
            self._column += 1
        self._pending.append(codes[0])
        self.frame += 1
        if len(self._pending) == CHUNK_FRAMES:
            self._feed()
        return self._collect(self._codec.ready())

    def finish(self) -> list[Block]:
        """The blocks still inside, to the last sample: how a render ends. Then :meth:`start` again."""
        if self._pending:
            self._feed()
        blocks = self._collect(self._codec.drain())
        no_codes = np.empty((self.instrument.codec.codebooks, 0), np.int16)
        return [*blocks, self._block(_Chunk(self.frame, no_codes, None, False), self._codec.flush())]

    def _feed(self) -> None:
        """Hand the pending frames to the codec and look, once a chunk, at what only the device knows."""
        codes = torch.stack(self._pending, dim=1)
        heard = self._meter.read()[0] if self._meter is not None else None
        dropped = not bool(self._stream.healthy)
        if dropped:
            self._steerer.paused = True
            self._stream.reread_all()
            self._rests_until = self.frame + REST_FRAMES
        first = self.frame - len(self._pending)
        self._chunks.append(_Chunk(first, codes.cpu().numpy().astype(np.int16), heard, dropped))
        self._codec.submit(codes)
        self._pending.clear()

    def _collect(self, decoded: list[NDArray[np.float32]]) -> list[Block]:
        chunks, self._chunks = self._chunks[: len(decoded)], self._chunks[len(decoded) :]
        return [self._block(chunk, samples) for chunk, samples in zip(chunks, decoded, strict=True)]

    def _block(self, chunk: _Chunk, samples: NDArray[np.float32]) -> Block:
        passage = Passage(chunk.first_frame, chunk.codes, self._samples, samples)
        self._samples += len(samples)
        return Block(passage, chunk.heard, chunk.dropped)

    def close(self) -> None:
        """Take the hooks off the decoder and end the codec's thread."""
        self._steerer.remove()
        if self._meter is not None:
            self._meter.remove()
        self._codec.close()


def perform(
    performance: Performance,
    seed: int,
    controls: Iterator[ControlState],
    prompt_codes: torch.Tensor | None = None,
) -> Iterator[Block]:
    """Play a whole performance: one control state per frame, to the end of ``controls``."""
    first = next(controls)
    performance.start(seed, first, prompt_codes)
    yield from performance.advance(first)
    for control in controls:
        yield from performance.advance(control)
    yield from performance.finish()
