"""Which state of the controls holds: the one asked for, or, where that cannot be played, the last one that could."""

from __future__ import annotations

from engine.control import ControlState
from engine.errors import ControlError
from engine.steering.blend import blend
from engine.steering.pack import ProbePack


def check(control: ControlState, pack: ProbePack | None) -> None:
    """Refuse what could not be played.

    Raises:
        PackError, ControlError: a genre or a layer that is not there.
    """
    if pack is not None:
        blend(control, pack)
    elif control.blend:
        raise ControlError("this model has no knobs that could be moved: choose a pack for it")


class Acceptance:
    """Remembers the newest state that was refused, and what the player was told of it. Engine thread only."""

    def __init__(self) -> None:
        self._refused: ControlState | None = None
        self._accepted: ControlState | None = None
        self._told = ""

    def held(self, asked: ControlState) -> ControlState:
        """What holds while ``asked`` is asked for."""
        return self._accepted if asked is self._refused and self._accepted is not None else asked

    def accept(self, asked: ControlState) -> None:
        """It has been played; one that was refused has not, whatever was played in its place."""
        if asked is not self._refused:
            self._accepted, self._told = asked, ""

    def refuse(self, asked: ControlState, why: str) -> bool:
        """It cannot be played. False: the player has been told so already, for a knob that is dragged refuses many."""
        self._refused = asked
        news, self._told = why != self._told, why
        return news
