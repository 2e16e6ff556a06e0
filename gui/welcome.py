"""The first start's overlay: the three things to do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui import theme

STEPS = (
    ("Space", "Play", "The music begins and goes on for as long as you like."),
    ("Drag", "Turn a knob", "Up steers towards a genre, down away from it, while it plays."),
    ("K", "Keep it", "The last minute becomes a take, even if you did not record."),
)


class Welcome(QWidget):
    """Covers the window until any key or click."""

    dismissed = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Welcome. " + " ".join(f"{key}: {title}. {words}" for key, title, words in STEPS))
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.raise_()
        self.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return False

    def dismiss(self) -> None:
        """Away for good."""
        if not self.isHidden():
            self.hide()
            self.dismissed.emit()
            self.deleteLater()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:
            self.dismiss()  # and the key does what it always does: Space plays
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.dismiss()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.dismiss()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.faded(palette.sunken, 0.82))
        px = theme.px
        width, height = px(760), px(300)
        card = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        painter.setBrush(QColor(palette.panel))
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.drawRoundedRect(card, px(16), px(16))
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(24, QFont.Weight.Bold))
        painter.setPen(QColor(palette.text))
        painter.drawText(QRectF(card.left(), card.top() + px(26), width, px(34)), centre, "Three things to do")
        column = width / 3
        for n, (key, title, words) in enumerate(STEPS):
            left = card.left() + n * column
            colour = QColor(list(palette.genres.values())[n])
            cap = QRectF(left + column / 2 - px(42), card.top() + px(84), px(84), px(50))
            painter.setBrush(theme.faded(colour, 0.14))
            painter.setPen(QPen(colour, 1.6))
            painter.drawRoundedRect(cap, px(10), px(10))
            painter.setFont(theme.font(17, QFont.Weight.DemiBold))
            painter.setPen(colour)
            painter.drawText(cap, centre, key)
            painter.setPen(QColor(palette.text))
            painter.drawText(QRectF(left, card.top() + px(148), column, px(28)), centre, title)
            painter.setFont(theme.font(13))
            painter.setPen(QColor(palette.muted))
            box = QRectF(left + px(22), card.top() + px(180), column - px(44), px(70))
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, words)
        painter.setFont(theme.font(12))
        foot = QRectF(card.left(), card.bottom() - px(42), width, px(24))
        painter.drawText(foot, centre, "Any key or click begins")
