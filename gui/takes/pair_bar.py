"""The two takes that are compared: which is heard, by how much it is turned down, and a click to change over."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from gui import theme
from gui.buttons import IconButton, press_on_enter
from gui.icons import Icon, draw
from gui.takes.audition import SIDES, Audition


class PairBar(QWidget):
    """There while at least one take is marked."""

    def __init__(self, audition: Audition) -> None:
        super().__init__()
        self._audition = audition
        self.sides = {side: SideButton(side) for side in SIDES}
        self.clear = IconButton(Icon.CLOSE, "Compare no more", side=24)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for side, button in self.sides.items():
            button.clicked.connect(lambda _checked=False, side=side: audition.choose(side))
            layout.addWidget(button, 1)
        layout.addWidget(self.clear)
        self.clear.clicked.connect(audition.unmark)
        audition.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show the pair as it is."""
        audition = self._audition
        self.setVisible(bool(audition.pair))
        for side, button in self.sides.items():
            take = audition.pair.get(side)
            if take is None:
                button.show_take("", False, 0.0, True)
            else:
                levelled = audition.is_levelled or len(audition.pair) < len(SIDES)
                button.show_take(take.path.stem, audition.is_heard(take), audition.gain_db(take), levelled)


class SideButton(QAbstractButton):
    """A or B: its letter, the take's name, and what it is turned down by; filled and with a sign while it is heard."""

    def __init__(self, side: str) -> None:
        super().__init__()
        self._side, self._name, self._heard, self._gain_db, self._levelled = side, "", False, 0.0, True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def words(self) -> str:
        """What is written under the name."""
        if not self._name:
            return f"key {self._side} on the list"
        if not self._levelled:
            return "not levelled: no LUFS"
        return f"{self._gain_db:.1f} dB".replace("-", "−") if self._gain_db else "as it is"

    def show_take(self, name: str, heard: bool, gain_db: float, levelled: bool) -> None:
        """Follow the pair; ``levelled`` is False where the two cannot be made equally loud."""
        self._name, self._heard, self._gain_db, self._levelled = name, heard, gain_db, levelled
        self.setEnabled(bool(name))
        self.setAccessibleName(f"{self._side}: {name or 'none'}")
        self.setAccessibleDescription(f"heard, {self.words}" if heard else self.words)
        words = (
            "" if levelled else "\nAs loud as they are: one is too short or too quiet for its loudness to be measured"
        )
        self.setToolTip(f"Hear {self._side} at the same place  (X){words}" if name else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(110)), round(theme.px(42)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        press_on_enter(self, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, px = theme.current(), theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        accent = QColor(palette.accent)
        fill = accent if self._heard else QColor(palette.raised if self._name else palette.panel)
        if self.underMouse() and self.isEnabled() and not self._heard:
            fill = theme.mix(fill, accent, 0.12)
        painter.setBrush(fill)
        painter.setPen(QColor(palette.text if self.hasFocus() else palette.accent if self._heard else palette.line))
        painter.drawRoundedRect(box, 8, 8)
        ink = QColor(palette.on_accent if self._heard else palette.text if self._name else palette.muted)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(ink)
        painter.setFont(theme.font(16, QFont.Weight.Bold))
        painter.drawText(QRectF(px(10), 0, px(18), self.height()), left, self._side)
        text_left = px(30)
        right = self.width() - px(24 if self._heard else 8)
        if self._heard:
            side = px(12)
            draw(painter, Icon.PLAY, QRectF(right + px(4), (self.height() - side) / 2, side, side), ink)
        painter.setFont(theme.font(12, QFont.Weight.DemiBold))
        name = painter.fontMetrics().elidedText(self._name or "–", Qt.TextElideMode.ElideRight, int(right - text_left))
        painter.drawText(QRectF(text_left, px(4), right - text_left, px(18)), left, name)
        painter.setFont(theme.font(11, tabular=True))
        painter.setPen(ink if self._heard else QColor(palette.muted))
        words = painter.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, int(right - text_left))
        painter.drawText(QRectF(text_left, px(21), right - text_left, px(16)), left, words)
