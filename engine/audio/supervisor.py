"""Watches the output's device: opens the one that is wanted, sees it go away, looks for it again.

Opening and closing devices takes as long as a sound system likes, so all of it happens on a thread of its own.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.audio.devices import Backend, OutputDevice, find_output
from engine.audio.line import Line
from engine.errors import DeviceError

POLL_S = 0.1
RETRY_S = 2.0
LONGEST_RETRY_S = 10.0
STALLED_S = 1.0

log = logging.getLogger(__name__)


class OutputChange(StrEnum):
    """What became of the output."""

    OPENED = "opened"  # a device plays
    SILENT = "silent"  # no device: a clock plays in silence
    LOST = "lost"  # the device went away: a clock goes on until it is back
    REFUSED = "refused"  # the chosen device does not open; everything stays as it was


@dataclass(frozen=True)
class OutputEvent:
    """One change of the output, with one line for the user."""

    change: OutputChange
    text: str


class Switchboard(Protocol):
    """The output whose device is watched: one line plays at a time."""

    @property
    def line(self) -> Line:
        """The one that plays."""

    def open_line(self, device: OutputDevice | None) -> Line:
        """One to a device, or to a clock in silence. Raises `DeviceError`."""

    def hand_over(self, line: Line) -> None:
        """Go on with that one at the sample where the present one stops, and close that."""

    def close_line(self) -> None:
        """Fade the present one out and close it."""


class Supervisor:
    """The thread. `select`, `refresh`, `wait_until_tried` and `devices` are for any other; `on_event` is called from it."""

    def __init__(self, board: Switchboard, backend: Backend, on_event: Callable[[OutputEvent], None]) -> None:
        self._board, self._backend, self._on_event = board, backend, on_event
        self.devices: tuple[OutputDevice, ...] = ()
        self._wanted: str | None = None
        self._chosen = self._refresh = True
        self._closing = False
        self._retry_at, self._retry_s = 0.0, RETRY_S
        self._tried = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audio output", daemon=True)
        self._thread.start()

    # Any thread

    def wait_until_tried(self, timeout_s: float) -> bool:
        """Wait until the first attempt to open a device is over."""
        return self._tried.wait(timeout_s)

    def select(self, device: str | None) -> None:
        """Play on that device; None: the system's default."""
        self._wanted = device
        self._chosen = True
        self._wake.set()

    def refresh(self) -> None:
        """Look for devices anew."""
        self._refresh = self._chosen = True
        self._wake.set()

    def close(self) -> None:
        """Close what plays and end the thread. May be called twice."""
        self._closing = True
        self._wake.set()
        self._thread.join()

    # The thread

    def _run(self) -> None:
        try:
            self._watch()
        finally:
            self._board.close_line()

    def _watch(self) -> None:
        watched, callbacks, moved_at = self._board.line, 0, time.monotonic()
        while not self._closing:
            now, line = time.monotonic(), self._board.line
            if line is not watched or line.player.callbacks != callbacks:
                watched, callbacks, moved_at = line, line.player.callbacks, now
            try:
                self._attend(line, now, stalled=now - moved_at > STALLED_S)
            except (
                Exception
            ):  # a sound system's own surprise must not leave the music without anyone who looks after it
                log.exception("the audio output could not be seen to")
                self._retry_later()
            self._wake.wait(POLL_S)
            self._wake.clear()

    def _attend(self, line: Line, now: float, stalled: bool) -> None:
        if line.name and (stalled or not line.stream.active):
            self._retry_soon()
            self._board.hand_over(self._board.open_line(None))
            self._tell(OutputChange.LOST, f"{line.name} is gone; the music goes on in silence until it is back")
        elif self._chosen:
            self._chosen = False
            self._retry_soon()
            try:
                self._open_chosen()
            finally:
                self._tried.set()
        elif not line.name and now >= self._retry_at:
            with contextlib.suppress(DeviceError):
                self._open_wanted()
            self._retry_later()

    def _retry_soon(self) -> None:
        self._retry_at, self._retry_s = time.monotonic() + RETRY_S, RETRY_S

    def _retry_later(self) -> None:
        self._retry_s = min(2.0 * self._retry_s, LONGEST_RETRY_S)
        self._retry_at = time.monotonic() + self._retry_s

    def _tell(self, change: OutputChange, text: str) -> None:
        self._on_event(OutputEvent(change, text))

    def _open_chosen(self) -> None:
        try:
            self._open_wanted()
        except Exception as error:
            reason = str(error)
            if not isinstance(error, DeviceError):
                log.exception("opening the audio output failed")
                reason = "the audio output does not open because of a failure of ours; the log has the details"
            if self._board.line.name:
                self._tell(OutputChange.REFUSED, reason)
                self._wanted = self._board.line.name
            else:
                self._tell(OutputChange.SILENT, f"{reason}; until then the music plays in silence")

    def _open_wanted(self) -> None:
        if self._refresh and self._board.line.name:
            self._board.hand_over(self._board.open_line(None))
        if not self._board.line.name:
            self._refresh = False
            self._backend.rescan()
        self.devices = self._backend.outputs()
        device = find_output(self.devices, self._wanted)
        if device.name == self._board.line.name:
            return
        self._board.hand_over(self._board.open_line(device))
        self._tell(OutputChange.OPENED, f"playing on {device.name}")
