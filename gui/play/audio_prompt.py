"""The audio prompt: drop a sound file, choose the stretch that the music goes on from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from engine.audio.outline import Outline, read_outline
from engine.errors import AudioFileError
from gui import theme
from gui.background import Background
from gui.icons import Icon, draw

COLUMNS = 400
DEFAULT_S, SHORTEST_S, LONGEST_S = 5.0, 1.0, 10.0
EDGE_PX = 8.0
SOUND_FILES = "Sound (*.wav *.flac *.ogg *.mp3 *.aif *.aiff);;All files (*)"


class AudioPromptZone(QWidget):
    """Takes a drop, or Enter and a click for a file dialog; drag the bright stretch or its edges, or use the arrow keys.

    ``chosen`` gives (path, start_s, seconds), or (None, 0, 0) when it is cleared; ``refused`` says why a file was not taken.
    """

    chosen = Signal(object, float, float)
    refused = Signal(str)

    def __init__(self, background: Background) -> None:
        super().__init__()
        self._background = background
        self._path: Path | None = None
        self._outline: Outline | None = None
        self._start_s, self._seconds = 0.0, DEFAULT_S
        self._reading: Path | None = None
        self._drag: str = ""
        self._drag_offset_s = 0.0
        self._hovering = False
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("audio prompt")
        self.setToolTip("A sound file that the music goes on from, at the next start")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def path(self) -> Path | None:
        """The file, once it has been read."""
        return self._path

    @property
    def stretch(self) -> tuple[float, float]:
        """Start and length in seconds."""
        return self._start_s, self._seconds

    # Files

    def read(self, path: Path) -> None:
        """Read a file in the background; a newer one overtakes it."""
        self._reading = path
        self.update()
        self._background.start(
            lambda: read_outline(path, COLUMNS),
            lambda outline: self._on_read(path, outline),
            lambda error: self._on_unreadable(path, error),
        )

    def _on_read(self, path: Path, outline: Outline) -> None:
        if path != self._reading:
            return
        self._reading, self._path, self._outline, self._drag = None, path, outline, ""
        self._seconds = min(DEFAULT_S, outline.seconds)
        self._start_s = 0.0
        self._tell()

    def _on_unreadable(self, path: Path, error: Exception) -> None:
        if path == self._reading:
            self._reading = None
            self.update()
        known = isinstance(error, AudioFileError)
        self.refused.emit(str(error) if known else f"{path.name} cannot be read ({error}): give another sound file")

    def clear(self) -> None:
        """No audio prompt."""
        self._reading = self._path = self._outline = None
        self._drag = ""  # the key may come while the button is held
        self.setAccessibleDescription("none")
        self.update()
        self.chosen.emit(None, 0.0, 0.0)

    def _tell(self) -> None:
        assert self._path is not None
        self.setAccessibleDescription(f"{self._path.name}, from {self._start_s:.1f} s for {self._seconds:.1f} s")
        self.update()
        self.chosen.emit(self._path, self._start_s, self._seconds)

    def _browse(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Audio prompt", "", SOUND_FILES)
        if name:
            self.read(Path(name))

    # Gestures

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            self._hovering = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hovering = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._hovering = False
        self.update()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths:
            self.refused.emit("that is no file on this machine: save it first, then drop it")
        elif paths[0].is_dir():
            self.refused.emit(f"{paths[0].name} is a folder: drop one sound file")
        else:
            event.acceptProposedAction()
            self.read(paths[0])

    def _move(self, start_s: float, seconds: float) -> None:
        assert self._outline is not None
        whole = self._outline.seconds
        self._seconds = min(max(seconds, min(SHORTEST_S, whole)), LONGEST_S, whole)
        self._start_s = min(max(start_s, 0.0), whole - self._seconds)
        self.update()

    def _second_at(self, x: float) -> float:
        assert self._outline is not None
        box = self._wave_box()
        return min(max((x - box.left()) / box.width(), 0.0), 1.0) * self._outline.seconds

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self._outline is None:
            self._browse()
        elif self._close_box().contains(event.position()):
            self.clear()
        else:
            stretch = self._stretch_box()
            x = event.position().x()
            if abs(x - stretch.left()) < EDGE_PX:
                self._drag = "start"
            elif abs(x - stretch.right()) < EDGE_PX:
                self._drag = "stop"
            else:
                self._drag = "all"
                if not stretch.contains(event.position()):
                    self._move(self._second_at(x) - self._seconds / 2, self._seconds)
                self._drag_offset_s = self._second_at(x) - self._start_s

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._drag:
            return
        second, stop_s = self._second_at(event.position().x()), self._start_s + self._seconds
        if self._drag == "start":
            start_s = min(max(second, stop_s - LONGEST_S), stop_s - SHORTEST_S)
            self._move(start_s, stop_s - start_s)
        elif self._drag == "stop":
            self._move(self._start_s, second - self._start_s)
        else:
            self._move(second - self._drag_offset_s, self._seconds)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag:
            self._drag = ""
            self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Left: -0.5, Qt.Key.Key_Right: 0.5}.get(key)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._browse()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._outline is not None:
            self.clear()
        elif step is not None and self._outline is not None:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._move(self._start_s, self._seconds + step)
            else:
                self._move(self._start_s + step, self._seconds)
            self._tell()
        else:
            event.ignore()

    # Drawing

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(240)), round(theme.px(74)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(160)), round(theme.px(56)))

    def _wave_box(self) -> QRectF:
        return QRectF(10, theme.px(26), self.width() - 20, self.height() - theme.px(34))

    def _close_box(self) -> QRectF:
        return QRectF(self.width() - theme.px(24), theme.px(5), theme.px(18), theme.px(18))

    def _stretch_box(self) -> QRectF:
        assert self._outline is not None
        box, whole = self._wave_box(), self._outline.seconds
        left = box.left() + box.width() * self._start_s / whole
        return QRectF(left, box.top(), max(box.width() * self._seconds / whole, 4.0), box.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active = self._hovering or self.hasFocus()
        style = Qt.PenStyle.SolidLine if self._outline is not None else Qt.PenStyle.DashLine
        painter.setPen(QPen(QColor(palette.accent if active else palette.track), 1.6 if active else 1.2, style))
        painter.setBrush(theme.faded(palette.accent, 0.12) if self._hovering else QColor(palette.sunken))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        painter.setFont(theme.font(12))
        painter.setPen(QColor(palette.muted))
        if self._outline is None or self._path is None:
            words = f"Reading {self._reading.name} …" if self._reading else "Drop a sound file to continue from"
            width = painter.fontMetrics().horizontalAdvance(words)
            side, gap = theme.px(20), theme.px(28)
            left = max((self.width() - width - gap) / 2, 8.0)
            draw(painter, Icon.WAVE, QRectF(left, (self.height() - side) / 2, side, side), QColor(palette.muted))
            box = QRectF(left + gap, 0, self.width() - left - gap, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
            return
        title = QRectF(10, theme.px(4), self.width() - theme.px(40), theme.px(20))
        length = f"  {self._start_s:.1f}–{self._start_s + self._seconds:.1f} s"
        room = title.width() - painter.fontMetrics().horizontalAdvance(length)
        name = painter.fontMetrics().elidedText(self._path.name, Qt.TextElideMode.ElideMiddle, int(room))
        painter.setPen(QColor(palette.text))
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name + length)
        draw(painter, Icon.CLOSE, self._close_box().adjusted(3, 3, -3, -3), QColor(palette.muted))
        self._paint_wave(painter, self._outline)

    def _paint_wave(self, painter: QPainter, outline: Outline) -> None:
        palette = theme.current()
        stretch = self._stretch_box()
        painter.setPen(QPen(QColor(palette.accent), 1.4))
        painter.setBrush(theme.faded(palette.accent, 0.2))
        painter.drawRoundedRect(stretch, 3, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.mix(QColor(palette.muted), QColor(palette.panel), 0.2))
        painter.drawPolygon(outline_polygon(outline, self._wave_box()))


def outline_polygon(outline: Outline, box: QRectF) -> QPolygonF:
    """The outline of a sound as an area in a box."""
    extremes = outline.extremes.clip(-1.0, 1.0)
    step, middle, half = box.width() / max(len(extremes) - 1, 1), box.center().y(), box.height() / 2
    upper = [QPointF(box.left() + n * step, middle - max(half * v, 0.5)) for n, v in enumerate(extremes[:, 1].tolist())]
    lower = [
        QPointF(box.left() + n * step, middle - min(half * v, -0.5)) for n, v in enumerate(extremes[:, 0].tolist())
    ]
    return QPolygonF(upper + lower[::-1])
