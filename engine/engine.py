"""The engine's facade: what a window, or any other host, talks to.

Thread contract: every method may be called from one host thread and returns at once. Continuous intent is the newest
:class:`ControlState`; discrete intent is queued. Torch is loaded on the engine thread, never on the host's.
"""

from __future__ import annotations

import gc
import logging
import queue
import sys
import threading
from pathlib import Path

from engine.audio.peaks import Waveform
from engine.audio.spectrogram import Spectrogram
from engine.control import ControlState
from engine.mailbox import Mailbox
from engine.messages import Command, Configure, Event, Failure, LoadFailed, Shutdown
from engine.status import Status

log = logging.getLogger(__name__)


class Engine:
    """Owns the engine thread and, through it, everything that makes sound.

    Args:
        takes_folder: where recordings go; None for the user's music folder.
        buffer_ms: sound kept ready for the output: more survives longer stalls, less is nearer to the knob.
        retro_seconds: how much of the past can still be kept.
        take_format: "wav" or "flac".
    """

    def __init__(
        self,
        takes_folder: str | None = None,
        buffer_ms: float = 120.0,
        retro_seconds: float = 60.0,
        take_format: str = "wav",
    ) -> None:
        self._mailbox = Mailbox()
        folder = Path(takes_folder) if takes_folder else None
        self._settings = Configure(folder, take_format, buffer_ms, retro_seconds)
        self._thread = threading.Thread(target=self._run, name="segue-engine", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            first = "engine.runner" not in sys.modules
            from engine.runner import Runner  # loads torch

            if first:
                # Torch's 200,000 objects stay for good. Python's sweeps for cycles would go over them again and again, and
                # for a tenth of a second each time nobody could do anything: not the window, and not the audio callback.
                gc.freeze()
            runner = Runner(self._mailbox, self._settings)
        except Exception:
            log.exception("the engine did not start")
            text = "the engine did not start: install Segue again; the log has the details"
            self._mailbox.events.put(LoadFailed(text))
            return
        try:
            runner.run()
        except Exception:
            log.exception("the engine did not end well")
            text = "the engine ended badly because of a failure of ours: restart Segue; the log has the details"
            self._mailbox.events.put(Failure(text))

    def publish(self, control: ControlState) -> None:
        """Let ``control`` hold from the next frame on."""
        self._mailbox.control = control

    def send(self, command: Command) -> None:
        """Queue a command."""
        self._mailbox.commands.put(command)

    @property
    def status(self) -> Status:
        """The engine's newest status."""
        return self._mailbox.status

    @property
    def waveform(self) -> Waveform | None:
        """Outline of the sound of this performance; None before a model is loaded."""
        return self._mailbox.waveform

    @property
    def spectrogram(self) -> Spectrogram | None:
        """Mel spectrogram of the sound of this performance; None before a model is loaded."""
        return self._mailbox.spectrogram

    def events(self) -> list[Event]:
        """What happened since the last call, in order."""
        events: list[Event] = []
        while True:
            try:
                events.append(self._mailbox.events.get_nowait())
            except queue.Empty:
                return events

    def close(self, timeout_s: float = 10.0) -> None:
        """Fade out, end takes whole, close the device and the thread. May be called twice.

        What takes longer than ``timeout_s`` goes on without being waited for, and dies with the process.
        """
        self.send(Shutdown())
        self._thread.join(timeout_s)
