"""What a lane can move: a genre's knob, or one of the scalars, each on the scale of its knob."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QColor

from engine.automation import SCALARS
from gui import theme
from gui.play.knob_bank import GENRE_SCALE, STRENGTH_SCALE, ring_order
from gui.play.sampling import KNOBS
from gui.play.scale import Scale

SCALES = {field: scale for field, _, scale, _ in KNOBS} | {
    "strength": STRENGTH_SCALE,
    "top_p": Scale(0.0, 1.0, 0.005, 1.0),
}
TITLES = {"strength": "Strength", "guidance": "Guidance", "temperature": "Temperature", "top_p": "Top-p"}


@dataclass(frozen=True)
class LaneKind:
    """A lane's name in files, what it is called here, and its values. ``genres`` are all there are, for its colour."""

    name: str
    title: str
    scale: Scale
    genres: tuple[str, ...] = ()

    @property
    def colour(self) -> QColor:
        """The genre's, or the theme's accent."""
        palette = theme.current()
        return palette.genre(self.name, self.genres) if self.name in self.genres else QColor(palette.accent)


def lane_kinds(genres: Sequence[str]) -> tuple[LaneKind, ...]:
    """Every lane there can be with a pack of these genres: these in ring order, then the scalars."""
    ring = ring_order(genres)
    knobs = [LaneKind(genre, genre, GENRE_SCALE, ring) for genre in ring]
    return (*knobs, *(LaneKind(name, TITLES[name], SCALES[name]) for name in SCALARS))
