"""The canvas of a lane: what it shows, and what can be done to it. The gestures that do it are the lane editor's."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.breakpoints import Breakpoint, value_at
from gui import theme
from gui.automation.lane_edits import STROKE_TOLERANCE, drawn, moved, with_point, without_point
from gui.automation.lane_face import AXIS_PX, LaneFace, time_text
from gui.automation.lane_kind import LaneKind
from gui.automation.lane_model import LaneModel
from gui.automation.lane_view import LaneView

LABELS_PX = 44.0
GRAB_PX = 12.0
FRAME_S = 0.02


class LaneCanvas(QWidget):
    """Shows one lane of a :class:`LaneModel`, and the others behind it."""

    def __init__(self, model: LaneModel, kinds: Sequence[LaneKind]) -> None:
        super().__init__()
        self._model, self._kinds, self._kind = model, tuple(kinds), kinds[0]
        self._resting = self._kind.scale.default
        self._window: tuple[float, float] | None = None  # start and span; None: everything
        self._selected: int | None = None
        self._hovered: int | None = None
        self._stroke: list[Breakpoint] = []
        self._place_s: float | None = None
        self._loops = self._let_go = False
        # The playhead moves thirty times a second; what is behind it is painted when it has changed.
        self._looks: tuple[object, ...] = ()
        self._picture = QPixmap()
        self.pencil = False
        self.snaps = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        model.changed.connect(self._on_changed)
        self._describe()

    # What it shows

    def show_kinds(self, kinds: Sequence[LaneKind]) -> None:
        """Another pack's lanes."""
        self._kinds = tuple(kinds)
        self.show_lane(next((kind for kind in kinds if kind.name == self._kind.name), kinds[0]), self._resting)

    def show_lane(self, kind: LaneKind, resting: float) -> None:
        """Edit another lane; ``resting`` is the value where it has no breakpoints."""
        if kind.name != self._kind.name:
            self._selected = self._hovered = None
        self._kind, self._resting = kind, resting
        self._describe()
        self.update()

    def show_place(self, place_s: float | None) -> None:
        """Where in the lanes the sound is that is heard now."""
        if place_s != self._place_s:
            self._place_s = place_s
            self.update()

    def show_playing(self, loops: bool, let_go: bool) -> None:
        """Whether the lanes begin again at their end, and whether the hand has taken this one's control over."""
        if (loops, let_go) != (self._loops, self._let_go):
            self._loops, self._let_go = loops, let_go
            self._describe()
            self.update()

    def show_everything(self) -> None:
        """The whole time."""
        self._window = None
        self.update()

    @property
    def selected(self) -> int | None:
        """The breakpoint that the keyboard moves."""
        return self._selected

    def _on_changed(self) -> None:
        if self._selected is not None and self._selected >= len(self._lane):
            self._selected = len(self._lane) - 1 if self._lane else None
        self._hovered = None
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleName(f"lane of {self._kind.title}")
        lane, text = self._lane, self._kind.scale.text
        words = f"{len(lane)} point{'s' if len(lane) > 1 else ''}"
        if not lane:
            words = f"no points, rests at {text(self._resting)}; plus adds one"
        if self._selected is not None:
            second, value = lane[self._selected]
            words = f"point {self._selected + 1} of {len(lane)}, at {time_text(second)}, {text(value)}"
        self.setAccessibleDescription(f"{words}; let go" if self._let_go else words)

    # Geometry

    @property
    def _lane(self) -> tuple[Breakpoint, ...]:
        return self._model.lane(self._kind.name)

    @property
    def _whole_s(self) -> float:
        ends = [lane[-1][0] for lane in self._model.lanes.values()]
        return 1.02 * max([self._model.length_s, *ends])

    @property
    def view(self) -> LaneView:
        """Where seconds and values lie now."""
        left = round(theme.px(LABELS_PX))
        area = QRectF(left, 2, max(self.width() - left - 2, 1), max(self.height() - round(theme.px(AXIS_PX)) - 2, 1))
        start_s, span_s = self._window or (0.0, self._whole_s)
        return LaneView(area, self._kind.scale, start_s, span_s)

    def _index_at(self, at: QPointF) -> int | None:
        view = self.view
        off = [(view.at(point) - at).manhattanLength() for point in self._lane]
        nearest = min(range(len(off)), key=off.__getitem__, default=None)
        return nearest if nearest is not None and off[nearest] <= theme.px(GRAB_PX) else None

    def _point_at(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> Breakpoint:
        point = self.view.second(at.x()), self.view.value(at.y())
        snaps = self.snaps is not bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        snaps = snaps and not modifiers & Qt.KeyboardModifier.ShiftModifier
        return self.view.snapped(point) if snaps else (round(point[0], 4), point[1])

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(560)), round(theme.px(130)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(240)), round(theme.px(80)))

    # Editing

    def _select(self, index: int | None) -> None:
        self._selected = index
        if index is not None:
            self._bring_into_view(self._lane[index][0])
        self._describe()
        self.update()

    def _bring_into_view(self, second: float) -> None:
        if self._window is not None:
            start_s, span_s = self._window
            start_s = min(max(start_s, second - 0.95 * span_s), max(second - 0.05 * span_s, 0.0))
            self._window = start_s, span_s

    def _add(self, point: Breakpoint) -> None:
        lane, index = with_point(self._lane, point)
        self._model.edit(self._kind.name, lane)
        self._select(index)

    def _remove(self, index: int) -> None:
        self._model.edit(self._kind.name, without_point(self._lane, index))
        self._select(min(index, len(self._lane) - 1) if self._lane else None)

    def _move(self, index: int, second: float, value: float) -> None:
        scale = self._kind.scale
        value = scale.from_step(scale.to_step(value))
        self._model.edit(self._kind.name, moved(self._lane, index, second, value), f"point {index}")

    def _zoom(self, factor: float, around_s: float) -> None:
        start_s, span_s = self.view.zoomed(factor, around_s, self._whole_s)
        self._window = None if span_s >= self._whole_s else (start_s, span_s)
        self.update()

    def _scroll(self, by_s: float) -> None:
        if self._window is not None:
            start_s, span_s = self._window
            self._window = min(max(start_s + by_s, 0.0), self._whole_s - span_s), span_s
            self.update()

    def _nudge(self, right: int, up: int, fine: bool) -> None:
        assert self._selected is not None
        second, value = self._lane[self._selected]
        step_s = FRAME_S if fine else self.view.grid_s
        step = (0.005 if fine else 0.025) * (self._kind.scale.high - self._kind.scale.low)
        self._move(self._selected, round(second + right * step_s, 4), value + up * step)
        self._bring_into_view(self._lane[self._selected][0])

    def _add_beside(self) -> None:
        """A point half way to the next one, on the line; the first one at the playhead."""
        lane, selected = self._lane, self._selected
        if not lane or selected is None:
            second = self._place_s if self._place_s is not None else self.view.start_s
            self._add((round(second, 4), value_at(lane, second) if lane else self._resting))
            return
        end_s = lane[selected + 1][0] if selected + 1 < len(lane) else lane[selected][0] + 2 * self.view.grid_s
        second = round((lane[selected][0] + end_s) / 2, 4)
        self._add((second, value_at(lane, second)))

    def _draw(self) -> None:
        """Take the stroke into the lane."""
        scale = self._kind.scale
        stroke, self._stroke = self._stroke, []
        self._model.edit(self._kind.name, drawn(self._lane, stroke, STROKE_TOLERANCE * (scale.high - scale.low)))
        self._select(None)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        lanes = self._model.lanes
        others = {kind: lanes[kind.name] for kind in self._kinds if kind.name in lanes and kind.name != self._kind.name}
        face = LaneFace(
            self.view,
            self._kind,
            self._lane,
            self._resting,
            others,
            selected=self._selected,
            hovered=self._hovered,
            loops_at_s=self._model.length_s if self._loops else None,
            let_go=self._let_go,
            focused=self.hasFocus(),
            stroke=tuple(self._stroke),
        )
        looks = face, theme.current(), theme.px(1.0), self.devicePixelRatioF()
        if looks != self._looks:
            self._looks, self._picture = looks, QPixmap(self.size() * self.devicePixelRatioF())
            self._picture.setDevicePixelRatio(self.devicePixelRatioF())
            self._picture.fill(Qt.GlobalColor.transparent)
            face.paint(QPainter(self._picture))
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if self._place_s is not None:
            face.paint_place(painter, self._place_s)
