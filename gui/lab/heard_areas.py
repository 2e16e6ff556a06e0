"""Genres over time, as bands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QFont

from gui import theme
from gui.lab.plot import Plot


class HeardAreas(Plot):
    """Shares of genres over time, stacked: a band for each genre, named where it is widest."""

    def __init__(self) -> None:
        self._genres: tuple[str, ...] = ()
        self._times_s: np.ndarray = np.zeros(0)
        self._shares: np.ndarray = np.zeros((0, 0))
        super().__init__("genres heard over time", "seconds")
        self.set_shares(1.02)

    def show_shares(self, times_s: Sequence[float], shares: np.ndarray, genres: Sequence[str], words: str) -> None:
        """Shares ``(n, G)`` at ``n`` times."""
        self._genres, self._times_s, self._shares = tuple(genres), np.array(times_s, np.float64), shares
        self.setAccessibleDescription(words)
        self._draw()

    def dress(self) -> None:
        super().dress()
        self._draw()

    def _draw(self) -> None:
        self.clear()
        if not len(self._times_s):
            return
        palette, x, shares = theme.current(), self._times_s, self._shares
        if len(x) == 1:  # a band needs two edges
            x, shares = np.array([0.0, 2 * x[0]]), np.repeat(shares, 2, axis=0)
        tops = np.minimum(np.cumsum(shares, axis=1), 1.0)
        below = pg.PlotDataItem(x, np.zeros(len(x)), pen=pg.mkPen(palette.panel))
        self.addItem(below)
        for n, genre in enumerate(self._genres):
            ink = palette.genre(genre, self._genres)
            above = pg.PlotDataItem(x, tops[:, n], pen=pg.mkPen(palette.panel, width=theme.px(1.5)))
            self.addItem(pg.FillBetweenItem(below, above, brush=theme.mix(QColor(palette.panel), ink, 0.72)))
            self.addItem(above)
            below = above
        for n, genre in enumerate(self._genres):
            self._name_band(genre, x, shares[:, n], tops[:, n])
        self.setXRange(float(x[0]), float(x[-1]), padding=0)

    def _name_band(self, genre: str, x: np.ndarray, shares: np.ndarray, tops: np.ndarray) -> None:
        inner = np.ones(len(x), bool)
        if len(x) > 8:  # not cut off by the plot's edges
            inner[: len(x) // 8] = inner[-len(x) // 8 :] = False
        at = int(np.where(inner, shares, -1.0).argmax())
        if shares[at] < 0.08:
            return
        palette = theme.current()
        fill = theme.mix(QColor(palette.panel), palette.genre(genre, self._genres), 0.72)
        ink = max((QColor(palette.text), QColor(palette.window)), key=lambda ink: theme.contrast(ink, fill))
        text = pg.TextItem(genre, ink, anchor=(0.5, 0.5))
        text.setFont(theme.font(12, QFont.Weight.Bold))
        text.setPos(float(x[at]), float(tops[at] - shares[at] / 2))
        self.addItem(text)
