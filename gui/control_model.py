"""The controls as views see them: one :class:`ControlState`, its history, and a signal when it changes.

Views write with :meth:`ControlModel.edit` from gestures alone and never while they follow :attr:`ControlModel.changed`, so
nothing can feed back. A gesture (a drag, a run of key presses) is one step of undo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.control import ControlState
from engine.messages import ModelLoaded
from gui.history import History


class ControlModel(QObject):
    """Owns the state that the window asks for. GUI thread only."""

    changed = Signal(object)  #: the new ControlState
    instrument_changed = Signal(object)  #: ModelLoaded: other genres, layers, redlines
    history_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = ControlState()
        self.instrument: ModelLoaded | None = None
        self._history: History[ControlState] = History()

    # Reading

    @property
    def genres(self) -> tuple[str, ...]:
        """The knobs that there are."""
        return () if self.instrument is None else self.instrument.genres

    def knob(self, genre: str) -> float:
        """The α asked of a genre."""
        return dict(self.state.blend).get(genre, 0.0)

    # Writing

    def begin(self, subject: str) -> None:
        """A gesture on one control begins: all its edits until :meth:`end` are one step of undo."""
        self._history.begin()

    def end(self) -> None:
        """The gesture is over."""
        self._history.end()

    def edit(self, subject: str, **changes: Any) -> None:
        """Change fields of the state.

        Raises:
            ControlError: a value out of range; nothing has changed.
        """
        self._become(subject, replace(self.state, **changes))

    def turn_knob(self, genre: str, alpha: float) -> None:
        """Set one genre's knob."""
        self.turn_knobs(genre, {genre: alpha})

    def turn_knobs(self, subject: str, alphas: Mapping[str, float]) -> None:
        """Set several knobs at once; those not named stay."""
        knobs = dict(self.state.blend) | dict(alphas)
        # In the pack's order and without zeros: equal settings are equal values.
        blend = tuple((genre, knobs[genre]) for genre in self.genres if knobs.get(genre))
        self.edit(subject, blend=blend)

    def _become(self, subject: str, state: ControlState) -> None:
        if replace(state, number=self.state.number) == self.state:
            return
        self._history.note(self.state, subject)
        self._publish(state)
        self.history_changed.emit()

    def _publish(self, state: ControlState) -> None:
        self.state = replace(state, number=self.state.number + 1)
        self.changed.emit(self.state)

    # History

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    def undo(self) -> None:
        """Take the last gesture back."""
        self._go(self._history.undo(self.state))

    def redo(self) -> None:
        """Do again what was taken back."""
        self._go(self._history.redo(self.state))

    def _go(self, state: ControlState) -> None:
        if state is not self.state:
            self._publish(state)
            self.history_changed.emit()

    # Another instrument

    def adopt(self, instrument: ModelLoaded) -> None:
        """Follow a model and its pack: knobs and layers that they lack are dropped, and so is the history."""
        self.instrument = instrument
        state = self.state
        blend = tuple((genre, alpha) for genre, alpha in state.blend if genre in instrument.genres)
        layers = state.layers
        if layers is not None and any(layer >= instrument.layers for layer, _ in layers):
            layers = None
        self._history.clear()
        self.instrument_changed.emit(instrument)
        self._publish(replace(state, blend=blend, layers=layers))
        self.history_changed.emit()
