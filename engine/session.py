"""One loaded model at work: the performance, its output, and everything that listens to it. Engine thread only."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.audio.loudness import LoudnessMeter
from engine.audio.output import Output
from engine.audio.peaks import Waveform
from engine.audio.spectrogram import Spectrogram
from engine.audio.supervisor import OutputEvent
from engine.control import ControlState
from engine.dropouts import Dropouts
from engine.instrument import Instrument
from engine.messages import AudioPrompt
from engine.origin import origin_of
from engine.performance import CHUNK_FRAMES, Block, Performance
from engine.prompt import ReadPrompt
from engine.recorder import Recorder, TakeSettings
from engine.steering.pack import ProbePack
from engine.takes.playback import Playback
from engine.takes.writer import TakeEvent

SPEED_SMOOTHING = 0.05
#: a fade out takes 20 ms; a device that hangs is not waited for
PARKING_TIMEOUT_S = 0.1


class Session:
    """Plays one instrument through one output, with levels, retro-capture and recording.

    Until :meth:`open` it touches no sound system, so that one can be made ready while another one plays.

    Args:
        instrument, pack: what is played, and the directions it is steered with.
        takes: where recordings go, and as what.
        on_output, on_take: told of changes, from other threads.
        pack_file: where the pack was loaded from, if not from beside the model.

    Raises:
        PackError: the pack was made for another model.
    """

    def __init__(
        self,
        instrument: Instrument,
        pack: ProbePack | None,
        takes: TakeSettings,
        buffer_ms: float,
        on_output: Callable[[OutputEvent], None],
        on_take: Callable[[TakeEvent], None],
        pack_file: Path | None = None,
    ) -> None:
        self.instrument, self.pack, self.pack_file = instrument, pack, pack_file
        codec = instrument.codec
        self._performance = Performance(instrument, pack)
        self.output = Output(codec.sample_rate_hz, codec.channels, buffer_ms=buffer_ms, on_event=on_output)
        self.waveform = Waveform(codec.sample_rate_hz)
        self.loudness = LoudnessMeter(codec.sample_rate_hz, codec.channels)
        self.spectrogram = Spectrogram(codec.sample_rate_hz, codec.hop_samples)
        self.recorder = Recorder(
            codec.sample_rate_hz, codec.channels, codec.codebooks, codec.hop_samples, takes, on_take
        )
        #: the take that is heard instead of the music, and the music that was about to be heard, with its first sample
        self.playback: Playback | None = None
        self._held: NDArray[np.float32] | None = None
        self._held_at = 0
        #: the state in force; None before the first start
        self.control: ControlState | None = None
        self._base_samples = 0
        self._dropouts = Dropouts(self.output)
        self._ready: list[Block] = []
        self.heard: tuple[float, ...] = ()
        self.seed, self._frame_s = 0, 0.0
        #: steering had to be left out; whoever reads it takes it back
        self.trouble = False
        self._prompt: ReadPrompt | None = None

    def open(self) -> None:
        """Take the sound system: one session at a time."""
        self.output.open()

    @property
    def started(self) -> bool:
        """Whether there is a performance to go on with."""
        return self.recorder.begun

    @property
    def frame(self) -> int:
        """Frames made."""
        return self._performance.frame

    @property
    def heard_samples(self) -> int:
        """Samples of this performance that have left for the device."""
        return self._held_at if self._held is not None else max(0, self.output.played_samples - self._base_samples)

    @property
    def underruns(self) -> int:
        """Gaps that were heard in this performance, and are over."""
        return self._dropouts.count

    def set_prompt(self, prompt: AudioPrompt) -> None:
        """Continue a stretch of a sound file at the next start. May run on another thread, but not beside :meth:`start`.

        Raises:
            AudioFileError: it cannot be read; the old prompt stays.
        """
        self._prompt = None if prompt.path is None else ReadPrompt.of(prompt, self.instrument)

    def start(self, seed: int, control: ControlState) -> None:
        """Begin a new performance, and play it.

        Raises:
            PackError, ControlError: the controls ask for what is not there; what was playing can go on.
        """
        prompt = self._prompt
        self._performance.start(seed, control, None if prompt is None else prompt.codes)
        audio_prompt = None if prompt is None else (prompt.asked, prompt.sha256)
        origin = origin_of(self.instrument, self.pack, self.pack_file, seed, audio_prompt)
        self.recorder.begin(origin, control, self._heard_by_genre())
        self.seed, self.control = seed, control
        self._ready.clear()
        self._close_playback()
        self._held = None
        self.output.wait_until_tried()
        self.output.flush()
        self._base_samples = self.output.played_samples + self.output.buffered_samples
        self._dropouts.begin()
        self.waveform.clear()
        self.spectrogram.clear()
        self.loudness.clear()
        self.heard = ()
        self.output.fade_in()

    def resume(self) -> None:
        """Play on from where :meth:`pause`, or a take, made it stand still."""
        if self._held is not None:
            self.stop_take()
            self.output.flush()
            self._base_samples = self.output.played_samples - self._held_at
            self._dropouts.skip()
            self.output.write(self._held)
            self._held = None
        self.output.fade_in()

    def give_up(self) -> None:
        """After a failure: what was made so far is kept, and the next play is a new beginning."""
        self.pause()
        self.recorder.forget(self._heard_by_genre())
        self.control = None

    def pause(self) -> None:
        """Fade out and stand still, take or music."""
        self.output.fade_out()
        self._close_playback()

    def play_take(self, path: Path, start_s: float, gain_db: float) -> None:
        """Hear a sound file instead of the music, which stands still; or another place of it, or another one.

        Raises:
            AudioFileError: it cannot be read; what was heard goes on.
        """
        playback = Playback(path, start_s, gain_db, self.output.rate_hz, self.output.channels)
        self._park()
        if self._held is None:
            # Nothing of the music is lost: what was about to be heard waits.
            self._held_at = self.heard_samples
            self._held = self.output.withdraw()
        self._close_playback()
        self.output.flush()
        self.playback = playback
        playback.begin(self.output)
        self.output.fade_in()

    def stop_take(self) -> None:
        """Fade the take out, if one is heard."""
        if self.playback is not None:
            self._park()
            self._close_playback()

    def _park(self) -> None:
        self.output.fade_out()
        deadline = time.monotonic() + PARKING_TIMEOUT_S
        while not self.output.silent and time.monotonic() < deadline:
            time.sleep(0.002)

    def _close_playback(self) -> None:
        if self.playback is not None:
            self.playback.close()
            self.playback = None

    def turn_take(self) -> bool:
        """Do what is due for the take that is heard. False: nothing."""
        if self.playback is None:
            return False
        if self.playback.is_over(self.output):
            self.stop_take()
            return False
        return self.playback.turn(self.output)

    def turn(self, control: ControlState) -> bool:
        """Do what is due: pass a block on, or make a frame. False: the output has enough for now.

        Raises:
            PackError, ControlError: the controls ask for what is not there; nothing has changed.
        """
        assert self.started, "start before turning"
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
            self.recorder.change(frame, control)
        elapsed_s = time.perf_counter() - started
        self._frame_s += (elapsed_s - self._frame_s) * (SPEED_SMOOTHING if self._frame_s else 1.0)
        return True

    @property
    def realtime_factor(self) -> float:
        """Music made per second of work; 0 before there is any. Smoothed as time: on a card one frame waits for several."""
        return 1.0 / self.instrument.frame_rate_hz / self._frame_s if self._frame_s else 0.0

    def _pass_on(self, block: Block) -> None:
        """One finished block: to the ear, to the meters, to the past, to the take."""
        samples = block.passage.samples
        if len(samples):
            self.output.write(samples)
            self.waveform.push(samples)
            self.spectrogram.push(samples)
            self.loudness.push(samples)
        self.recorder.push(block.passage)
        if block.heard is not None:
            self.heard = tuple(float(share) for share in block.heard)
        gap = self._dropouts.look(self.heard_samples)
        if gap is not None:
            self.recorder.dropout(gap.sample, gap.missing_samples)
        self.trouble = self.trouble or block.dropped

    def record(self, name: str) -> None:
        """Begin a take with the next block.

        Raises:
            TakeError: nothing is playing.
        """
        self.recorder.record(name, self._heard_by_genre())

    def keep_last(self, name: str) -> None:
        """Keep what the retro-capture holds.

        Raises:
            TakeError: it holds nothing.
        """
        self.recorder.keep_last(name, self._heard_by_genre())

    def end_take(self) -> None:
        """End the take in the making, if there is one."""
        self.recorder.end(self._heard_by_genre())

    def _heard_by_genre(self) -> dict[str, float]:
        genres = self.pack.genres if self.pack is not None else ()
        return dict(zip(genres, self.heard, strict=True)) if len(self.heard) == len(genres) else {}

    def use_pack(self, pack: ProbePack | None, file: Path | None = None) -> None:
        """Steer with another pack from the next start on; ``file`` is where it was loaded from, if not from the model's own.

        Raises:
            PackError: it was made for another model; the old one stays.
        """
        performance = Performance(self.instrument, pack)
        self.pause()
        self.recorder.forget(self._heard_by_genre())
        self._performance.close()
        self._performance, self.pack, self.pack_file = performance, pack, file
        self.control, self.heard = None, ()

    def close(self) -> None:
        """End takes whole, fall silent, give the device back; each of them whatever becomes of the others."""
        with ExitStack() as steps:
            steps.callback(self._performance.close)
            steps.callback(self.output.close)
            steps.callback(self._close_playback)
            # Takes are waited for, and nothing is made meanwhile: what is heard must not break off.
            self.output.fade_out()
            self.recorder.close(self._heard_by_genre())
