"""Undo and redo of one value."""

from __future__ import annotations

import time
from typing import Generic, TypeVar

State = TypeVar("State")

DEEPEST = 500
MERGE_S = 0.8  # edits of one subject that follow each other faster are one gesture


class History(Generic[State]):
    """What the value was. A gesture is one step: what a subject becomes between :meth:`begin` and :meth:`end`, or a run of
    quick edits of it.
    """

    def __init__(self) -> None:
        self._undo: list[State] = []
        self._redo: list[State] = []
        #: what is being edited, and when it was last: two hands at once make two steps, not one for every other edit
        self._open: dict[str, float] = {}
        self.held = False

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def begin(self) -> None:
        """A gesture begins."""
        self._open.clear()
        self.held = True

    def end(self) -> None:
        """The gesture is over."""
        self._open.clear()
        self.held = False

    def note(self, before: State, subject: str) -> None:
        """The value is about to become another; "" is no subject, and such a step stands for itself."""
        now = time.monotonic()
        merged = subject in self._open and (self.held or now - self._open[subject] < MERGE_S)
        if not merged:
            self._undo.append(before)
            del self._undo[:-DEEPEST]
        self._redo.clear()
        if subject:
            self._open[subject] = now
        else:
            self._open.clear()

    def undo(self, now: State) -> State:
        """What the value was before the newest step; ``now`` itself where there is none."""
        return self._travel(self._undo, self._redo, now)

    def redo(self, now: State) -> State:
        """What the value was before it was taken back; ``now`` itself where nothing was."""
        return self._travel(self._redo, self._undo, now)

    def _travel(self, source: list[State], target: list[State], now: State) -> State:
        if not source:
            return now
        target.append(now)
        self._open.clear()
        return source.pop()

    def clear(self) -> None:
        """What was done cannot be undone any more."""
        self._undo.clear()
        self._redo.clear()
        self._open.clear()
        self.held = False
