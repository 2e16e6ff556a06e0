"""The pad of one clip: press it to hear the clip; it shows what plays, what has been heard and what was chosen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from gui import theme
from gui.buttons import press_on_enter
from gui.icons import Icon, draw


class ClipPad(QAbstractButton):
    """One side of a trial. ``side`` is "a", "b" or "x"."""

    def __init__(self, side: str) -> None:
        super().__init__()
        self.letter = side.upper()
        self._share: float | None = None
        self._heard = self._chosen = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_state(None, False, False)

    def show_state(self, share: float | None, heard: bool, chosen: bool) -> None:
        """Follow the trial. ``share``: how far it has played; None while it does not."""
        self._share, self._heard, self._chosen = share, heard, chosen
        self.setAccessibleName(f"Stop {self.letter}" if share is not None else f"Play {self.letter}")
        self.setAccessibleDescription(f"{self.words}, chosen" if chosen else self.words)
        self.update()

    @property
    def words(self) -> str:
        """What of it has been heard."""
        if self._share is not None:
            return "playing"
        return "heard" if self._heard else "not heard yet"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        press_on_enter(self, event)

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(260)), round(theme.px(220)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(160)), round(theme.px(150)))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, px = theme.current(), theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent, playing = QColor(palette.accent), self._share is not None
        box = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        fill = QColor(palette.raised)
        if self._chosen:
            fill = theme.mix(fill, accent, 0.16)
        elif self.underMouse() or self.isDown():
            fill = theme.mix(fill, QColor(palette.muted), 0.10)
        lit = self._chosen or self.hasFocus()
        painter.setBrush(fill)
        painter.setPen(QPen(accent if lit else QColor(palette.line), 2.4 if lit else 1.2))
        painter.drawRoundedRect(box, px(14), px(14))
        if self.hasFocus():  # inside as well, so that focus and choice can be told apart
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(box.adjusted(px(5), px(5), -px(5), -px(5)), px(10), px(10))
        painter.setFont(theme.font(64, QFont.Weight.Bold))
        painter.setPen(QColor(palette.text))
        upper = QRectF(box.left(), box.top() + box.height() * 0.14, box.width(), box.height() * 0.42)
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, self.letter)
        side = px(26)
        sign = QRectF(box.center().x() - side / 2, box.top() + box.height() * 0.60, side, side)
        draw(painter, Icon.STOP if playing else Icon.PLAY, sign, accent if playing else QColor(palette.text))
        self._draw_place(painter, box)
        painter.setFont(theme.font(12, QFont.Weight.DemiBold))
        painter.setPen(QColor(palette.good if self._heard and not playing else palette.muted))
        words = f"✓ {self.words}" if self._heard and not playing else self.words
        line = QRectF(box.left(), box.bottom() - px(34), box.width(), px(22))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)
        if self._chosen:
            painter.setPen(QColor(palette.accent))
            corner = box.adjusted(px(16), px(12), -px(16), 0)
            painter.setFont(theme.font(13, QFont.Weight.Bold))
            painter.drawText(corner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, "✓ chosen")

    def _draw_place(self, painter: QPainter, box: QRectF) -> None:
        palette, px = theme.current(), theme.px
        bar = QRectF(box.left() + px(28), box.bottom() - px(46), box.width() - px(56), px(5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.track))
        painter.drawRoundedRect(bar, px(2.5), px(2.5))
        if self._share is not None:
            bar.setWidth(max(bar.width() * self._share, px(5)))
            painter.setBrush(QColor(palette.accent))
            painter.drawRoundedRect(bar, px(2.5), px(2.5))
