"""What is drawn over a control while it is played from outside: that it is being learnt, and where its controller stands."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui import theme

SHOWN_MS = 1600


class Mark(QWidget):
    """Lies over a control and lets everything through. Words say what the frame means; colour alone says nothing."""

    def __init__(self, control: QWidget) -> None:
        super().__init__(control)
        self._control, self._words, self._framed = control, "", False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SHOWN_MS)
        self._pause.timeout.connect(self.hide)
        self.hide()

    @property
    def words(self) -> str:
        """What it says while it is shown."""
        return self._words

    def frame(self, words: str) -> None:
        """Until :meth:`hide`."""
        self._pause.stop()
        self._show(words, True)

    def tell(self, words: str) -> None:
        """For a moment, unless there is a frame."""
        if not (self._framed and self.isVisible()):
            self._show(words, False)
            self._pause.start()

    def _show(self, words: str, framed: bool) -> None:
        self._words, self._framed = words, framed
        self.setGeometry(self._control.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = QColor(palette.accent)
        if self._framed:
            painter.setPen(QPen(accent, 2.0, Qt.PenStyle.DashLine))
            painter.setBrush(theme.faded(accent, 0.12))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 8, 8)
        face = theme.font(11, QFont.Weight.DemiBold, tabular=True)
        metrics = QFontMetricsF(face)
        width = metrics.horizontalAdvance(self._words) + theme.px(12)
        height = metrics.height() + theme.px(4)
        if width > self.width():
            return  # a button is too small for words: the message in the corner has them
        pill = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setFont(face)
        painter.setPen(QColor(palette.on_accent))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self._words)
