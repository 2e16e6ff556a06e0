"""Where everything lies on the card of a take: one geometry for the painter and for the mouse."""

from __future__ import annotations

from typing import NamedTuple, Self

from PySide6.QtCore import QPointF, QRectF

from engine.takes.take import Heading
from gui.takes.words import remark
from gui.theme import px

HEIGHT_PX, REMARK_PX = 94, 17
SLACK_PX = 4  # around what is clicked


class Card(NamedTuple):
    """Boxes in the coordinates of the list's viewport."""

    frame: QRectF
    name: QRectF
    time: QRectF
    star: QRectF
    play: QRectF
    wave: QRectF
    shares: QRectF
    levels: QRectF
    remark: QRectF

    @classmethod
    def of(cls, row: QRectF) -> Self:
        """The card in a row of the list."""
        frame = row.adjusted(1, 3, -5, -3)
        left, right, top = frame.left() + px(11), frame.right() - px(10), frame.top()
        star = QRectF(right - px(16), top + px(8), px(16), px(16))
        time = QRectF(star.left() - px(88), top + px(6), px(82), px(20))
        wave_left = left + px(36)
        return cls(
            frame=frame,
            name=QRectF(left, top + px(6), time.left() - left + px(36), px(20)),
            time=time,
            star=star,
            play=QRectF(left, top + px(31), px(28), px(28)),
            wave=QRectF(wave_left, top + px(28), right - wave_left, px(32)),
            shares=QRectF(wave_left, top + px(61), right - wave_left, px(3)),
            levels=QRectF(left, top + px(66), right - left, px(18)),
            remark=QRectF(left, top + px(82), right - left, px(16)),
        )

    def part_at(self, at: QPointF) -> str:
        """``star``, ``play``, ``wave``, ``name``, or "" for the rest of the card."""
        slack = px(SLACK_PX)
        for part in ("star", "play", "wave", "name"):
            box: QRectF = getattr(self, part)
            if box.adjusted(-slack, -slack, slack, slack).contains(at):
                return part
        return ""

    def share_at(self, at: QPointF) -> float:
        """How far along the wave, 0 to 1."""
        return min(max((at.x() - self.wave.left()) / self.wave.width(), 0.0), 1.0)


def height(take: Heading) -> float:
    """Of the row."""
    return px(HEIGHT_PX + (REMARK_PX if remark(take) else 0))
