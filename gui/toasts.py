"""Messages in the corner: what happened, in words, until they are read or old."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import theme
from gui.buttons import IconButton
from gui.icons import Icon
from gui.notify import Kind, Message

SHOWN_MS = {Kind.DONE: 5_000, Kind.NOTICE: 8_000, Kind.FAILURE: 20_000}
SIGNS = {Kind.DONE: "✓", Kind.NOTICE: "i", Kind.FAILURE: "!"}
MOST = 4
WIDTH_PX = 380


class Toast(QWidget):
    """One message with its sign; closes itself."""

    def __init__(self, message: Message) -> None:
        super().__init__()
        self._kind = message.kind
        first, _, rest = message.text.partition(" ")
        # A sentence begins with a capital letter; a file's name is left as it is.
        text = QLabel(f"{first[:1].upper()}{first[1:]} {rest}" if first.isalpha() else message.text)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = IconButton(Icon.CLOSE, "Dismiss", side=24)
        close.clicked.connect(self.deleteLater)
        self._row = QHBoxLayout(self)
        self._row.addWidget(text, 1)
        self._row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(f"{message.kind.value}: {message.text}")
        self.fit()
        QTimer.singleShot(SHOWN_MS[message.kind], self, self.deleteLater)

    def fit(self) -> None:
        """Take the size that the words need in the theme and at the zoom in force."""
        for widget in (self, *self.findChildren(QWidget)):
            widget.ensurePolished()  # the style decides on the type, and the type on the height
        side, width = round(theme.px(12)), round(theme.px(WIDTH_PX))
        self._row.setContentsMargins(round(theme.px(46)), side, side, side)
        self._row.invalidate()
        self.setFixedSize(width, self._row.totalHeightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        colour = QColor(
            {Kind.DONE: palette.good, Kind.NOTICE: palette.accent, Kind.FAILURE: palette.record}[self._kind]
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(palette.raised))
        painter.setPen(QPen(theme.mix(QColor(palette.line), colour, 0.5), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 9, 9)
        sign = QRectF(theme.px(14), theme.px(13), theme.px(20), theme.px(20))
        painter.setPen(QPen(colour, 1.6))
        painter.setBrush(theme.faded(colour, 0.18))
        painter.drawEllipse(sign)
        painter.setFont(theme.font(12, QFont.Weight.Bold))
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, SIGNS[self._kind])


class Toasts(QWidget):
    """The stack at the top of a window."""

    def __init__(self, window: QWidget, top_px: int) -> None:
        super().__init__(window)
        self._window = window
        self._top_px = top_px
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._place)
        window.installEventFilter(self)
        self.hide()

    def show_message(self, message: Message) -> None:
        """Add one; the oldest gives way."""
        while self._column.count() >= MOST:
            oldest = self._column.takeAt(0)
            if oldest is not None and (widget := oldest.widget()) is not None:
                widget.deleteLater()
        toast = Toast(message)
        # The layout forgets a widget only after it has said that it is destroyed.
        toast.destroyed.connect(self._later.start)
        self._column.addWidget(toast)
        toast.show()  # now, and not when the layout comes to it: what is hidden takes no room
        self._place()

    def _place(self) -> None:
        for toast in self.findChildren(Toast):
            toast.fit()
        self.setVisible(self._column.count() > 0)
        self._column.activate()
        width, height = round(theme.px(WIDTH_PX)), self._column.sizeHint().height()
        # Over the live view, where nothing is clicked.
        self.setGeometry((self._window.width() - width) // 2, round(theme.px(self._top_px)), width, height)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.StyleChange):
            self._later.start()  # once the zoom has followed the size
        return False
