"""Play, record, keep, restart, panic, and the clock."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from engine.status import State, Status
from gui import theme
from gui.buttons import IconButton
from gui.icons import Icon
from gui.play.performer import Performer


class Transport(QWidget):
    """The keys that every tape machine has, and the clock of what is heard."""

    def __init__(self, performer: Performer, retro_s: float) -> None:
        super().__init__()
        self._performer = performer
        self.play = IconButton(Icon.PLAY, "Play", "Space", "good", 44, always_lit=True)
        self.record = IconButton(Icon.RECORD, "Record", "R", "record", 44, always_lit=True)
        self.keep = IconButton(Icon.KEEP, "Keep", "K", side=44)
        self.same = IconButton(Icon.RESTART, "Restart with the same seed", "S")
        self.new = IconButton(Icon.DICE, "Restart with a new seed", "N")
        self.panic = IconButton(Icon.PANIC, "Panic: fade to silence, all knobs to zero", "P")
        self.clock = Clock()
        self.show_retro(retro_s)
        for button in (self.play, self.record):
            button.setCheckable(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self.play, self.record, self.keep):
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addWidget(self.clock)
        layout.addSpacing(8)
        for widget in (self.same, self.new, self.panic):
            layout.addWidget(widget)
        # What is lit follows the engine, not the click.
        self.play.clicked.connect(lambda: self._act(self.play, performer.toggle_play))
        self.record.clicked.connect(lambda: self._act(self.record, performer.toggle_record))
        self.keep.clicked.connect(performer.keep_last)
        self.same.clicked.connect(performer.restart_same)
        self.new.clicked.connect(performer.restart_new)
        self.panic.clicked.connect(performer.panic)

    def show_retro(self, retro_s: float) -> None:
        """How much of the past can be kept."""
        self.keep.set_name(f"Keep the last {retro_s:.0f} s as a take")

    @staticmethod
    def _act(button: IconButton, act: Callable[[], None]) -> None:
        button.setChecked(not button.isChecked())
        act()

    def show_status(self, status: Status, frame_rate_hz: float) -> None:
        """Follow the engine."""
        playing = status.state is State.PLAYING
        self.play.setChecked(playing)
        self.play.set_sign(Icon.STOP if playing else Icon.PLAY)
        self.play.set_name("Stop" if playing else "Play")
        self.record.setChecked(status.recording)
        self.record.set_name("Stop recording" if status.recording else "Record")
        loaded = status.state in (State.IDLE, State.PLAYING)
        self.keep.setEnabled(loaded and status.frame > 0)
        self.record.setEnabled(loaded)
        self.clock.show_time(
            status.heard_frame / frame_rate_hz,
            status.recorded_s if status.recording else None,
            status.seed if status.frame else None,
        )


class Clock(QWidget):
    """The time of the performance, its seed, and how long the take in the making is."""

    def __init__(self) -> None:
        super().__init__()
        self._heard_s, self._waiting = 0.0, False
        self._recorded_s: float | None = None
        self._seed: int | None = None
        self.setAccessibleName("time")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(196)), round(theme.px(44)))

    def show_time(self, heard_s: float, recorded_s: float | None, seed: int | None) -> None:
        """Follow the engine."""
        shown = (round(heard_s, 1), None if recorded_s is None else round(recorded_s, 1), seed)
        if shown != (self._heard_s, self._recorded_s, self._seed):
            self._heard_s, self._recorded_s, self._seed = shown
            recorded = "" if recorded_s is None else f", recorded {clock_text(recorded_s)}"
            self.setAccessibleDescription(clock_text(heard_s) + recorded)
            self.update()

    def show_waiting(self, waiting: bool) -> None:
        """Whether the music begins by itself once the model is there."""
        self._waiting = waiting
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, px = theme.current(), theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(palette.sunken))
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setFont(theme.font(21, QFont.Weight.DemiBold, tabular=True))
        painter.setPen(QColor(palette.text))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(px(12), 0, px(100), self.height()), left, clock_text(self._heard_s))
        painter.setFont(theme.font(11, QFont.Weight.DemiBold, tabular=True))
        upper, lower = QRectF(px(90), px(5), px(96), px(17)), QRectF(px(90), px(22), px(96), px(17))
        if self._recorded_s is not None:
            painter.setPen(QColor(palette.record))
            painter.drawText(upper, right, f"REC {clock_text(self._recorded_s)}")
        elif self._waiting:
            painter.setPen(QColor(palette.good))
            painter.drawText(upper, right, "plays soon …")
        else:
            painter.setPen(QColor(palette.muted))
            painter.drawText(upper, right, "seed")
        painter.setPen(QColor(palette.muted))
        seed = "–" if self._seed is None else str(self._seed)
        painter.drawText(lower, right, f"seed {seed}" if self._recorded_s is not None else seed)


def clock_text(seconds: float) -> str:
    """Minutes, seconds and tenths."""
    tenths = int(seconds * 10 + 1e-6)
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"
