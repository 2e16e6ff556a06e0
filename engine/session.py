"""One loaded model at work: the performance, its output, and everything that listens to it. Engine thread only."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from torch import Tensor

from engine.audio.loudness import LoudnessMeter
from engine.audio.output import Output, OutputEvent
from engine.audio.peaks import Waveform
from engine.control import ControlState
from engine.errors import TakeError
from engine.instrument import Instrument
from engine.messages import AudioPrompt
from engine.performance import CHUNK_FRAMES, Block, Performance
from engine.steering.pack import ProbePack
from engine.takes.history import History
from engine.takes.retro import Retro
from engine.takes.score import AudioPrompt as PromptOrigin
from engine.takes.score import Origin
from engine.takes.writer import TakeEvent, TakeWriter

SPEED_SMOOTHING = 0.05
TAKE_TIMEOUT_S = 10.0


class Session:
    """Plays one instrument through one output, with levels, retro-capture and recording.

    Args:
        instrument, pack: what is played, and the directions it is steered with.
        takes_folder: where recordings go.
        on_output, on_take: told of changes, from other threads.
    """

    def __init__(
        self,
        instrument: Instrument,
        pack: ProbePack | None,
        takes_folder: Path,
        buffer_ms: float,
        retro_seconds: float,
        on_output: Callable[[OutputEvent], None],
        on_take: Callable[[TakeEvent], None],
    ) -> None:
        self.instrument, self.pack = instrument, pack
        codec = instrument.codec
        self._performance = Performance(instrument, pack)
        self._takes_folder, self._on_take = takes_folder, on_take
        self.output = Output(codec.sample_rate_hz, codec.channels, buffer_ms=buffer_ms, on_event=on_output)
        self.waveform = Waveform(codec.sample_rate_hz)
        self.loudness = LoudnessMeter(codec.sample_rate_hz, codec.channels)
        self._retro = Retro(
            codec.sample_rate_hz, codec.channels, codec.codebooks, codec.hop_samples, seconds=retro_seconds
        )
        self._history: History | None = None
        self._writer: TakeWriter | None = None
        self._finishing: list[TakeWriter] = []
        #: the state in force; None before the first start
        self.control: ControlState | None = None
        self._base_samples = self._missed = self._starved = 0
        self._ready: list[Block] = []
        self.heard: tuple[float, ...] = ()
        self.seed, self.realtime_factor = 0, 0.0
        #: steering had to be left out; whoever reads it takes it back
        self.trouble = False
        self._prompt: tuple[AudioPrompt, Tensor, str] | None = None

    @property
    def started(self) -> bool:
        """Whether there is a performance to go on with."""
        return self._history is not None

    @property
    def frame(self) -> int:
        """Frames made."""
        return self._performance.frame

    @property
    def heard_samples(self) -> int:
        """Samples of this performance that have left for the device."""
        return max(0, self.output.played_samples - self._base_samples)

    @property
    def underruns(self) -> int:
        """Gaps heard in this performance."""
        return self._starved

    def set_prompt(self, prompt: AudioPrompt) -> None:
        """Continue a stretch of a sound file at the next start. May run on another thread, but not beside :meth:`start`.

        Raises:
            AudioFileError: it cannot be read; the old prompt stays.
        """
        if prompt.path is None:
            self._prompt = None
            return
        codes = self.instrument.encode_clip(prompt.path, prompt.start_s, prompt.seconds)
        with prompt.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._prompt = (prompt, codes, digest)

    def start(self, seed: int, control: ControlState) -> None:
        """Begin a new performance, and play it.

        Raises:
            PackError, ControlError: the controls ask for what is not there; what was playing can go on.
        """
        codes = self._prompt[1] if self._prompt is not None else None
        self._performance.start(seed, control, codes)
        self.end_take()
        self.seed, self.control = seed, control
        self._history = History(self._origin(seed), control.to_json())
        self._ready.clear()
        self._retro.clear()
        self.output.wait_until_tried()
        self.output.flush()
        self._base_samples = self.output.played_samples + self.output.buffered_samples
        self._missed, self._starved = self.output.missed_samples, 0
        self.waveform.clear()
        self.loudness.clear()
        self.heard = ()
        self.output.fade_in()

    def resume(self) -> None:
        """Play on from where :meth:`pause` stood still."""
        self.output.fade_in()

    def pause(self) -> None:
        """Fade out and stand still."""
        self.output.fade_out()

    def turn(self, control: ControlState) -> bool:
        """Do what is due: pass a block on, or make a frame. False: the output has enough for now.

        Raises:
            PackError, ControlError: the controls ask for what is not there; nothing has changed.
        """
        assert self._history is not None, "start before turning"
        if self.output.room_samples < CHUNK_FRAMES * self.instrument.codec.hop_samples:
            return False
        if self._ready:
            self._pass_on(self._ready.pop(0))
            return True
        frame, started = self._performance.frame, time.perf_counter()
        if frame == 0 and self.control is not None:
            # An audio prompt has been read under the state of the start: a replay knows one state for frame 0.
            control = self.control
        self._ready += self._performance.advance(control)
        if control is not self.control:
            self.control = control
            self._history.change(frame, control.to_json())
        speed = 1.0 / self.instrument.frame_rate_hz / (time.perf_counter() - started)
        self.realtime_factor += (speed - self.realtime_factor) * (SPEED_SMOOTHING if self.realtime_factor else 1.0)
        return True

    def _pass_on(self, block: Block) -> None:
        """One finished block: to the ear, to the meters, to the past, to the take."""
        samples = block.passage.samples
        if len(samples):
            self.output.write(samples)
            self.waveform.push(samples)
            self.loudness.push(samples)
        self._retro.push(block.passage)
        if self._writer is not None:
            self._writer.offer(block.passage)
        if block.heard is not None:
            self.heard = tuple(float(share) for share in block.heard)
        missed = self.output.missed_samples
        if missed > self._missed and self._history is not None:
            self._history.dropout(self.heard_samples, missed - self._missed)
            self._missed, self._starved = missed, self._starved + 1
        self.trouble = self.trouble or block.dropped

    @property
    def recording(self) -> TakeWriter | None:
        """The take in the making."""
        return self._writer if self._writer is not None and self._writer.recording else None

    def record(self, name: str) -> None:
        """Begin a take with the next block.

        Raises:
            TakeError: nothing is playing.
        """
        self.end_take()
        self._writer = self._new_writer(name, None)

    def keep_last(self, name: str) -> None:
        """Keep what the retro-capture holds.

        Raises:
            TakeError: it holds nothing.
        """
        opening = self._retro.keep()
        if opening is None:
            raise TakeError("there is nothing to keep yet: press play first")
        self._finish(self._new_writer(name, opening))

    def _new_writer(self, name: str, opening: object) -> TakeWriter:
        if self._history is None:
            raise TakeError("there is nothing to record yet: press play first")
        return TakeWriter(self._takes_folder, name, self._history, opening=opening, on_event=self._on_take)  # type: ignore[arg-type]

    def end_take(self) -> None:
        """End the take in the making, if there is one."""
        if self._writer is not None:
            self._finish(self._writer)
            self._writer = None

    def _finish(self, writer: TakeWriter) -> None:
        """Let a take complete its files on its own thread."""
        writer.finish(self._heard_by_genre())
        self._finishing = [each for each in self._finishing if not each.complete] + [writer]

    def _heard_by_genre(self) -> dict[str, float]:
        genres = self.pack.genres if self.pack is not None else ()
        return dict(zip(genres, self.heard, strict=False))

    def _origin(self, seed: int) -> Origin:
        instrument, codec = self.instrument, self.instrument.codec
        prompt = None
        if self._prompt is not None:
            asked, _, digest = self._prompt
            assert asked.path is not None
            prompt = PromptOrigin(str(asked.path.resolve()), digest, asked.start_s, asked.start_s + asked.seconds)
        return Origin(
            software=f"Segue {version('segue')}",
            model=instrument.identity.name,
            model_sha256=instrument.identity.digest,
            model_licence=instrument.licence,
            pack="" if self.pack is None else self.pack.method,
            pack_sha256="" if self.pack is None else self.pack.digest,
            device=instrument.decoder.device.type,
            dtype=instrument.decoder.precision.value,
            seed=seed,
            sample_rate_hz=codec.sample_rate_hz,
            channels=codec.channels,
            codebooks=codec.codebooks,
            hop_samples=codec.hop_samples,
            audio_prompt=prompt,
        )

    def use_pack(self, pack: ProbePack | None) -> None:
        """Steer with another pack from the next start on.

        Raises:
            PackError: it was made for another model; the old one stays.
        """
        performance = Performance(self.instrument, pack)
        self.pause()
        self.end_take()
        self._performance.close()
        self._performance, self.pack = performance, pack
        self._history = self.control = None

    def close(self) -> None:
        """End takes whole, fall silent, give the device back; each of them whatever becomes of the others."""
        with ExitStack() as steps:
            steps.callback(self._performance.close)
            steps.callback(self.output.close)
            self.end_take()
            for writer in self._finishing:
                writer.wait(TAKE_TIMEOUT_S)
