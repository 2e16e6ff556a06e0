"""A plot in the window's dress. What imports this loads pyqtgraph, which is slow to load: see page."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QSizePolicy

from gui import theme

MOST_TICKS = 16

pg.setConfigOptions(antialias=True)


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """A plot in the window's dress that stands still."""

    def __init__(self, name: str, x: str) -> None:
        super().__init__(enableMenu=False)
        self._x = x
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAcceptDrops(False)  # what is dropped here is meant for the page
        self.setAccessibleName(name)
        self.setMinimumSize(QSize(180, 120))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.dress()

    def dress(self) -> None:
        """Take on the theme in force."""
        palette = theme.current()
        self.setBackground(palette.panel)
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(palette.line, width=theme.px(1)))
            axis.setTextPen(palette.muted)
            axis.setTickFont(theme.font(11, tabular=True))
            axis.setStyle(tickLength=-4, tickTextOffset=round(theme.px(5)), tickTextHeight=round(theme.px(14)))
            axis.enableAutoSIPrefix(False)
        self.getAxis("bottom").setLabel(self._x, color=palette.muted, **{"font-size": f"{round(theme.px(11))}px"})

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self.dress()
        super().changeEvent(event)

    def set_shares(self, most: float = 1.0) -> None:
        """Quarters of the whole, on the left."""
        self.getAxis("left").setTicks([[(n / 4, f"{25 * n} %") for n in range(5)]])
        self.setYRange(0, most, padding=0)

    def set_layers(self, count: int) -> None:
        """Whole numbers under the curves, not too many."""
        step = math.ceil(max(count, 1) / MOST_TICKS)
        self.getAxis("bottom").setTicks([[(layer, str(layer)) for layer in range(0, count, step)]])
        self.setXRange(-0.5, max(count, 1) - 0.5, padding=0)
