"""Table II, drawn: a row for each figure, with its bar and interval, as ``segue study score`` counts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from engine.study.plan import Study
from gui import theme
from gui.buttons import TextButton
from gui.child import Child
from gui.notify import Kind, Notifier
from gui.panel import Panel, muted_label
from gui.study.headline import Headline
from gui.study.result_rows import Heading, Row, rows_of

ROW_PX, HEAD_PX, TOP_PX = 27, 36, 26
MARGIN_PX = 18  # of the scroll bar
#: names and widths of the figures, from the right edge to the left, in the order of ``Row.figures``
COLUMNS_PX = (("power", 56), ("p, Holm", 66), ("p", 60), ("right", 78), ("share", 62))


class ResultsView(QWidget):
    """What a study says so far. The counting is a child process: the window loads no statistics."""

    left = Signal()

    def __init__(self, notifier: Notifier) -> None:
        super().__init__()
        self._notifier = notifier
        self._markdown = ""
        self.child = Child(self)
        self._next: Study | None = None
        self.headline, self.remarks, self.chart = Headline(20), muted_label(), ResultsChart()
        self.remarks.setWordWrap(True)
        self.back = TextButton("Back", primary=True)
        self.copy = TextButton("Copy as Markdown")
        panel = Panel()
        head = QHBoxLayout()
        head.addWidget(self.headline, 1)
        head.addWidget(self.copy)
        head.addWidget(self.back)
        panel.body.addLayout(head)
        scroll = QScrollArea()
        scroll.setWidget(self.chart)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setAccessibleName("results")
        panel.body.addWidget(scroll, 1)
        panel.body.addWidget(self.remarks)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(panel)
        self.setFocusProxy(self.back)
        self.back.clicked.connect(self.left)
        self.copy.clicked.connect(lambda: self._on_copy())
        self.child.finished.connect(self.show_results)
        self.child.failed.connect(self._on_failed)
        self.child.stopped.connect(self._on_stopped)

    def open(self, study: Study) -> None:
        """Count a study."""
        self.headline.setText(f"{study.folder.name}: what was heard")
        self.chart.show_rows([])
        self.remarks.setText("Counting …")
        self.copy.setEnabled(False)
        self.back.setFocus()
        if self.child.running:  # it counts another study, or without the answers that have come since
            self._next = study
            self.child.stop()
        else:
            self._count(study)

    def _count(self, study: Study) -> None:
        self.child.start(["study", "score", str(study.folder)])

    def _on_stopped(self) -> None:
        if (study := self._next) is not None:
            self._next = None
            self._count(study)

    def show_results(self, told: Mapping[str, Any]) -> None:
        """Show the object of ``segue study score --json``."""
        self._markdown = str(told["markdown"])
        self.copy.setEnabled(True)
        self.chart.show_rows(rows_of(told))
        self.remarks.setText("  ·  ".join(_remarks(told)))

    def _on_failed(self, words: str) -> None:
        self.remarks.setText(words)
        self._notifier.fail(words)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._markdown)
        self._notifier.tell("the table is in the clipboard", Kind.DONE)

    def end(self) -> None:
        """The window is closing."""
        self._next = None
        self.child.close()


def _remarks(told: Mapping[str, Any]) -> list[str]:
    people = [f"{count} {group}{'s' * (count != 1)}" for group, count in told["participants"].items()]
    remarks = [", ".join(people)]
    if told["unfinished"]:
        remarks.append(f"{len(told['unfinished'])} not finished, counted as far as they came")
    if told["inattentive"]:
        names = ", ".join(each["participant"] for each in told["inattentive"])
        remarks.append(f"missed more than one check trial: {names}")
    remarks.append(
        f"● p ≤ .05 (Holm's where corrected)   ○ not   ┆ guessing   power to find a share of {told['effect']:g}"
    )
    return remarks


class ResultsChart(QWidget):
    """Rows of bars over one scale from 0 to 1, with guessing marked in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Row | Heading] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("results")

    def show_rows(self, rows: list[Row | Heading]) -> None:
        """Other figures."""
        self._rows = rows
        self.setAccessibleDescription("; ".join(row.words for row in rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        height = sum(HEAD_PX if isinstance(row, Heading) else ROW_PX for row in self._rows)
        return QSize(round(theme.px(700)), round(theme.px(height + TOP_PX)))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px = theme.px
        bars = QRectF(px(290), 0, self.width() - px(290 + 330 + MARGIN_PX), self.height())
        self._draw_columns(painter, bars)
        top = px(TOP_PX)
        for row in self._rows:
            height = px(HEAD_PX if isinstance(row, Heading) else ROW_PX)
            line = QRectF(0, top, self.width() - px(MARGIN_PX), height)
            if isinstance(row, Heading):
                painter.setFont(theme.font(12, QFont.Weight.DemiBold))
                painter.setPen(QColor(theme.current().muted))
                low = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
                painter.drawText(line.adjusted(0, 0, 0, -px(6)), low, row.words.upper())
            else:
                _draw_row(painter, row, line, bars)
            top += height

    def _columns(self) -> list[tuple[str, QRectF]]:
        px, right = theme.px, self.width() - theme.px(MARGIN_PX)
        columns = []
        for name, width in COLUMNS_PX:
            columns.append((name, QRectF(right - px(width), 0, px(width), px(TOP_PX))))
            right -= px(width)
        return columns

    def _draw_columns(self, painter: QPainter, bars: QRectF) -> None:
        palette, px = theme.current(), theme.px
        painter.setFont(theme.font(11, QFont.Weight.DemiBold, tabular=True))
        painter.setPen(QColor(palette.muted))
        for name, box in self._columns():
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
        for share in (0.0, 0.5, 1.0):
            box = QRectF(bars.left() + share * bars.width() - px(40), 0, px(80), px(TOP_PX))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{share:g}")
        painter.setPen(QPen(QColor(palette.muted), px(1), Qt.PenStyle.DashLine))
        middle = bars.center().x()
        painter.drawLine(int(middle), round(px(TOP_PX)), int(middle), self.height())


def _draw_row(painter: QPainter, row: Row, line: QRectF, bars: QRectF) -> None:
    """Name, mark, bar from guessing to the share with its interval, figures."""
    palette, px = theme.current(), theme.px
    centre = line.center().y()
    colour = QColor(palette.accent if row.significant else palette.muted)
    painter.setPen(QPen(colour, px(1.6)))
    painter.setBrush(colour if row.significant else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QRectF(px(2), centre - px(4), px(8), px(8)))
    painter.setFont(theme.font(13))
    painter.setPen(QColor(palette.text))
    vertical = Qt.AlignmentFlag.AlignVCenter
    name = QRectF(px(20), line.top(), bars.left() - px(50), line.height())
    words = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, int(name.width()))
    painter.drawText(name, Qt.AlignmentFlag.AlignLeft | vertical, words)

    def x(share: float) -> float:
        return bars.left() + share * bars.width()

    track = QRectF(bars.left(), centre - px(5), bars.width(), px(10))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.faded(palette.track, 0.5))
    painter.drawRoundedRect(track, px(3), px(3))
    painter.setBrush(theme.faded(colour, 0.75 if row.significant else 0.45))
    painter.drawRect(QRectF(min(x(0.5), x(row.share)), track.top(), abs(x(row.share) - x(0.5)), track.height()))
    painter.setPen(QPen(QColor(palette.text), px(1.6)))
    for one, other in (
        ((x(row.low), centre), (x(row.high), centre)),
        ((x(row.low), centre - px(5)), (x(row.low), centre + px(5))),
        ((x(row.high), centre - px(5)), (x(row.high), centre + px(5))),
    ):
        painter.drawLine(*map(round, (*one, *other)))
    painter.setBrush(QColor(palette.text))
    painter.drawEllipse(QRectF(x(row.share) - px(3.5), centre - px(3.5), px(7), px(7)))
    painter.setFont(theme.font(13, tabular=True))
    right = line.right()
    for text, (_, width) in zip(row.figures, COLUMNS_PX, strict=True):
        box = QRectF(right - px(width), line.top(), px(width), line.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | vertical, text)
        right -= px(width)
