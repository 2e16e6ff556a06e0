"""Recording: a thread that owns the sound file, so that a slow or full disk never stops the music.

Thread contract: `offer` and `finish` are for the engine thread and never wait. `on_event` is called from the writer
thread, but for a full queue, which the engine thread notices itself.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from engine.errors import TakeError
from engine.takes.history import History
from engine.takes.journal import Journal
from engine.takes.naming import reserve_next
from engine.takes.passage import CodesHash, Passage
from engine.takes.pcm import Gauge, measure_file, quantise
from engine.takes.sound import SUFFIXES, SoundFormat, create_sound
from engine.takes.take import Take, save_take, sound_tags

log = logging.getLogger(__name__)

NOTE_S = 0.2  # a killed process's score ends at most this much before its sound
CHECKPOINT_S = 1.0  # a machine that loses power loses at most this much
QUEUE_PASSAGES = 512  # twenty seconds of 40 ms
PIECE_SAMPLES = 1 << 16  # an opening of ten minutes, quantised at once, would take hundreds of megabytes
OURS = "because of a failure of ours; the log has the details"


class TakeChange(StrEnum):
    """What became of a take."""

    STARTED = "started"
    FAILED = "failed"  # recording has stopped; FINISHED follows when something could be kept
    FINISHED = "finished"


@dataclass(frozen=True)
class TakeEvent:
    """One change of a take, with one line for the user; `take` comes with FINISHED."""

    change: TakeChange
    text: str
    take: Take | None = None


class TakeWriter:
    """Records one take of one performance, from the first passage offered to `finish`.

    The sound is taken before the ring: it is the performance itself, sample for sample, at its own level; gaps that an
    underrun tears into what is heard do not exist in it and are noted in the score. `opening` is written first: with
    `Retro.keep()` a take begins in the past, and followed at once by `finish` it is the retro-capture.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        history: History,
        *,
        sound_format: SoundFormat = "wav",
        opening: Passage | None = None,
        on_event: Callable[[TakeEvent], None] = lambda _event: None,
    ) -> None:
        self._folder, self._name, self._history = folder, name, history
        self._format = sound_format
        self._on_event = on_event
        self._queue: queue.Queue[Passage | None] = queue.Queue(QUEUE_PASSAGES)
        self._finishing = threading.Event()
        self._heard: Mapping[str, float] = {}
        self._failure = ""
        self._failing = threading.Lock()
        self._samples = 0
        self._take: Take | None = None
        if opening is not None:
            self.offer(opening)
        self._thread = threading.Thread(target=self._run, name="take writer", daemon=True)
        self._thread.start()

    # Engine thread

    def offer(self, passage: Passage) -> bool:
        """Record `passage`, which follows the last one and must not be changed any more; False: recording is over."""
        if self._failure or self._finishing.is_set():
            return False
        try:
            self._queue.put_nowait(passage)
        except queue.Full:
            self._fail("the disk does not keep up; record to a faster one")
            return False
        self._samples += len(passage.samples)
        return True

    def finish(self, heard: Mapping[str, float] | None = None) -> None:
        """End the take after what has been offered; `heard` goes into its notes."""
        self._heard = heard or {}
        self._finishing.set()
        with suppress(queue.Full):
            self._queue.put_nowait(None)

    # Any thread

    @property
    def samples(self) -> int:
        """Samples offered so far."""
        return self._samples

    @property
    def recording(self) -> bool:
        """Whether passages are still taken."""
        return not self._failure and not self._finishing.is_set()

    @property
    def complete(self) -> bool:
        """Whether the files are as they will stay."""
        return not self._thread.is_alive()

    def wait(self, timeout_s: float | None = None) -> Take | None:
        """Wait until the files are complete; the take, or None when nothing could be kept."""
        self._thread.join(timeout_s)
        return self._take

    # Writer thread

    def _run(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            stem, journal = reserve_next(self._folder, self._name)
        except OSError as error:
            self._fail(f"nothing can be recorded to {self._folder} ({_reason(error)}); choose another folder")
            return
        except Exception:
            log.exception("recording to %s did not begin", self._folder)
            self._fail(f"nothing can be recorded to {self._folder} {OURS}")
            return
        recording = None
        try:
            recording = _Recording(self._folder, stem, self._format, self._history, journal)
            self._on_event(TakeEvent(TakeChange.STARTED, f"recording {stem}"))
            self._record(recording)
        except TakeError as error:
            self._fail(str(error))
        except OSError as error:
            self._fail(f"{stem} could not be written on ({_reason(error)}); free some space or choose another folder")
        except Exception:
            log.exception("recording %s failed", stem)
            self._fail(f"{stem} could not be written on {OURS}")
        if recording is None:
            with suppress(OSError):
                journal.discard()
            return
        try:
            self._take = recording.complete(self._heard, self._failure)
        except (TakeError, OSError) as error:
            self._fail(f"{stem} could not be completed ({error}); it will be recovered at the next start")
        except Exception:
            log.exception("completing %s failed", stem)
            self._fail(f"{stem} could not be completed {OURS}; it will be recovered at the next start")
        if self._take is not None:
            self._on_event(TakeEvent(TakeChange.FINISHED, f"kept {self._take.path.name}", self._take))

    def _record(self, recording: "_Recording") -> None:
        note_at = checkpoint_at = time.monotonic()
        while True:
            with suppress(queue.Empty):
                passage = self._queue.get(timeout=NOTE_S)
                if passage is None:
                    return
                for piece in passage.pieces(PIECE_SAMPLES):
                    recording.write(piece)
            if not self.recording and self._queue.empty():
                return
            now = time.monotonic()
            if now >= note_at:
                recording.note()
                note_at = now + NOTE_S
            if now >= checkpoint_at:
                recording.checkpoint()
                checkpoint_at = now + CHECKPOINT_S

    def _fail(self, text: str) -> None:
        with self._failing:
            if self._failure:
                return
            self._failure = text
        self._on_event(TakeEvent(TakeChange.FAILED, text))


class _Recording:
    """The files of a take in the making. Raises `OSError` and `TakeError`."""

    def __init__(self, folder: Path, stem: str, sound_format: SoundFormat, history: History, journal: Journal) -> None:
        origin = history.origin
        self._title = stem
        self._created = datetime.now().astimezone().isoformat(timespec="seconds")
        self._path = folder / (stem + SUFFIXES[sound_format])
        self._history = history
        self._journal = journal
        self._gauge = Gauge(origin.sample_rate_hz, origin.channels)
        self._codes = CodesHash()
        self._start_frame: int | None = None
        self._start_sample = self._end_frame = 0
        self._sound = create_sound(
            self._path, origin.sample_rate_hz, origin.channels, sound_tags(origin, stem, self._created)
        )

    def write(self, passage: Passage) -> None:
        if self._start_frame is None:
            self._start_frame = self._end_frame = passage.frame
            self._start_sample = passage.sample
            self._journal.begin(
                self._path.name, self._title, self._created, self._history, passage.frame, passage.sample
            )
        expected = (self._end_frame, self._start_sample + self._gauge.samples)
        if (passage.frame, passage.sample) != expected:
            raise TakeError("the performance was started anew, so this take ends here; record again")
        pcm = quantise(passage.samples)
        self._sound.write(pcm)
        self._gauge.push(pcm)
        self._codes.update(passage.codes)
        self._end_frame += passage.codes.shape[1]

    def note(self) -> None:
        """From here on a killed process loses nothing of what has been written."""
        if self._start_frame is not None:
            self._journal.note(self._history, self._end_frame, self._codes)

    def checkpoint(self) -> None:
        """From here on a loss of power does not either."""
        self._sound.checkpoint()
        self._journal.sync()
        if not self._path.exists():  # a removed file would go on being written, into nothing
            raise TakeError(f"{self._path} is gone, folder or file; choose another folder and record again")

    def complete(self, heard: Mapping[str, float], interrupted: str) -> Take | None:
        """Close the files; None when there is no sound, and then no file either. If it raises, a recovery does it."""
        try:
            with suppress(OSError) if interrupted else nullcontext():
                self._sound.close()
            if self._start_frame is None or not self._gauge.samples or not self._path.exists():
                self._path.unlink(missing_ok=True)
                self._journal.discard()
                return None
            # Where writing broke off, only the file itself knows how much of the last block it holds.
            measurement = measure_file(self._path)[0] if interrupted else self._gauge.measurement
            score = self._history.score(
                start_frame=self._start_frame,
                end_frame=self._end_frame,
                start_sample=self._start_sample,
                end_sample=self._start_sample + measurement.samples,
                codes_sha256=self._codes.hexdigest(),
            )
            take = Take(
                path=self._path,
                title=self._title,
                created=self._created,
                sample_rate_hz=score.origin.sample_rate_hz,
                channels=score.origin.channels,
                measurement=measurement,
                score=score,
                heard=heard,
                interrupted=interrupted,
            )
            save_take(take)
            self._journal.discard()
            return take
        finally:
            self._journal.close()


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
