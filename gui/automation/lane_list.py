"""The lanes there can be, as a list: which is edited, which move something, which have been let go."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSizePolicy

from gui import theme
from gui.automation.lane_kind import LaneKind

WIDTH_PX = 112.0
DOT_PX, ROW_PX = 10, 17.5


class LaneList(QListWidget):
    """A line for each lane, with a dot: full where it moves its control, struck through where the hand has it, or hollow."""

    chosen = Signal(object)  #: LaneKind

    def __init__(self) -> None:
        super().__init__()
        self._kinds: tuple[LaneKind, ...] = ()
        self._filled: frozenset[str] = frozenset()
        self._let_go: frozenset[str] = frozenset()
        self.setAccessibleName("lanes")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.currentRowChanged.connect(self._on_row)

    def show_kinds(self, kinds: Sequence[LaneKind], current: str) -> None:
        """Other lanes; ``current`` names the one that is edited."""
        self._kinds = tuple(kinds)
        with QSignalBlocker(self):
            self.clear()
            for kind in kinds:
                self.addItem(QListWidgetItem(kind.title))
            self.setCurrentRow(next((n for n, kind in enumerate(kinds) if kind.name == current), 0))
        self.dress()

    def show_lanes(self, filled: Collection[str], let_go: Collection[str]) -> None:
        """Which lanes have breakpoints, and which have been let go."""
        if (frozenset(filled), frozenset(let_go)) != (self._filled, self._let_go):
            self._filled, self._let_go = frozenset(filled), frozenset(let_go)
            self.dress()

    def dress(self) -> None:
        """Follow the theme, and what the lanes are at."""
        palette = theme.current()
        self.setFixedWidth(round(theme.px(WIDTH_PX)))
        self.setIconSize(QSize(round(theme.px(DOT_PX)), round(theme.px(DOT_PX))))
        self.setStyleSheet(
            f"QListWidget {{ background: {palette.sunken}; border: 1px solid {palette.line}; border-radius: 6px;"
            f" padding: 2px; font-size: {round(theme.px(11.5))}px; }}"
            f"QListWidget:focus {{ border: 1px solid {palette.accent}; }}"
            f"QListWidget::item {{ padding: 0 4px; border-radius: 4px; color: {palette.muted}; }}"
            f"QListWidget::item:selected {{ background: {palette.raised}; color: {palette.text}; }}"
        )
        for row, kind in enumerate(self._kinds):
            item = self.item(row)
            filled, let_go = kind.name in self._filled, kind.name in self._let_go
            item.setSizeHint(QSize(0, round(theme.px(ROW_PX))))
            item.setIcon(QIcon(self._dot(kind.colour, filled, let_go)))
            words = "let go" if let_go else "drawn" if filled else "empty"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{kind.title}, {words}")
            item.setToolTip(f"{kind.title}: {words}")

    def _dot(self, colour: QColor, filled: bool, let_go: bool) -> QPixmap:
        ratio = self.devicePixelRatioF()
        side = theme.px(DOT_PX)
        picture = QPixmap(round(side * ratio), round(side * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(theme.current().muted) if let_go else colour
        painter.setPen(QPen(ink, 1.5))
        painter.setBrush(ink if filled and not let_go else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(side / 2, side / 2), side * 0.34, side * 0.34)
        if let_go:
            painter.drawLine(QPointF(side * 0.1, side * 0.9), QPointF(side * 0.9, side * 0.1))
        painter.end()
        return picture

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self._kinds):
            self.chosen.emit(self._kinds[row])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Letters belong to the window's keys, not to a search in eight lines.
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End):
            super().keyPressEvent(event)
        else:
            event.ignore()
