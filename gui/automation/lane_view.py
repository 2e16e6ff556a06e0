"""Where seconds and values lie on the canvas: the stretch of time that is shown, and the grid that points snap to."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from engine.breakpoints import Breakpoint
from gui.play.scale import Scale

GRIDS_S = (0.02, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
GRID_PX = 26.0
LEVELS = 40
SHORTEST_SHOWN_S = 0.5


@dataclass(frozen=True)
class LaneView:
    """A lane's plane.

    Attributes:
        area: in the widget's pixels.
        start_s, span_s: the time shown.
    """

    area: QRectF
    scale: Scale
    start_s: float
    span_s: float

    def x(self, second: float) -> float:
        return self.area.left() + (second - self.start_s) / self.span_s * self.area.width()

    def y(self, value: float) -> float:
        return self.area.bottom() - self.scale.share(value) * self.area.height()

    def at(self, point: Breakpoint) -> QPointF:
        """A breakpoint's place."""
        return QPointF(self.x(point[0]), self.y(point[1]))

    def second(self, x: float) -> float:
        """The time at a place, from 0 on."""
        return max(0.0, self.start_s + (x - self.area.left()) / self.area.width() * self.span_s)

    def value(self, y: float) -> float:
        """The value at a place, on a step of the scale and in its range."""
        share = (self.area.bottom() - y) / self.area.height()
        low, high = self.scale.low, self.scale.high
        return self.scale.from_step(self.scale.to_step(low + share * (high - low)))

    @property
    def grid_s(self) -> float:
        """The finest grid whose lines are far enough apart."""
        per_px = self.span_s / max(self.area.width(), 1.0)
        return next((grid for grid in GRIDS_S if grid >= GRID_PX * per_px), GRIDS_S[-1])

    def snapped(self, point: Breakpoint) -> Breakpoint:
        """The nearest crossing of the grid with a fortieth of the range."""
        second = round(point[0] / self.grid_s) * self.grid_s
        low, high = self.scale.low, self.scale.high
        level = low + round((point[1] - low) / (high - low) * LEVELS) / LEVELS * (high - low)
        return round(second, 6), self.scale.from_step(self.scale.to_step(level))

    def zoomed(self, factor: float, around_s: float, whole_s: float) -> tuple[float, float]:
        """Another stretch, with ``around_s`` where it is: its start and span, within ``whole_s``."""
        span_s = min(max(self.span_s * factor, SHORTEST_SHOWN_S), whole_s)
        start_s = around_s - (around_s - self.start_s) * span_s / self.span_s
        return min(max(start_s, 0.0), whole_s - span_s), span_s
