"""What is edited of a take: its moves as lanes of few breakpoints, and the lanes that make the edit heard. Knows no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.automation import Automation
from engine.breakpoints import Lane, simplified, spliced
from engine.control import ControlState
from engine.takes.moves import moves, settings
from engine.takes.take import Heading, Take

TOLERANCE = 0.01
"""Of a control's own unit: how far the lanes that are shown may be from what was played."""


@dataclass(frozen=True)
class TakeMoves:
    """A take's moves.

    Attributes:
        exact: lanes that give the score's values to the frame; shown: the same within :data:`TOLERANCE`.
        resting: what each control was at when the take began.
    """

    take: Heading
    exact: Mapping[str, Lane]
    shown: Mapping[str, Lane]
    resting: Mapping[str, float]

    @classmethod
    def of(cls, take: Take) -> TakeMoves:
        """Read a take's score; a long one takes a moment.

        Raises:
            ControlError: the score holds a state that cannot be played.
        """
        exact = moves(take.score).lanes
        shown = {name: simplified(lane, TOLERANCE) for name, lane in exact.items()}
        first = ControlState.from_json(take.score.state_at(take.score.start_frame))
        return cls(take.heading, exact, shown, settings(first))

    def differs(self, edited: Mapping[str, Lane]) -> bool:
        """Whether any lane is not the take's: what a view may ask at every step of a drag."""
        return any(edited.get(name, ()) != self.shown.get(name, ()) for name in {*self.shown, *edited})

    def changes(self, edited: Mapping[str, Lane]) -> Automation:
        """The lanes that differ from the take's; outside of what was edited they are the take's own values, to the frame."""
        lanes: dict[str, Lane] = {}
        for name in {*self.shown, *edited}:
            now, before = edited.get(name, ()), self.shown.get(name, ())
            if now == before:
                continue
            if not now:
                lanes[name] = ((0.0, self.resting.get(name, 0.0)),)
            else:
                lanes[name] = spliced(self.exact[name], now, before) if before else now
        return Automation(dict(sorted(lanes.items())))
