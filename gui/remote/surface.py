"""The hands on a device's controls: what they move, each only once it has met its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gui.remote.decoder import Kind, Move, Source
from gui.remote.device_map import Binding
from gui.remote.relative import Encoder, steps
from gui.remote.takeover import Pickup, with_detent
from gui.remote.targets import Parameter, Targets

Control = tuple[str, Source]  # the port, and what moves there


class Arrival(NamedTuple):
    """A control that is bound has moved."""

    port: str
    binding: Binding
    move: Move


class Surface:
    """Turns moves into edits. GUI thread only.

    Args:
        targets: what there is to move.
        waiting: told of a control that has not met its value yet: the key, and the value where it stands.
    """

    def __init__(self, targets: Targets, waiting: Callable[[str, float], None]) -> None:
        self._targets, self._waiting = targets, waiting
        self._pickups: dict[Control, Pickup] = {}
        self._buttons: dict[Control, float] = {}

    def forget(self, port: str) -> None:
        """The device is away: who knows where its controls will stand when it comes back."""
        self._pickups = {control: pickup for control, pickup in self._pickups.items() if control[0] != port}
        self._buttons = {control: share for control, share in self._buttons.items() if control[0] != port}

    def play(self, arrived: Sequence[Arrival]) -> None:
        """One batch: of each control its last place and whom it met on the way, of encoders all steps, every press."""
        places: dict[tuple[str, Binding], list[float]] = {}
        turned: dict[str, int] = {}
        pressed: list[str] = []
        for port, binding, move in arrived:
            if binding.target in self._targets.actions:
                if self._is_press(port, move):
                    pressed.append(binding.target)
            elif binding.encoder is not Encoder.ABSOLUTE:
                turned[binding.target] = turned.get(binding.target, 0) + steps(binding.encoder, move.raw)
            else:
                places.setdefault((port, binding), []).append(move.share)
        self._turn(places, turned)
        for key in pressed:
            self._targets.act(key)

    def _is_press(self, port: str, move: Move) -> bool:
        if move.source.kind is Kind.NOTE:
            return move.share > 0.0
        before = self._buttons.get((port, move.source), 0.0)
        self._buttons[port, move.source] = move.share
        # Some buttons never say that they were let go: the same value again is another press.
        return move.share >= 0.5 and (before < 0.5 or before == move.share)

    def _turn(self, places: Mapping[tuple[str, Binding], list[float]], turned: Mapping[str, int]) -> None:
        values: dict[str, float] = {}
        followed: list[tuple[Control, Parameter]] = []
        for (port, binding), shares in places.items():
            parameter = self._targets.parameters.get(binding.target)
            if parameter is None:
                continue
            control = (port, binding.source)
            way = [with_detent(share) if parameter.scale.bipolar else share for share in shares]
            if self._meets(control, way, parameter.share):
                values[parameter.key] = parameter.scale.at(way[-1])
                followed.append((control, parameter))
            else:
                self._waiting(parameter.key, parameter.scale.at(way[-1]))
        for key, count in turned.items():
            parameter = self._targets.parameters.get(key)
            if parameter is not None:
                scale = parameter.scale
                values[key] = scale.from_step(scale.to_step(parameter.read()) + count * max(1, scale.steps // 100))
        self._targets.turn(values)
        for control, parameter in followed:
            self._pickups[control] = self._pickups[control].wrote(parameter.share)

    def _meets(self, control: Control, way: Sequence[float], value: float) -> bool:
        """Whether a control that has come along ``way`` is in charge of the value at its end."""
        pickup = self._pickups.get(control, Pickup())
        for physical in way:
            pickup, follows = pickup.moved(physical, value)
            if follows:
                self._pickups[control] = Pickup(way[-1], way[-1])
                return True
        self._pickups[control] = pickup
        return False
