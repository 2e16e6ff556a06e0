"""Everything that can be played from outside the window: parameters with their ranges, and actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.steering.pack import PackDefaults
from gui.control_model import ControlModel
from gui.play.depth import LAWS
from gui.play.knob_bank import GENRE_SCALE, STRENGTH_SCALE, ring_order
from gui.play.performer import Performer
from gui.play.polygon import Point, corners, inside, position, weights
from gui.play.sampling import KNOBS
from gui.play.scale import Scale
from gui.volume import QUIETEST_DB, VolumeFader

SUBJECT = "remote"  # several controls move at a time: together they are one gesture, and one step of undo
LAW_SCALE = Scale(0, len(LAWS) - 1, 1, 0, decimals=0, words=tuple(word for word, _, _ in LAWS))
TOP_P_SCALE = Scale(0.0, 1.0, 0.01, 1.0)
VOLUME_SCALE = Scale(QUIETEST_DB, 0.0, 1.0, 0.0, decimals=0)


@dataclass(frozen=True)
class Parameter:
    """A value of a scale. ``key`` names it in saved maps and OSC addresses, ``name`` to the player.

    ``resets``: the scale's default is where a reset leads.
    """

    key: str
    name: str
    scale: Scale
    read: Callable[[], float]
    resets: bool = True

    @property
    def share(self) -> float:
        """Where it stands between the ends of its scale, 0 to 1."""
        return self.scale.share(self.read())


@dataclass(frozen=True)
class Action:
    """Something that happens at a press."""

    key: str
    name: str
    act: Callable[[], object]


class Targets(QObject):
    """The register. Knobs come and go with the instrument; a key that is not there is no error to anybody.

    Args:
        driven: the value at which a lane holds a genre's knob or a field of the control state now; None: no lane does.
    """

    changed = Signal()  #: other parameters, or more actions

    def __init__(
        self,
        controls: ControlModel,
        performer: Performer,
        volume: VolumeFader,
        driven: Callable[[str], float | None] = lambda _name: None,
    ) -> None:
        super().__init__(controls)
        self._controls, self._volume, self._driven = controls, volume, driven
        self._pad = PadPoint(controls)
        self.parameters: dict[str, Parameter] = {}
        self.actions: dict[str, Action] = {}
        seed = performer.seed
        for key, name, act in (
            ("toggle", "Play or stop", performer.toggle_play),
            ("play", "Play", performer.play),
            ("stop", "Stop", performer.stop),
            ("record", "Record", performer.toggle_record),
            ("keep", "Keep what was just played", performer.keep_last),
            ("restart/same", "Restart with the same seed", performer.restart_same),
            ("restart/new", "Restart with a new seed", performer.restart_new),
            ("panic", "Panic", performer.panic),
            ("seed/lock", "Lock or unlock the seed", lambda: seed.lock(not seed.locked)),
            ("orthogonal", "Orthogonal or not", self._toggle_orthogonal),
            ("undo", "Undo", controls.undo),
            ("redo", "Redo", controls.redo),
        ):
            self.add_action(key, name, act)
        controls.instrument_changed.connect(self._list_parameters)
        self._list_parameters()

    def add_action(self, key: str, name: str, act: Callable[[], object]) -> None:
        """Something more to press."""
        self.actions[key] = Action(key, name, act)
        self.changed.emit()

    def name(self, key: str) -> str:
        """What the player calls a target; of one that is not there now, its key."""
        target = self.parameters.get(key) or self.actions.get(key)
        return key if target is None else target.name

    def _list_parameters(self) -> None:
        volume = self._volume
        ring = ring_order(self._controls.genres)
        found = [Parameter(f"knob/{genre}", genre, GENRE_SCALE, partial(self._knob, genre)) for genre in ring]
        found += [
            Parameter(field, name, scale, partial(self._field, field))
            for field, name, scale in (
                ("strength", "Strength", STRENGTH_SCALE),
                *((field, name, scale) for field, name, scale, _ in KNOBS),
                ("top_p", "Top-p", TOP_P_SCALE),
            )
        ]
        found.append(Parameter("volume", "Volume", VOLUME_SCALE, lambda: float(volume.value())))
        found.append(Parameter("law", "Law", LAW_SCALE, self._law))
        instrument = self._controls.instrument
        if instrument is not None and instrument.genres:
            scale = Scale(0, instrument.layers - 1, 1, min(self._layers), decimals=0)
            found.append(Parameter("layer", "Layer", scale, lambda: min(self._layers), resets=False))
        self._pad.set_genres(ring)
        if self._pad.reach:
            scale = Scale(-self._pad.reach, self._pad.reach, 0.001, 0.0, bipolar=True)
            found.append(Parameter("pad/x", "Blend, left to right", scale, lambda: self._pad.read()[0]))
            found.append(Parameter("pad/y", "Blend, down to up", scale, lambda: self._pad.read()[1]))
        self.parameters = {parameter.key: parameter for parameter in found}
        self.changed.emit()

    def _knob(self, genre: str) -> float:
        driven = self._driven(genre)
        return self._controls.knob(genre) if driven is None else driven

    def _law(self) -> float:
        return float(next(n for n, (_, law, _) in enumerate(LAWS) if law == self._controls.state.law))

    @property
    def _layers(self) -> list[int]:
        """Those that are steered."""
        instrument, chosen = self._controls.instrument, self._controls.state.layers
        own = () if instrument is None else instrument.default_layers
        return [layer for layer, _ in (own if chosen is None else chosen)] or [0]

    def _field(self, field: str) -> float:
        driven = self._driven(field)
        return float(getattr(self._controls.state, field)) if driven is None else driven

    def turn(self, values: Mapping[str, float]) -> None:
        """Set parameters, each brought into its range; those that are not there are passed over."""
        knobs: dict[str, float] = {}
        handle: dict[str, float] = {}
        fields: dict[str, Any] = {}
        for key, asked in values.items():
            parameter = self.parameters.get(key)
            if parameter is None:
                continue
            value = parameter.scale.nearest(asked)
            match key.split("/", 1):
                case ["knob", genre]:
                    knobs[genre] = value
                case ["pad", axis]:
                    handle[axis] = value
                case ["law"]:
                    fields["law"] = LAWS[int(value)][1]
                case ["layer"] if self._controls.instrument is not None:
                    own = PackDefaults(self._controls.instrument.default_layers)
                    fields["layers"] = own.shared_among([int(value)])
                case ["volume"]:
                    self._volume.setValue(round(value))
                case _:
                    fields[key] = int(value) if key == "top_k" else value
        if handle:
            knobs = self._pad.alphas(**handle) | knobs
        if knobs:
            self._controls.turn_knobs(SUBJECT, knobs)
        if fields:
            self._controls.edit(SUBJECT, **fields)

    def _toggle_orthogonal(self) -> None:
        self._controls.edit("orthogonal", orthogonal=not self._controls.state.orthogonal)

    def act(self, key: str) -> None:
        """Press."""
        action = self.actions.get(key)
        if action is not None:
            action.act()

    def write_prompt(self, text: str) -> None:
        """Another text prompt.

        Raises:
            ControlError: too long.
        """
        self._controls.edit("remote prompt", prompt=text.strip())


class PadPoint:
    """The blend pad's handle in two coordinates, x to the right and y upwards, each from −``reach`` to ``reach``.

    Where the pad is no square, two faders can ask for a point outside of it. What they asked is remembered for as long as
    nothing else turns the knobs, so that one fader does not move the other.
    """

    def __init__(self, controls: ControlModel) -> None:
        self._controls = controls
        self._ring: tuple[str, ...] = ()
        self._polygon: tuple[Point, ...] = ()
        self._asked: Point = (0.0, 0.0)
        self._written: list[float] = []
        self.reach = 0.0

    def set_genres(self, ring: tuple[str, ...]) -> None:
        """Other corners; with fewer than three there is no pad, and no reach."""
        self._ring = ring
        self._polygon = corners(len(ring)) if len(ring) >= 3 else ()
        self.reach = round(max((abs(value) for corner in self._polygon for value in corner), default=0.0), 3)
        self._written = []

    def read(self) -> Point:
        """Where it stands; in the middle while nothing is asked."""
        alphas = [self._controls.knob(genre) for genre in self._ring]
        if alphas == self._written:
            return self._asked
        x, y = position(alphas, self._polygon) or (0.0, 0.0)
        return x, -y

    def alphas(self, x: float | None = None, y: float | None = None) -> dict[str, float]:
        """The knobs for another place; a coordinate that is not given stays."""
        here = self.read()
        self._asked = (here[0] if x is None else x, here[1] if y is None else y)
        shares = weights(inside((self._asked[0], -self._asked[1]), self._polygon), self._polygon)
        self._written = [round(share, 3) for share in shares]
        return dict(zip(self._ring, self._written, strict=True))
