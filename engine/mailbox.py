"""What passes between the host's thread and the engine's."""

from __future__ import annotations

import queue

from engine.audio.peaks import Waveform
from engine.audio.spectrogram import Spectrogram
from engine.control import ControlState
from engine.messages import Command, Event
from engine.status import Status


class Mailbox:
    """What the host and the engine thread share: each field has one writer."""

    def __init__(self) -> None:
        self.commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.control = ControlState()  # written by the host
        self.status = Status()  # written by the engine thread, as is what follows
        self.waveform: Waveform | None = None
        self.spectrogram: Spectrogram | None = None
