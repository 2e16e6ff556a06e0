"""Curves and bars over a model's layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.lab.findings import Findings, effects_in_words, layers_in_words
from gui.lab.plot import Plot

SYMBOL_PX = 8.0


@dataclass(frozen=True)
class Series:
    """One curve: told from the others by its symbol and its dashes as well as by its colour."""

    field: str
    words: str
    symbol: str
    dashes: Qt.PenStyle
    colour: str

    def ink(self) -> QColor:
        palette = theme.current()
        return QColor(palette.more[1] if self.colour == "more" else getattr(palette, self.colour))

    def pen(self, width: float = 2.0) -> QPen:
        pen: QPen = pg.mkPen(self.ink(), width=theme.px(width), style=self.dashes)
        return pen


SERIES = (
    Series("accuracy", "held-out songs", "o", Qt.PenStyle.SolidLine, "accent"),
    Series("styles", "held-out styles", "s", Qt.PenStyle.DashLine, "warning"),
    Series("last_token", "last token alone", "t1", Qt.PenStyle.DotLine, "muted"),
    Series("ari", "clusters: ARI", "d", Qt.PenStyle.SolidLine, "good"),
    Series("nmi", "clusters: NMI", "x", Qt.PenStyle.DashDotLine, "more"),
)
CHANCE = Series("", "chance", "", Qt.PenStyle.DotLine, "text")


class LayerCurves(Plot):
    """Accuracy with its interval, and clustering, by layer. A click, or left and right, picks a layer."""

    picked = Signal(int)

    def __init__(self) -> None:
        self._findings, self._count, self._chosen = Findings(), 0, 0
        super().__init__("by layer", "layer")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_shares(1.03)
        self.scene().sigMouseClicked.connect(self._on_click)

    def show_findings(self, findings: Findings, layers: int, chosen: int) -> None:
        """Draw what is known of a model of so many layers."""
        self._findings, self._count, self._chosen = findings, layers, chosen
        self.setAccessibleDescription(layers_in_words(findings))
        self._draw()

    def dress(self) -> None:
        super().dress()
        self._draw()

    def _draw(self) -> None:
        palette = theme.current()
        self.clear()
        self.set_layers(self._count)
        if not self._findings.layers:
            return
        wide = self.hasFocus()
        line = pg.mkPen(palette.accent if wide else palette.muted, width=theme.px(2.2 if wide else 1.2))
        self.addItem(pg.InfiniteLine(self._chosen, pen=line))
        level = 1 / max(len(self._findings.genres), 1)
        self.addItem(pg.InfiniteLine(level, angle=0, pen=CHANCE.pen(1.2)))
        for series in reversed(SERIES):  # what matters most lies on top
            self._draw_series(series)

    def _draw_series(self, series: Series) -> None:
        known = [finding for finding in self._findings.layers if getattr(finding, series.field) is not None]
        if not known:
            return
        x = np.array([finding.layer for finding in known])
        y = np.array([getattr(finding, series.field) for finding in known], np.float64)
        bounds = np.array([finding.interval for finding in known if finding.interval is not None])
        if series.field == "accuracy" and len(bounds) == len(y):
            reach = {"top": bounds[:, 1] - y, "bottom": y - bounds[:, 0], "beam": 0.22}
            self.addItem(pg.ErrorBarItem(x=x, y=y, pen=pg.mkPen(series.ink(), width=theme.px(1.2)), **reach))
        hollow = QColor(theme.current().panel)
        self.plot(
            x,
            y,
            pen=series.pen(),
            symbol=series.symbol,
            symbolSize=theme.px(SYMBOL_PX),
            symbolPen=pg.mkPen(series.ink(), width=theme.px(1.4)),
            # Of the held-out songs' curve the layers that the knobs push are filled.
            symbolBrush=[
                series.ink() if series.field == "accuracy" and layer in self._findings.steered else hollow
                for layer in x.tolist()
            ],
        )

    def shown_series(self) -> list[Series]:
        """Those of which something is known."""
        layers = self._findings.layers
        known = [s for s in SERIES if any(getattr(finding, s.field) is not None for finding in layers)]
        return [*known, CHANCE] if known else []

    # Picking

    def _pick(self, layer: int) -> None:
        if self._findings.at(layer) is not None and layer != self._chosen:
            self._chosen = layer
            self._draw()
            self.picked.emit(layer)

    def _on_click(self, event: object) -> None:
        place = self.getPlotItem().vb.mapSceneToView(event.scenePos())  # type: ignore[attr-defined]
        self._pick(round(place.x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            event.ignore()
        else:
            self._pick(self._chosen + step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._draw()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._draw()


class Legend(QWidget):
    """What the curves of a plot are: each with a piece of its line and its symbol."""

    def __init__(self) -> None:
        super().__init__()
        self._series: tuple[Series, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("legend")

    def show_series(self, series: Sequence[Series]) -> None:
        """Name these."""
        self._series = tuple(series)
        self.setAccessibleDescription(", ".join(each.words for each in series))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(200)), round(theme.px(18)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11))
        left, middle = 0.0, self.height() / 2
        for series in self._series:
            painter.setPen(series.pen())
            painter.drawLine(QPointF(left, middle), QPointF(left + theme.px(24), middle))
            if series.symbol:
                painter.save()
                painter.translate(left + theme.px(12), middle)
                edge, fill = pg.mkPen(series.ink(), width=theme.px(1.4)), pg.mkBrush(theme.current().panel)
                drawSymbol(painter, series.symbol, theme.px(SYMBOL_PX), edge, fill)
                painter.restore()
            left += theme.px(29)
            width = painter.fontMetrics().horizontalAdvance(series.words)
            painter.setPen(QColor(theme.current().text))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(left, 0, width + 2, self.height()), flags, series.words)
            left += width + theme.px(16)


class EffectBars(Plot):
    """By how much a knob raises its genre's probability when it pushes a layer."""

    def __init__(self) -> None:
        self._findings, self._count = Findings(), 0
        super().__init__("effect by layer", "layer")

    def show_findings(self, findings: Findings, layers: int) -> None:
        """Draw the effects that are known of a model of so many layers."""
        self._findings, self._count = findings, layers
        self.setAccessibleDescription(effects_in_words(findings.effects) if findings.effects else "not known")
        self._draw()

    def dress(self) -> None:
        super().dress()
        self._draw()

    def _draw(self) -> None:
        palette = theme.current()
        self.clear()
        self.set_layers(self._count)
        for layer, rise in self._findings.effects:
            steered = layer in self._findings.steered
            ink = QColor(palette.accent if steered else palette.muted)
            bar = pg.BarGraphItem(x=[layer], height=[rise], width=0.62, pen=pg.mkPen(None), brush=ink)
            self.addItem(bar)
            text = pg.TextItem(f"{rise:.2f}", palette.text, anchor=(0.5, 1.0 if rise >= 0 else 0.0))
            text.setFont(theme.font(11, QFont.Weight.Bold if steered else QFont.Weight.Medium, tabular=True))
            text.setPos(layer, rise)
            self.addItem(text)
        rises = [0.0, *(rise for _, rise in self._findings.effects)]
        room = 0.16 * max(max(rises) - min(rises), 0.1)  # for the figures
        self.setYRange(min(rises) - (room if min(rises) < 0 else 0), max(rises) + room, padding=0)
