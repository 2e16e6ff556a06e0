"""The window's upper edge: the name, the transport, the pages, undo and redo, the volume, the model, the menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from gui import theme
from gui.buttons import IconButton, Segmented
from gui.control_model import ControlModel
from gui.icons import Icon
from gui.play.performer import Performer
from gui.play.transport import Transport
from gui.volume import VolumeFader

LONGEST_NAME = 14  # of a model, in letters; its tooltip has the whole


class Header(QWidget):
    """What is at hand on every page. ``page_chosen`` tells of gestures alone."""

    page_chosen = Signal(str)

    def __init__(
        self, performer: Performer, controls: ControlModel, pages: Sequence[str], retro_s: float, volume_db: float
    ) -> None:
        super().__init__()
        self._controls, self._pages = controls, tuple(pages)
        self.transport = Transport(performer, retro_s)
        self.switcher = Segmented("page", self._pages, [f"{page}  (Ctrl+{n})" for n, page in enumerate(pages, 1)])
        self.volume = VolumeFader(volume_db)
        self.undo = IconButton(Icon.UNDO, "Undo", "Ctrl+Z", side=32)
        self.redo = IconButton(Icon.REDO, "Redo", "Ctrl+Shift+Z", side=32)
        self.model = QPushButton("Loading …")
        self.menu = IconButton(Icon.MENU, "Menu", "F10", side=36)
        self._lay_out()
        performer.waiting_changed.connect(self.transport.clock.show_waiting)
        controls.history_changed.connect(self._on_history)
        self.undo.clicked.connect(controls.undo)
        self.redo.clicked.connect(controls.redo)
        self.switcher.chosen.connect(lambda index: self.page_chosen.emit(self._pages[index]))
        self._on_history()

    def _lay_out(self) -> None:
        self.switcher.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.switcher.setVisible(len(self._pages) > 1)
        line = QHBoxLayout(self)
        line.setContentsMargins(20, 10, 14, 4)
        line.setSpacing(10)
        line.addWidget(Wordmark())
        line.addSpacing(12)
        line.addWidget(self.transport)
        line.addStretch(1)
        line.addWidget(self.switcher)
        line.addStretch(1)
        line.addWidget(self.volume)
        line.addSpacing(4)
        line.addWidget(self.undo)
        line.addWidget(self.redo)
        line.addSpacing(4)
        line.addWidget(self.model)
        line.addWidget(self.menu)

    def show_page(self, name: str) -> None:
        """Follow the window, silently."""
        self.switcher.show_choice(self._pages.index(name))

    def show_model(self, words: str, hint: str = "") -> None:
        """What plays, or what to do so that something does."""
        short = words if len(words) <= LONGEST_NAME else words.removeprefix("musicgen-")
        self.model.setText(f"{short if len(short) <= LONGEST_NAME else short[: LONGEST_NAME - 1] + '…'}  ▾")
        self.model.setToolTip(hint)
        self.model.setAccessibleName(f"model: {words}")

    def _on_history(self) -> None:
        self.undo.setEnabled(self._controls.can_undo)
        self.redo.setEnabled(self._controls.can_redo)


class Wordmark(QWidget):
    """The name, with the four colours that it moves between."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Segue")

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(104)), round(theme.px(44)))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for n, colour in enumerate(palette.genres.values()):
            height = theme.px((14, 24, 18, 10)[n])
            painter.setBrush(QColor(colour))
            bar = QRectF(theme.px(n * 6), (self.height() - height) / 2, theme.px(4), height)
            painter.drawRoundedRect(bar, theme.px(2), theme.px(2))
        painter.setFont(theme.font(20, QFont.Weight.Bold))
        painter.setPen(QColor(palette.text))
        painter.drawText(QRectF(theme.px(32), 0, theme.px(80), self.height()), Qt.AlignmentFlag.AlignVCenter, "segue")
