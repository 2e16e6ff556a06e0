"""MIDI in: what arrives from the ports, through the maps of their devices, to the targets; and learning new bindings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from gui.notify import Kind as MessageKind
from gui.notify import Notifier
from gui.remote.decoder import Decoder, Move
from gui.remote.device_map import Binding, DeviceMap, MapFolder, device_name
from gui.remote.inbox import Inbox
from gui.remote.learning import Learning
from gui.remote.ports import Backend, PortState, PortStatus, PortWatcher
from gui.remote.relative import Encoder
from gui.remote.surface import Arrival, Surface
from gui.remote.targets import Targets

LEARNING_MS = 400  # long enough for both halves of a pair, and for an encoder to repeat itself


@dataclass(frozen=True)
class Bound:
    """A device's binding of some target."""

    device: str
    binding: Binding


class Midi(QObject):
    """GUI thread, but for :meth:`receive`."""

    devices_changed = Signal()
    learning_changed = Signal(str)  #: the key that is being learnt; "" for none
    bound = Signal(str, str)  #: a key has a control now, named so
    waiting = Signal(str, float)  #: a control that has not met its value yet: the key, and the value where it stands

    def __init__(
        self, targets: Targets, maps: MapFolder, notifier: Notifier, make_backend: Callable[[], Backend]
    ) -> None:
        super().__init__(targets)
        self._targets, self._maps, self._notifier = targets, maps, notifier
        self._inbox = Inbox(self._on_batch, self)
        self._watcher = PortWatcher(make_backend, self.receive, self)
        self._watcher.changed.connect(self._on_ports)
        self._watcher.failed.connect(notifier.fail)
        self.ports: tuple[PortStatus, ...] = ()
        self._decoders: dict[str, Decoder] = {}
        self._surface = Surface(targets, self.waiting.emit)
        self._learning: Learning | None = None
        self._learnt_device = ""
        self.learning_key = ""
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._finish_learning)
        self.running = False
        targets.changed.connect(self._on_targets)

    # Ports

    def start(self) -> None:
        """Look for devices from now on."""
        if not self.running:
            self.running = True
            self._watcher.start(self._maps.disabled())

    def stop(self) -> None:
        """Close all ports, without waiting for the driver."""
        if self.running:
            self.running = False
            self.cancel_learning()
            self._watcher.stop()
            self._on_ports(())

    def close(self) -> None:
        """The window is closing."""
        self._inbox.close()
        self.stop()
        self._watcher.close()

    def _on_ports(self, ports: tuple[PortStatus, ...]) -> None:
        if not self.running:
            ports = ()
        for port in {port.port for port in (*self.ports, *ports)}:
            here = any(status.port == port and status.state is PortState.OPEN for status in ports)
            if not here:  # it may have been moved while it was away
                self._decoders.pop(port, None)
                self._surface.forget(port)
        self.ports = ports
        self.devices_changed.emit()

    def enable(self, device: str, enabled: bool) -> None:
        """Listen to a device, or leave it to other programs."""
        self._keep(replace(self._maps.of(device), enabled=enabled))
        self._watcher.refuse(self._maps.disabled())
        self.devices_changed.emit()

    def enabled(self, device: str) -> bool:
        return self._maps.of(device).enabled

    @property
    def devices(self) -> tuple[str, ...]:
        """What is plugged in."""
        return tuple(dict.fromkeys(port.device for port in self.ports))

    # Bindings

    def bindings(self, key: str) -> list[Bound]:
        """The controls of a target, of devices that are plugged in."""
        found = ((device, self._maps.of(device).by_target.get(key)) for device in self.devices)
        return [Bound(device, binding) for device, binding in found if binding is not None]

    def count(self, device: str) -> int:
        """How many controls of a device move something."""
        return len(self._maps.of(device).bindings)

    def forget(self, device: str, key: str) -> None:
        """Let a device's control move this target no more."""
        self._keep(self._maps.of(device).without(key))
        self.devices_changed.emit()

    def forget_all(self, device: str) -> None:
        """Every control of a device."""
        self._keep(replace(self._maps.of(device), bindings=()))
        self.devices_changed.emit()

    def choose_encoder(self, bound: Bound, encoder: Encoder) -> None:
        """How a control counts."""
        self._keep(self._maps.of(bound.device).bound(replace(bound.binding, encoder=encoder)))

    def _keep(self, changed: DeviceMap) -> None:
        try:
            self._maps.save(changed)
        except OSError as error:
            self._notifier.fail(f"the controls of {changed.device} cannot be kept ({error}): they hold until the end")

    # Learning

    def learn(self, key: str) -> None:
        """Bind the next control that moves to a target."""
        self._settle.stop()
        self._learning, self.learning_key = Learning(wants_press=key in self._targets.actions), key
        self._learnt_device = ""
        self.learning_changed.emit(key)

    def cancel_learning(self) -> None:
        """Leave everything as it is."""
        if self._learning is not None:
            self._settle.stop()
            self._learning, self.learning_key = None, ""
            self.learning_changed.emit("")

    def _hear(self, device: str, move: Move) -> None:
        assert self._learning is not None
        if self._learnt_device in ("", device) and self._learning.hear(move) and not self._learnt_device:
            self._learnt_device = device
            self._settle.start(LEARNING_MS)

    def _finish_learning(self) -> None:
        if self._learning is None:
            return
        source, encoder = self._learning.choose()
        device, key = self._learnt_device, self.learning_key
        before = self._maps.of(device).by_source.get(source)
        self._learning, self.learning_key = None, ""
        self._keep(self._maps.of(device).bound(Binding(source, key, encoder)))
        self.learning_changed.emit("")
        self.bound.emit(key, source.name)
        told = f"{source.name} of {device}: {self._targets.name(key)}"
        if before is not None and before.target != key:
            told += f", and no longer {self._targets.name(before.target)}"
        self._notifier.tell(told, MessageKind.DONE)
        self.devices_changed.emit()

    def _on_targets(self) -> None:
        if self.learning_key and self.learning_key not in {*self._targets.parameters, *self._targets.actions}:
            self.cancel_learning()

    # Playing

    def receive(self, port: str, message: Any) -> None:
        """Any thread: a mido message of a port. Returns at once."""
        self._inbox.put((port, message))

    def _on_batch(self, batch: list[tuple[str, Any]]) -> None:
        arrived: list[Arrival] = []
        devices = {port: device_name(port) for port in {port for port, _ in batch}}
        for port, message in batch:
            device = devices[port]
            for move in self._decoders.setdefault(port, Decoder()).decode(message):
                if self._learning is not None:
                    self._hear(device, move)
                elif (binding := self._maps.of(device).by_source.get(move.source)) is not None:
                    arrived.append(Arrival(port, binding, move))
        self._surface.play(arrived)
