"""The live lanes: played by the engine, let go by the hand, and where in them the sound is that is heard now.

As in Live and Bitwig, the hand wins: whatever changes an automated control (a gesture, a controller, a preset, an undo) lets
its lane go, until the lanes are taken back. Nothing jumps: a control that is taken over, and every one when the lanes are
turned off, stays where its lane has brought it.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer, Signal

from engine.automation import SCALARS, Automation
from engine.control import ControlState
from engine.messages import ModelLoaded
from engine.takes.moves import settings
from gui.automation.lane_model import LaneModel
from gui.bridge import EngineBridge
from gui.control_model import ControlModel

RESEND_MS = 40  # while a lane is being dragged, so often


class LanePlayer(QObject):
    """Turns lanes on and off. ``changed``: what drives which control is not what it was."""

    changed = Signal()

    def __init__(self, bridge: EngineBridge, controls: ControlModel, model: LaneModel) -> None:
        super().__init__(model)
        self._bridge, self._controls, self._model = bridge, controls, model
        self.on = False
        self.loops = True
        self.let_go: frozenset[str] = frozenset()
        self._asked = settings(controls.state)
        self._driven: tuple[str, ...] = ()
        self._resend = QTimer(self)
        self._resend.setSingleShot(True)
        self._resend.setInterval(RESEND_MS)
        self._resend.timeout.connect(lambda: self._send(goes_on=True))
        model.changed.connect(self._on_lanes)
        controls.changed.connect(self._on_controls)
        controls.instrument_changed.connect(self._on_instrument)

    @property
    def drives(self) -> tuple[str, ...]:
        """The controls that lanes move now."""
        if not self.on:
            return ()
        known = (*self._controls.genres, *SCALARS)
        return tuple(name for name in self._model.lanes if name in known and name not in self.let_go)

    @property
    def _in_force(self) -> Mapping[str, float]:
        control = self._bridge.status.control
        return {} if control is None else settings(control)

    # Turning on and off

    def turn(self, on: bool) -> None:
        """Play the lanes from their beginning, or leave the controls where they are."""
        if on == self.on:
            return
        driven = self.drives
        self.on, self.let_go = on, frozenset()
        if not on:
            self._leave("automation", driven)
        self._send(goes_on=False)
        self.changed.emit()

    def stop(self) -> None:
        """Play no lane any more, whatever becomes of the controls."""
        if self.on:
            self.on, self.let_go = False, frozenset()
            self._send(goes_on=False)
            self.changed.emit()

    def loop(self, loops: bool) -> None:
        """Whether the lanes begin again at their end."""
        self.loops = loops
        self._send(goes_on=True)

    def take_back(self) -> None:
        """Let every lane drive its control again."""
        if self.let_go:
            self.let_go = frozenset()
            self._send(goes_on=True)
            self.changed.emit()

    def touch(self, subject: str, *names: str) -> None:
        """A hand has taken hold of controls: they stay where they are, and their lanes let go.

        ``subject`` is that of the hand's edits, so that all is one step of undo.
        """
        held = tuple(name for name in names if name in self.drives)
        if held:
            self._leave(subject, held)
            self._release(set(held))

    def _leave(self, subject: str, names: tuple[str, ...]) -> None:
        """Ask for what the lanes have brought about."""
        if not names or self._bridge.status.automation_s is None:
            return  # they have not moved anything yet
        values = {name: value for name, value in self._in_force.items() if name in names}
        knobs = {genre: values.get(genre, 0.0) for genre in names if genre in self._controls.genres}
        scalars = {name: value for name, value in values.items() if name in SCALARS}
        self._asked = settings(self._controls.state) | knobs | scalars
        if knobs:
            self._controls.turn_knobs(subject, knobs)
        if scalars:
            self._controls.edit(subject, **scalars)

    # Following

    def _on_controls(self, state: ControlState) -> None:
        before, self._asked = self._asked, settings(state)
        genres = self._controls.genres
        self._release(
            {name for name in self.drives if _differs(before, self._asked, name, 0.0 if name in genres else None)}
        )

    def _release(self, names: set[str]) -> None:
        if names:
            self.let_go |= names
            self._send(goes_on=True)
            self.changed.emit()

    def _on_lanes(self) -> None:
        if self.let_go - self._model.lanes.keys():
            self.let_go &= self._model.lanes.keys()
        if self.on:
            self._leave("automation", tuple(name for name in self._driven if name not in self._model.lanes))
            self._driven = self.drives
            if not self._resend.isActive():
                self._resend.start()
        self.changed.emit()

    def _on_instrument(self, _instrument: ModelLoaded) -> None:
        # The engine forgets the lanes with the model; the control model tells of the new state after this.
        self._asked = {}
        if self.on:
            self._send(goes_on=False)
        self.changed.emit()

    def _send(self, goes_on: bool) -> None:
        self._resend.stop()
        self._driven = self.drives
        if self._controls.instrument is None:
            return  # they are sent when there is one
        lanes = {name: self._model.lanes[name] for name in self._driven}
        if not self.on:
            self._bridge.automate(None)
        else:
            # Without any lane too: their clock runs on, so that those taken back come in at the right place.
            self._bridge.automate(Automation(lanes), self._model.length_s if self.loops else None, goes_on)


def _differs(before: Mapping[str, float], after: Mapping[str, float], name: str, absent: float | None) -> bool:
    return bool(before) and before.get(name, absent) != after.get(name, absent)
