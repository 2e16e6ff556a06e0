"""The MIDI inputs of this computer, as they come and go. A thread of its own looks, opens and closes: drivers may take long."""

from __future__ import annotations

import importlib.util
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from engine.extras import how_to_install
from gui.remote.decoder import TYPES
from gui.remote.device_map import device_name

HOW_TO_INSTALL = how_to_install("midi")
LOOK_EVERY_S = 1.0
ALSA_SEQUENCER = Path("/dev/snd/seq")
NOT_A_DEVICE = "Midi Through"  # ALSA's loop from itself to itself

log = logging.getLogger(__name__)


class InputPort(Protocol):
    """An open port of mido's."""

    def close(self) -> None: ...


class Backend(Protocol):
    """The two functions of mido's that are needed here. Both raise OSError."""

    def get_input_names(self) -> list[str]: ...

    def open_input(self, name: str, callback: Callable[[Any], None]) -> InputPort: ...


def installed() -> bool:
    """Whether the optional libraries are there; loads neither."""
    return all(importlib.util.find_spec(name) is not None for name in ("mido", "rtmidi"))


class RtMidi:
    """The system's own MIDI, through mido and python-rtmidi."""

    def __init__(self) -> None:
        import mido

        # Left to choose, RtMidi asks for JACK as well, which complains on the terminal at each look.
        api = "/LINUX_ALSA" if sys.platform == "linux" else ""
        self._mido = mido.Backend(f"mido.backends.rtmidi{api}", load=True)

    def get_input_names(self) -> list[str]:
        if sys.platform == "linux" and not ALSA_SEQUENCER.exists():
            return []  # ALSA would complain on the terminal
        return list(self._mido.get_input_names())

    def open_input(self, name: str, callback: Callable[[Any], None]) -> InputPort:
        port: InputPort = self._mido.open_input(name, callback=callback)
        return port


class PortState(Enum):
    """What we do with an input."""

    OPEN = "connected"
    BUSY = "used by another program"
    OFF = "off"


@dataclass(frozen=True)
class PortStatus:
    """One input. Two devices of a kind have two ports, and one name as a device."""

    port: str
    state: PortState

    @property
    def device(self) -> str:
        return device_name(self.port)


@dataclass(eq=False)
class Watch:
    """From a start to its stop: what its thread holds. A thread that a hung driver keeps shares nothing with the next."""

    wake: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    open: dict[str, InputPort] = field(default_factory=dict)  # its thread alone
    told: tuple[PortStatus, ...] = ()  # its thread alone


class PortWatcher(QObject):
    """Holds every input open that is there and wanted.

    ``receive`` is called with a port's name and a mido message from the driver's thread, and must return at once.
    """

    changed = Signal(object)  #: tuple of PortStatus
    failed = Signal(str)  #: there is no MIDI here, and why

    def __init__(
        self, make_backend: Callable[[], Backend], receive: Callable[[str, Any], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._make_backend, self._receive = make_backend, receive
        self._refused: frozenset[str] = frozenset()
        self._watch: Watch | None = None
        self._thread: threading.Thread | None = None

    def start(self, refused: Iterable[str] = ()) -> None:
        """Begin to look."""
        assert self._watch is None
        self._refused = frozenset(refused)
        self._watch = Watch()
        self._thread = threading.Thread(target=self._run, args=(self._watch,), name="midi ports", daemon=True)
        self._thread.start()

    def refuse(self, devices: Iterable[str]) -> None:
        """Close these, and open all others."""
        self._refused = frozenset(devices)
        if self._watch is not None:
            self._watch.wake.set()

    def stop(self) -> None:
        """Receive and tell nothing more. The ports are closed by the thread, as soon as the driver lets it."""
        if self._watch is not None:
            self._watch.stopping.set()
            self._watch.wake.set()
            self._watch = None

    def close(self, timeout_s: float = 2.0) -> None:
        """Stop, and wait until everything is closed. A driver that hangs is left behind."""
        self.stop()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None

    def _run(self, watch: Watch) -> None:
        try:
            backend = self._make_backend()
        except (ImportError, OSError) as error:
            if not watch.stopping.is_set():
                self.failed.emit(f"MIDI cannot be used ({error}): {HOW_TO_INSTALL} installs it anew")
            return
        try:
            while not watch.stopping.is_set():
                self._look(watch, backend)
                watch.wake.wait(LOOK_EVERY_S)
                watch.wake.clear()
        finally:
            for name in list(watch.open):
                _close(watch, name)

    def _look(self, watch: Watch, backend: Backend) -> None:
        try:
            names = [name for name in backend.get_input_names() if not name.startswith(NOT_A_DEVICE)]
        except OSError as error:
            log.warning("the MIDI inputs cannot be listed: %s", error)
            names = []
        for name in [name for name in watch.open if name not in names or device_name(name) in self._refused]:
            _close(watch, name)
        status = tuple(PortStatus(name, self._see_to(watch, backend, name)) for name in dict.fromkeys(names))
        if status != watch.told and not watch.stopping.is_set():
            watch.told = status
            self.changed.emit(status)

    def _see_to(self, watch: Watch, backend: Backend, name: str) -> PortState:
        if device_name(name) in self._refused or watch.stopping.is_set():
            return PortState.OFF
        if name not in watch.open:
            try:
                watch.open[name] = backend.open_input(name, lambda message: self._on_message(watch, name, message))
            except OSError as error:  # Windows lends an input to one program at a time
                log.debug("%s cannot be opened: %s", name, error)
                return PortState.BUSY
        return PortState.OPEN

    def _on_message(self, watch: Watch, name: str, message: Any) -> None:
        if message.type in TYPES and not watch.stopping.is_set():
            self._receive(name, message)


def _close(watch: Watch, name: str) -> None:
    with suppress(OSError):  # it is gone already
        watch.open.pop(name).close()
