"""How a lane looks: grid, the other lanes faintly, its line and breakpoints, the loop's end; and over it the playhead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from engine.breakpoints import Breakpoint, Lane
from gui import theme
from gui.automation.lane_kind import LaneKind
from gui.automation.lane_view import LaneView

AXIS_PX = 16.0
POINT_PX = 4.5
HINT = "Click to add points and drag them; the pencil draws freehand"


@dataclass(frozen=True)
class LaneFace:
    """All that is to be seen of the canvas at one moment, but for the playhead.

    Attributes:
        resting: the value where the lane has no breakpoints.
        others: the other lanes, each with what it moves.
        loops_at_s: where the loop ends; None where nothing loops.
        let_go: the hand has taken the control over: the lane is not played.
        stroke: what is being drawn.
    """

    view: LaneView
    kind: LaneKind
    lane: Lane
    resting: float
    others: Mapping[LaneKind, Lane]
    selected: int | None = None
    hovered: int | None = None
    loops_at_s: float | None = None
    let_go: bool = False
    focused: bool = False
    stroke: tuple[Breakpoint, ...] = ()

    def paint(self, painter: QPainter) -> None:
        """Draw it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, area = theme.current(), self.view.area
        painter.setBrush(QColor(palette.sunken))
        painter.setPen(QPen(QColor(palette.accent if self.focused else palette.line), 1.6 if self.focused else 1.0))
        painter.drawRoundedRect(area.adjusted(-1, -1, 1, 1), 5, 5)
        painter.save()
        painter.setClipRect(area)
        self._paint_grid(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)  # or a path would be filled
        for kind, lane in self.others.items():
            view = LaneView(area, kind.scale, self.view.start_s, self.view.span_s)
            painter.setPen(QPen(theme.faded(kind.colour, 0.32), 1.2))
            painter.drawPath(_line(view, lane, lane[0][1]))
        self._paint_line(painter)
        self._paint_loop(painter)
        painter.restore()
        self._paint_points(painter)
        self._paint_axes(painter)
        if not self.lane and not self.stroke:
            painter.setFont(theme.font(12))
            painter.setPen(QColor(palette.muted))
            painter.drawText(area.adjusted(0, theme.px(10), 0, 0), Qt.AlignmentFlag.AlignHCenter, HINT)

    def paint_place(self, painter: QPainter, place_s: float) -> None:
        """Draw the playhead over it, where the sound is that is heard now."""
        area, x = self.view.area, self.view.x(place_s)
        if area.left() <= x <= area.right():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.current().text), 1.4))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_grid(self, painter: QPainter) -> None:
        palette, view, area = theme.current(), self.view, self.view.area
        first = int(view.start_s / view.grid_s)
        for n in range(first, int((view.start_s + view.span_s) / view.grid_s) + 1):
            painter.setPen(QPen(theme.faded(palette.line, 0.9 if n % 4 == 0 else 0.45), 1))
            x = round(view.x(n * view.grid_s)) + 0.5
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        middle = view.scale.low + (view.scale.high - view.scale.low) / 2
        painter.setPen(QPen(theme.faded(palette.muted if view.scale.bipolar else palette.line, 0.6), 1))
        y = round(view.y(middle)) + 0.5
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def _paint_line(self, painter: QPainter) -> None:
        colour = QColor(theme.current().muted) if self.let_go else self.kind.colour
        line = _line(self.view, self.lane, self.resting)
        if self.lane and not self.let_go:
            body, area = QPainterPath(line), self.view.area
            zero = self.view.y(0.0 if self.view.scale.bipolar else self.view.scale.low)
            body.lineTo(area.right() + 2, zero)
            body.lineTo(area.left() - 2, zero)
            body.closeSubpath()
            painter.fillPath(body, theme.faded(colour, 0.14))
        style = Qt.PenStyle.SolidLine if self.lane and not self.let_go else Qt.PenStyle.DashLine
        painter.setPen(QPen(theme.faded(colour, 1.0 if self.lane else 0.6), 2.0, style))
        painter.drawPath(line)
        if self.stroke:
            painter.setPen(QPen(QColor(theme.current().text), 1.6))
            painter.drawPolyline([self.view.at(point) for point in self.stroke])

    def _paint_loop(self, painter: QPainter) -> None:
        palette, area = theme.current(), self.view.area
        if self.loops_at_s is None:
            return
        x = self.view.x(self.loops_at_s)
        beyond = QRectF(x, area.top(), max(area.right() - x, 0.0), area.height())
        painter.fillRect(beyond, theme.faded(palette.panel, 0.72))
        painter.setPen(QPen(QColor(palette.muted), 1.4, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_points(self, painter: QPainter) -> None:
        palette, area = theme.current(), self.view.area
        colour = QColor(palette.muted) if self.let_go else self.kind.colour
        for index, point in enumerate(self.lane):
            at = self.view.at(point)
            if not area.left() - 1 <= at.x() <= area.right() + 1:
                continue
            chosen = index == self.selected
            radius = theme.px(POINT_PX) * (1.35 if chosen or index == self.hovered else 1.0)
            painter.setBrush(QColor(palette.text) if chosen else QColor(palette.sunken))
            painter.setPen(QPen(colour, 2.0))
            painter.drawEllipse(at, radius, radius)
            if chosen and self.focused:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(palette.accent), 1.6))
                painter.drawEllipse(at, radius + 3.5, radius + 3.5)

    def _paint_axes(self, painter: QPainter) -> None:
        palette, view, area = theme.current(), self.view, self.view.area
        painter.setFont(theme.font(10.5, QFont.Weight.Medium, tabular=True))
        painter.setPen(QColor(palette.muted))
        room = area.left() - theme.px(6)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in (view.scale.high, (view.scale.low + view.scale.high) / 2, view.scale.low):
            y = min(max(view.y(value), area.top() + theme.px(6)), area.bottom() - theme.px(6))
            painter.drawText(QRectF(0, y - 8, room, 16), right, view.scale.text(value))
        every = 4 * view.grid_s
        for n in range(int(view.start_s / every), int((view.start_s + view.span_s) / every) + 1):
            x = view.x(n * every)
            if area.left() - 1 <= x <= area.right() - theme.px(24):
                painter.drawText(QPointF(x + 3, area.bottom() + theme.px(AXIS_PX - 4)), time_text(n * every))


def _line(view: LaneView, lane: Lane, resting: float) -> QPainterPath:
    """The lane from edge to edge: level before its first breakpoint and after its last."""
    first, last = (lane[0][1], lane[-1][1]) if lane else (resting, resting)
    path = QPainterPath(QPointF(view.area.left() - 2, view.y(first)))
    for point in lane:
        path.lineTo(view.at(point))
    path.lineTo(view.area.right() + 2, view.y(last))
    return path


def time_text(seconds: float) -> str:
    """Minutes and seconds, with as many decimals as there are."""
    minutes, rest = divmod(round(seconds, 2), 60)
    return f"{minutes:.0f}:{rest:02.0f}" if rest == int(rest) else f"{minutes:.0f}:{rest:05.2f}".rstrip("0")
