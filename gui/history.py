"""Undo and redo of one value."""

from __future__ import annotations

import time
from typing import Generic, TypeVar

State = TypeVar("State")

DEEPEST = 500
MERGE_S = 0.8  # edits of one subject that follow each other faster are one gesture


class History(Generic[State]):
    """What the value was. A gesture is one step: what one subject becomes between :meth:`begin` and :meth:`end`, or a run of
    quick edits of it.
    """

    def __init__(self) -> None:
        self._undo: list[State] = []
        self._redo: list[State] = []
        self._subject = ""  # what the newest step is about; "" once it is closed
        self._edited_at = 0.0
        self.held = False

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def begin(self) -> None:
        """A gesture begins."""
        self._subject, self.held = "", True

    def end(self) -> None:
        """The gesture is over."""
        self._subject, self.held = "", False

    def note(self, before: State, subject: str) -> None:
        """The value is about to become another; "" is no subject, and such a step stands for itself."""
        now = time.monotonic()
        merged = bool(subject) and subject == self._subject and (self.held or now - self._edited_at < MERGE_S)
        if not merged:
            self._undo.append(before)
            del self._undo[:-DEEPEST]
        self._redo.clear()
        self._subject, self._edited_at = subject, now

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
        self._subject = ""
        return source.pop()

    def clear(self) -> None:
        """What was done cannot be undone any more."""
        self._undo.clear()
        self._redo.clear()
        self._subject, self.held = "", False
