"""How a take is drawn in the list: its name and length, its outline, its levels, and the genres heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.audio.outline import Outline
from engine.takes.take import Take
from gui import theme
from gui.icons import star
from gui.play.audio_prompt import outline_polygon
from gui.takes.list_model import OUTLINE_ROLE, TAKE_ROLE, length_text

HEIGHT_PX = 92
STAR_PX = 16

Index = QModelIndex | QPersistentModelIndex


class TakeDelegate(QStyledItemDelegate):
    """Draws a card; a click on its star is passed to ``on_star``."""

    def __init__(self, parent: QWidget, on_star: Callable[[Index], None]) -> None:
        super().__init__(parent)
        self._on_star = on_star

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(round(theme.px(200)), round(theme.px(HEIGHT_PX)))

    @staticmethod
    def _card(option: QStyleOptionViewItem) -> QRectF:
        return QRectF(option.rect).adjusted(1, 3, -5, -3)

    def _star_box(self, option: QStyleOptionViewItem) -> QRectF:
        card = self._card(option)
        side = theme.px(STAR_PX)
        return QRectF(card.right() - 10 - side, card.top() + theme.px(9), side, side)

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        star_box = self._star_box(option).adjusted(-5, -5, 5, 5)
        released = event.type() is QEvent.Type.MouseButtonRelease
        if released and isinstance(event, QMouseEvent) and star_box.contains(event.position()):
            self._on_star(index)
            return True
        return super().editorEvent(event, model, option, index)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        card = self._card(option)
        editor.setGeometry(
            int(card.left()) + 4, int(card.top()) + 2, int(card.width() - theme.px(40)), round(theme.px(30))
        )

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        editor.setText(index.data(Qt.ItemDataRole.EditRole))
        editor.selectAll()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setMaxLength(100)
        editor.setAccessibleName("name of the take")
        return editor

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, px = theme.current(), theme.px
        take: Take = index.data(TAKE_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = self._card(option)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        fill = QColor(palette.raised)
        painter.setBrush(fill if selected else theme.mix(QColor(palette.panel), fill, 0.75 if hovered else 0.45))
        painter.setPen(QPen(QColor(palette.accent if selected else palette.line), 1.4 if selected else 1))
        painter.drawRoundedRect(card, 8, 8)
        left, right = card.left() + 12, card.right() - 10
        middle = Qt.AlignmentFlag.AlignVCenter
        name = QRectF(left, card.top() + px(6), right - left - px(STAR_PX + 52), px(20))
        painter.setFont(theme.font(13, QFont.Weight.DemiBold))
        painter.setPen(QColor(palette.text))
        painter.drawText(
            name,
            middle | Qt.AlignmentFlag.AlignLeft,
            painter.fontMetrics().elidedText(take.path.stem, Qt.TextElideMode.ElideRight, int(name.width())),
        )
        painter.setFont(theme.font(12, QFont.Weight.DemiBold, tabular=True))
        painter.setPen(QColor(palette.muted))
        length = QRectF(name.right(), name.top(), px(44), px(20))
        painter.drawText(length, middle | Qt.AlignmentFlag.AlignRight, length_text(take.seconds))
        self._paint_star(painter, self._star_box(option), take.star)
        self._paint_outline(
            painter, QRectF(left, card.top() + px(29), right - left, px(30)), index.data(OUTLINE_ROLE), take
        )
        self._paint_levels(painter, QRectF(left, card.bottom() - px(23), right - left, px(18)), take)
        painter.restore()

    @staticmethod
    def _paint_star(painter: QPainter, box: QRectF, starred: bool) -> None:
        palette = theme.current()
        painter.setPen(QPen(QColor(palette.warning if starred else palette.muted), 1.3))
        painter.setBrush(QColor(palette.warning) if starred else Qt.BrushStyle.NoBrush)
        painter.drawPath(star(box))

    @staticmethod
    def _paint_outline(painter: QPainter, box: QRectF, outline: Outline | None, take: Take) -> None:
        palette = theme.current()
        colour = QColor(palette.muted)
        if take.heard:
            top = max(take.heard, key=lambda genre: take.heard[genre])
            colour = theme.mix(palette.genre(top, tuple(take.heard)), QColor(palette.panel), 0.15)
        if outline is None:
            painter.setPen(QPen(theme.faded(colour, 0.5), 1))
            painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(outline_polygon(outline, box))

    @classmethod
    def _paint_levels(cls, painter: QPainter, box: QRectF, take: Take) -> None:
        palette = theme.current()
        painter.setFont(theme.font(11, tabular=True))
        painter.setPen(QColor(palette.muted))
        gaps = f"  ·  {take.dropouts} dropouts" if take.dropouts else ""
        words = f"{take.lufs:.0f} LUFS{gaps}".replace("-", "−")
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        if take.heard:
            used = painter.fontMetrics().horizontalAdvance(words) + 12
            cls._paint_heard(painter, box.adjusted(used, 0, 0, 0), take.heard)

    @staticmethod
    def _paint_heard(painter: QPainter, box: QRectF, heard: Mapping[str, float]) -> None:
        """The genre heard most in words, the shares of all as a bar."""
        palette = theme.current()
        genres = tuple(heard)
        top = max(genres, key=lambda genre: heard[genre])
        words = f"{top} {heard[top]:.0%}"
        width = painter.fontMetrics().horizontalAdvance(words)
        painter.setPen(palette.genre(top, genres))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
        bar = QRectF(box.left(), box.center().y() - 2.5, box.width() - width - 8, 5)
        if bar.width() < theme.px(20):
            return
        painter.setPen(Qt.PenStyle.NoPen)
        left, total = bar.left(), sum(heard.values()) or 1.0
        for genre in genres:
            share = bar.width() * heard[genre] / total
            painter.setBrush(palette.genre(genre, genres))
            painter.drawRect(QRectF(left, bar.top(), max(share - 1, 0.5), bar.height()))
            left += share
