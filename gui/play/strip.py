"""The scrolling picture of a live view: each frame is painted once, and then moved along with the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from engine.audio.spectrogram import BANDS, FLOOR_DB
from gui import theme

ASK_RANGE = 2.0
LANE_GAP = 3.0
LINE_PX = 2.0
QUIETEST_DB, LOUDEST_DB = -75.0, -15.0


class Columns:
    """What is known of the newest frames, in order; the last row is the frame heard now."""

    def __init__(self, capacity: int, genres: int) -> None:
        self.spectrum: NDArray[np.float32] = np.full((capacity, BANDS), FLOOR_DB, np.float32)
        self.outline: NDArray[np.float32] = np.zeros((capacity, 2), np.float32)
        self.asked: NDArray[np.float32] = np.zeros((capacity, genres), np.float32)
        self.heard: NDArray[np.float32] = np.zeros((capacity, genres), np.float32)
        self.known = 0

    def make_room(self, new: int) -> None:
        """Drop the oldest ``new`` rows; the newest ones are to be written."""
        for rows in (self.spectrum, self.outline, self.asked, self.heard):
            rows[:-new] = rows[new:]
        self.known = min(self.known + new, len(self.outline))


class Strip:
    """A picture ``frame_px`` device pixels wide per frame: the sound above, its spectrum, a lane per genre below.

    Scrolling by whole pixels keeps it sharp and costs a copy, where drawing everything anew would take a third of a core.
    """

    def __init__(self) -> None:
        self._picture = QPixmap()
        self._frame_px = 1
        self._wave_px = self._spectrum_px = self._lane_px = 0.0
        self._levels: list[int] = []

    def lay_out(self, size: QSize, ratio: float, frame_px: int, wave: float, spectrum: float, lane: float) -> None:
        """Another size in logical pixels, with the heights of the sound, of its spectrum and of each lane."""
        self._picture = QPixmap(size * ratio)
        self._picture.setDevicePixelRatio(ratio)
        self._frame_px, self._wave_px, self._spectrum_px, self._lane_px = frame_px, wave, spectrum, lane
        self._levels = _level_colours()

    @property
    def picture(self) -> QPixmap:
        return self._picture

    def draw_all(self, columns: Columns, colours: Sequence[QColor]) -> None:
        """Everything that is known, from the right edge leftwards."""
        self._picture.fill(Qt.GlobalColor.transparent)
        fits = self._picture.width() // self._frame_px + 1
        self._draw(columns, colours, min(columns.known, fits))

    def advance(self, columns: Columns, colours: Sequence[QColor], new: int) -> None:
        """Move on by ``new`` frames, and draw those."""
        moved = new * self._frame_px
        if moved >= self._picture.width():
            self.draw_all(columns, colours)
            return
        whole = self._picture.rect()
        self._picture.scroll(-moved, 0, whole)
        painter = QPainter(self._picture)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        ratio = self._picture.devicePixelRatio()
        painter.fillRect(
            QRectF((whole.width() - moved) / ratio, 0, moved / ratio, whole.height() / ratio), Qt.GlobalColor.black
        )
        painter.end()
        self._draw(columns, colours, new)

    def _draw(self, columns: Columns, colours: Sequence[QColor], count: int) -> None:
        if not count or self._picture.isNull():
            return
        painter = QPainter(self._picture)
        ratio = self._picture.devicePixelRatio()
        width = self._frame_px / ratio
        right = self._picture.width() / ratio
        lefts = [right - (count - n) * width for n in range(count)]
        self._draw_wave(painter, lefts, width, columns, colours, count)
        self._draw_spectrum(painter, lefts[0], right - lefts[0], columns, count)
        for lane, colour in enumerate(colours):
            top = self._wave_px + self._spectrum_px + lane * self._lane_px
            self._draw_lane(painter, lefts, width, columns, lane, colour, top, count)
        painter.end()

    def _draw_wave(
        self,
        painter: QPainter,
        lefts: Sequence[float],
        width: float,
        columns: Columns,
        colours: Sequence[QColor],
        count: int,
    ) -> None:
        half = (self._wave_px - 8.0) / 2
        middle = 2.0 + half
        outline = np.clip(columns.outline[-count:], -1.0, 1.0)
        tops = np.minimum(middle - outline[:, 1] * half, middle - 0.6).tolist()
        bottoms = np.maximum(middle - outline[:, 0] * half, middle + 0.6).tolist()
        inks = heard_colours(columns.heard[-count:], colours)
        for left, top, bottom, ink in zip(lefts, tops, bottoms, inks, strict=True):
            painter.fillRect(QRectF(left, top, width, bottom - top), ink)

    def _draw_spectrum(self, painter: QPainter, left: float, width: float, columns: Columns, count: int) -> None:
        """One image of a column per frame, low bands below."""
        if not self._spectrum_px:
            return
        levels = np.clip((columns.spectrum[-count:] - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB), 0.0, 1.0)
        pixels = np.ascontiguousarray((255 * levels.T[::-1]).astype(np.uint8))
        image = QImage(pixels.data, count, BANDS, count, QImage.Format.Format_Indexed8)
        image.setColorTable(self._levels)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, self._wave_px, width, self._spectrum_px - LANE_GAP), image)

    def _draw_lane(
        self,
        painter: QPainter,
        lefts: Sequence[float],
        width: float,
        columns: Columns,
        lane: int,
        colour: QColor,
        top: float,
        count: int,
    ) -> None:
        height = self._lane_px - LANE_GAP
        area = theme.faded(colour, 0.28)
        heard = (np.clip(columns.heard[-count:, lane], 0.0, 1.0) * height).tolist()
        # With the value before the first new frame: the line rises and falls without gaps.
        asked = columns.asked[-min(count + 1, columns.known) :, lane]
        levels = (height - LINE_PX) * (0.5 - np.clip(asked / ASK_RANGE, -1.0, 1.0) / 2)
        befores = [levels[0], *levels.tolist()][-count - 1 : -1]
        for left, share, before, level in zip(lefts, heard, befores, levels[-count:].tolist(), strict=True):
            painter.fillRect(QRectF(left, top + height - share, width, share), area)
            y, length = min(before, level), abs(level - before) + LINE_PX
            painter.fillRect(QRectF(left, top + y, width, length), colour)


def _level_colours() -> list[int]:
    """From what is not heard, which shows nothing, by the accent to the brightest of the theme; 256 of them."""
    palette = theme.current()
    accent, text = QColor(palette.accent), QColor(palette.text)
    colours = []
    for level in range(256):
        share = level / 255
        ink = QColor(accent) if share < 0.6 else _between(accent, text, (share - 0.6) / 0.4)
        ink.setAlphaF(min(1.0, share / 0.6))
        colours.append(ink.rgba())
    return colours


def _between(one: QColor, other: QColor, share: float) -> QColor:
    pairs = zip(one.getRgbF()[:3], other.getRgbF()[:3], strict=True)  # type: ignore[index]
    return QColor.fromRgbF(*(a + (b - a) * share for a, b in pairs))


def heard_colours(heard: NDArray[np.float32], colours: Sequence[QColor]) -> list[QColor]:
    """One colour per row of shares ``(n, G)``: the genres', mixed, the stronger ones favoured; grey where nothing is known."""
    if not colours:
        return [QColor(theme.current().accent)] * len(heard)
    grey = QColor(theme.current().muted)
    inks = np.array([(colour.redF(), colour.greenF(), colour.blueF()) for colour in colours])
    weights = heard.astype(np.float64) ** 2
    totals = weights.sum(1, keepdims=True)
    mixed = np.clip(weights @ inks / np.maximum(totals, 1e-9), 0.0, 1.0).tolist()
    return [QColor.fromRgbF(*ink) if total else grey for ink, total in zip(mixed, totals[:, 0].tolist(), strict=True)]
