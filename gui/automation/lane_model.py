"""The lanes that are being edited, with an undo of their own. Gestures call the writing methods, views follow ``changed``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from engine.automation import Automation
from engine.breakpoints import Lane
from gui.history import History

SHORTEST_S, LONGEST_S = 0.5, 3600.0
DEFAULT_LENGTH_S = 16.0


@dataclass(frozen=True)
class LaneState:
    """Lanes by name, none of them empty; ``length_s`` is that of the loop."""

    lanes: Mapping[str, Lane] = field(default_factory=dict)
    length_s: float = DEFAULT_LENGTH_S


class LaneModel(QObject):
    """Owns what is being edited. GUI thread only."""

    changed = Signal()
    history_changed = Signal()

    def __init__(self, state: LaneState | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state or LaneState()
        self._history: History[LaneState] = History()

    # Reading

    @property
    def lanes(self) -> Mapping[str, Lane]:
        return self._state.lanes

    @property
    def length_s(self) -> float:
        return self._state.length_s

    @property
    def automation(self) -> Automation:
        return Automation(dict(self._state.lanes))

    def lane(self, name: str) -> Lane:
        """Its breakpoints; none where it moves nothing."""
        return self._state.lanes.get(name, ())

    # Writing

    def begin(self) -> None:
        """All edits until :meth:`end` are one step of undo."""
        self._history.begin()

    def end(self) -> None:
        """The gesture is over."""
        self._history.end()

    def edit(self, name: str, lane: Lane, subject: str = "") -> None:
        """Another lane in place of the one of that name; an empty one moves nothing. ``subject``: what may be merged."""
        lanes = {other: points for other, points in self._state.lanes.items() if other != name}
        if lane:
            lanes[name] = lane
        self._become(replace(self._state, lanes=lanes), f"{name} {subject}" if subject else "")

    def set_length(self, seconds: float) -> None:
        """How long a loop is."""
        self._become(replace(self._state, length_s=min(max(seconds, SHORTEST_S), LONGEST_S)), "length")

    def take_up(self, lanes: Mapping[str, Lane], length_s: float) -> None:
        """Other lanes altogether: one step of undo."""
        length_s = min(max(length_s, SHORTEST_S), LONGEST_S)
        self._become(LaneState({name: lane for name, lane in lanes.items() if lane}, length_s), "")

    def start_with(self, lanes: Mapping[str, Lane], length_s: float) -> None:
        """Something else is edited from now on: what was done before cannot be undone."""
        self._state = LaneState(dict(lanes), min(max(length_s, SHORTEST_S), LONGEST_S))
        self._history.clear()
        self.changed.emit()
        self.history_changed.emit()

    def _become(self, state: LaneState, subject: str) -> None:
        if state == self._state:
            return
        self._history.note(self._state, "gesture" if self._history.held else subject)
        self._state = state
        self.changed.emit()
        self.history_changed.emit()

    # History

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    def undo(self) -> None:
        """Take the last gesture back."""
        self._go(self._history.undo(self._state))

    def redo(self) -> None:
        """Do again what was taken back."""
        self._go(self._history.redo(self._state))

    def _go(self, state: LaneState) -> None:
        if state is not self._state:
            self._state = state
            self.changed.emit()
            self.history_changed.emit()
