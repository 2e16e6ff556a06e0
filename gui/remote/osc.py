"""OSC in: datagrams on a port of this computer, from a thread of their own to the targets.

Addresses are ``/segue/`` and a target's key: ``/segue/knob/jazz 0.6``, ``/segue/strength 1``, ``/segue/play``; besides them
``/segue/prompt`` with a text. Values are those of the knobs, not shares. An action takes no argument, or one that is not zero.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import math
import re
import select
import socket
import sys
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from engine.errors import ControlError, DeviceError
from engine.extras import how_to_install
from gui.remote.inbox import Inbox
from gui.remote.targets import Targets

ROOT = "/segue/"
PROMPT = "prompt"
LARGEST_BYTES = 65536
HOW_TO_INSTALL = how_to_install("osc")

log = logging.getLogger(__name__)


class Received(NamedTuple):
    """One message; ``address`` is "" for a datagram that was none."""

    address: str
    arguments: tuple[Any, ...] = ()


def installed() -> bool:
    """Whether the optional library is there; does not load it."""
    return find_spec("pythonosc") is not None


def address(key: str) -> str:
    """The OSC address of a target: what OSC keeps for itself stands as an underscore."""
    return ROOT + re.sub(r"[ #*,?\[\]{}]", "_", key)


def is_loopback(host: str) -> bool:
    """Whether only this computer can send there; not so for what is no address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class OscInput(QObject):
    """Listens while it is asked to. GUI thread, but for the loop of its thread."""

    changed = Signal()  #: it listens elsewhere, or no more

    def __init__(self, targets: Targets) -> None:
        super().__init__(targets)
        self._targets = targets
        self._inbox = Inbox(self._on_batch, self)
        self._socket: socket.socket | None = None
        self._stopper: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.ignored = 0
        self._parameters: dict[str, str] = {}  # address → key
        self._actions: dict[str, str] = {}
        targets.changed.connect(self._list_addresses)
        self._list_addresses()

    def _list_addresses(self) -> None:
        self._parameters = {address(key): key for key in self._targets.parameters}
        self._actions = {address(key): key for key in self._targets.actions}

    @property
    def port(self) -> int | None:
        """Where it listens; None while it does not."""
        return None if self._socket is None else int(self._socket.getsockname()[1])

    def start(self, host: str, port: int) -> None:
        """Listen, in place of where it listened before.

        Raises:
            DeviceError: the library is missing, the address is none of this computer's, or the port is taken.
        """
        self.stop()
        if not installed():
            raise DeviceError(f"OSC needs python-osc: {HOW_TO_INSTALL}")
        listening = _bind(host, port)
        here, there = socket.socketpair()
        self._socket, self._stopper, self.ignored = listening, here, 0
        self._thread = threading.Thread(target=self._listen, args=(listening, there), name="osc", daemon=True)
        self._thread.start()
        self.changed.emit()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Give the port back."""
        if self._thread is None or self._stopper is None or self._socket is None:
            return
        self._stopper.close()
        self._thread.join(timeout_s)
        self._socket.close()
        self._thread = self._stopper = self._socket = None
        self.changed.emit()
        if self.ignored:
            log.info("OSC: %d messages were of no use", self.ignored)

    def close(self) -> None:
        """The window is closing."""
        self._inbox.close()
        self.stop()

    def _listen(self, listening: socket.socket, stopped: socket.socket) -> None:
        from pythonosc.osc_packet import OscPacket

        logging.getLogger().addFilter(_not_from_the_parser)
        with stopped:
            while True:
                ready, _, _ = select.select([listening, stopped], [], [])
                if stopped in ready:
                    return
                try:
                    data, _ = listening.recvfrom(LARGEST_BYTES)
                    messages = [timed.message for timed in OscPacket(data).messages]
                    received = [Received(message.address, tuple(message.params)) for message in messages]
                except Exception:  # whatever strangers send, and however the parser chokes on it
                    received = [Received("")]
                for message in received:
                    self._inbox.put(message)

    def _on_batch(self, batch: Sequence[Received]) -> None:
        """What came since the last batch: the last value of each parameter, and every press."""
        parameters, actions = self._parameters, self._actions
        values: dict[str, float] = {}
        presses: list[str] = []
        for received in batch:
            where, arguments = received
            if where in parameters and (value := _number(arguments)) is not None:
                values[parameters[where]] = value
            elif where in actions and len(arguments) <= 1:
                if all(arguments):  # a button that is let go sends a zero
                    presses.append(actions[where])
            elif where != ROOT + PROMPT or not self._write_prompt(arguments):
                self._ignore(received)
        self._targets.turn(values)
        for key in presses:
            self._targets.act(key)

    def _write_prompt(self, arguments: Sequence[Any]) -> bool:
        if len(arguments) != 1 or not isinstance(arguments[0], str) or not arguments[0].isprintable():
            return False
        try:
            self._targets.write_prompt(arguments[0])
        except ControlError:
            return False
        return True

    def _ignore(self, received: Received) -> None:
        self.ignored += 1
        if self.ignored == 1:
            log.warning("OSC: %.200r is of no use; more of that kind are counted, not told", received)


def _not_from_the_parser(record: logging.LogRecord) -> bool:
    """python-osc writes a line to the root logger for each type that it does not know; strangers could fill the disk."""
    return "pythonosc" not in record.pathname


def _number(arguments: Sequence[Any]) -> float | None:
    if len(arguments) != 1 or isinstance(arguments[0], bool) or not isinstance(arguments[0], (int, float)):
        return None
    return float(arguments[0]) if math.isfinite(arguments[0]) else None


def _bind(host: str, port: int) -> socket.socket:
    try:
        where = ipaddress.ip_address(host)
    except ValueError:
        raise DeviceError(f"OSC: “{host}” is no IP address: 127.0.0.1 is this computer alone") from None
    family = socket.AF_INET6 if where.version == 6 else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if sys.platform == "win32":  # where two programs can share a port unless one says no
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise DeviceError(f"OSC: port {port} is used by another program: choose another port") from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise DeviceError(f"OSC: {host} is no address of this computer: 127.0.0.1 always is") from None
        raise DeviceError(f"OSC cannot listen on {host}, port {port} ({error.strerror}): choose another port") from None
    return listening
