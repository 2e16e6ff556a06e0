"""How a take is drawn in the list: name and place, its outline with the playhead, its levels, and the genres heard."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.audio.outline import Outline
from engine.takes.naming import LONGEST_NAME
from engine.takes.take import Heading
from gui import theme
from gui.icons import Icon, draw, star
from gui.play.audio_prompt import outline_polygon
from gui.takes.audition import Audition
from gui.takes.card import Card, height
from gui.takes.list_model import OUTLINE_ROLE, TAKE_ROLE
from gui.takes.words import dominant, length_text, levels_text, remark

Index = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class TakeDelegate(QStyledItemDelegate):
    """Draws cards, and the field in which a name is edited."""

    def __init__(self, parent: QWidget, audition: Audition) -> None:
        super().__init__(parent)
        self._audition = audition

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(round(theme.px(200)), round(height(index.data(TAKE_ROLE))))

    # The name

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setMaxLength(LONGEST_NAME)
        editor.setAccessibleName("name of the take")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        frame = Card.of(QRectF(option.rect)).frame
        editor.setGeometry(
            int(frame.left()) + 4, int(frame.top()) + 2, int(frame.width() - theme.px(40)), round(theme.px(30))
        )

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        editor.setText(index.data(Qt.ItemDataRole.EditRole))
        editor.selectAll()

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        return False  # the list itself knows the card

    # The card

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, px = theme.current(), theme.px
        take: Heading = index.data(TAKE_ROLE)
        card = Card.of(QRectF(option.rect))
        heard = self._audition.is_heard(take)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        fill = QColor(palette.raised)
        painter.setBrush(fill if selected else theme.mix(QColor(palette.panel), fill, 0.75 if hovered else 0.45))
        focused = selected and bool(option.state & QStyle.StateFlag.State_HasFocus)
        edge = QColor(palette.accent if selected else palette.line)
        painter.setPen(QPen(edge, 2.4 if focused else 1.4 if selected else 1))
        painter.drawRoundedRect(card.frame, 8, 8)
        self._paint_head(painter, card, take, heard)
        self._paint_play(painter, card.play, heard)
        self._paint_wave(painter, card.wave, index.data(OUTLINE_ROLE), take)
        if take.heard:
            self._paint_shares(painter, card.shares, take)
        self._paint_levels(painter, card.levels, take)
        if words := remark(take):
            side = px(13)
            sign = QRectF(card.remark.left(), card.remark.center().y() - side / 2, side, side)
            draw(painter, Icon.PANIC, sign, QColor(palette.warning))
            room = card.remark.adjusted(side + px(5), 0, 0, 0)
            painter.setPen(QColor(palette.warning))
            painter.setFont(theme.font(11))
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, LEFT, words)
        painter.restore()

    def _paint_head(self, painter: QPainter, card: Card, take: Heading, heard: bool) -> None:
        palette, px = theme.current(), theme.px
        place = self._audition.place_s(take)
        times = length_text(take.seconds)
        if heard or place > 0.0:
            times = f"{length_text(place)} / {times}"
        painter.setFont(theme.font(12, QFont.Weight.DemiBold, tabular=True))
        painter.setPen(QColor(palette.text if heard else palette.muted))
        painter.drawText(card.time, RIGHT, times)
        room = QRectF(card.name)
        room.setRight(card.time.right() - painter.fontMetrics().horizontalAdvance(times) - px(8))
        if side := self._audition.side_of(take):
            badge = QRectF(room.left(), room.center().y() - px(8), px(18), px(16))
            painter.setPen(QPen(QColor(palette.accent), 1.2))
            painter.setBrush(QColor(palette.accent) if heard else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(badge, 4, 4)
            painter.setPen(QColor(palette.on_accent if heard else palette.accent))
            painter.setFont(theme.font(11, QFont.Weight.Bold))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, side)
            room.setLeft(badge.right() + px(7))
        painter.setFont(theme.font(13, QFont.Weight.DemiBold))
        painter.setPen(QColor(palette.text))
        name = painter.fontMetrics().elidedText(take.path.stem, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, LEFT, name)
        painter.setPen(QPen(QColor(palette.warning if take.star else palette.muted), 1.3))
        painter.setBrush(QColor(palette.warning) if take.star else Qt.BrushStyle.NoBrush)
        painter.drawPath(star(card.star))

    @staticmethod
    def _paint_play(painter: QPainter, box: QRectF, heard: bool) -> None:
        palette = theme.current()
        painter.setPen(QPen(QColor(palette.accent if heard else palette.line), 1.2))
        painter.setBrush(QColor(palette.accent if heard else palette.raised))
        painter.drawEllipse(box)
        inset = box.width() * 0.26
        sign = Icon.PAUSE if heard else Icon.PLAY
        draw(
            painter,
            sign,
            box.adjusted(inset, inset, -inset, -inset),
            QColor(palette.on_accent if heard else palette.text),
        )

    def _paint_wave(self, painter: QPainter, box: QRectF, outline: Outline | None, take: Heading) -> None:
        """What has been heard is bright, what is to come is not; between them stands the playhead."""
        palette = theme.current()
        colour = QColor(palette.muted)
        if top := dominant(take):
            colour = theme.mix(palette.genre(top, tuple(take.heard)), QColor(palette.panel), 0.15)
        place = self._audition.place_s(take)
        begun = place > 0.0 or self._audition.is_heard(take)
        at = box.left() + box.width() * (place / take.seconds if take.seconds else 0.0)
        ahead = theme.mix(colour, QColor(palette.panel), 0.55) if begun else colour
        if outline is None:
            painter.setPen(QPen(theme.faded(colour, 0.5), 1))
            painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
        else:
            polygon = outline_polygon(outline, box)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ahead)
            painter.drawPolygon(polygon)
            if begun:
                painter.save()
                painter.setClipRect(QRectF(box.left(), box.top(), at - box.left(), box.height()))
                painter.setBrush(colour)
                painter.drawPolygon(polygon)
                painter.restore()
        if begun:
            painter.setPen(QPen(QColor(palette.text), 1.6))
            painter.drawLine(QPointF(at, box.top() - 1), QPointF(at, box.bottom() + 1))

    @staticmethod
    def _paint_shares(painter: QPainter, box: QRectF, take: Heading) -> None:
        palette, genres = theme.current(), tuple(take.heard)
        left, total = box.left(), sum(take.heard.values()) or 1.0
        painter.setPen(Qt.PenStyle.NoPen)
        for genre in genres:
            share = box.width() * take.heard[genre] / total
            painter.setBrush(palette.genre(genre, genres))
            painter.drawRect(QRectF(left, box.top(), max(share - 1, 0.5), box.height()))
            left += share

    @staticmethod
    def _paint_levels(painter: QPainter, box: QRectF, take: Heading) -> None:
        palette = theme.current()
        painter.setFont(theme.font(11, tabular=True))
        painter.setPen(QColor(palette.muted))
        painter.drawText(box, LEFT, levels_text(take))
        if top := dominant(take):
            painter.setPen(palette.genre(top, tuple(take.heard)))
            painter.drawText(box, RIGHT, f"{top} {take.heard[top]:.0%}")
