"""The pad and the knobs: each follows the other, and neither answers back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.play.blend_pad import BlendPad

GENRES = ("classical", "electronic", "jazz", "rock")
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def pad(qtbot: QtBot) -> BlendPad:
    pad = BlendPad()
    qtbot.addWidget(pad)
    pad.resize(240, 240)
    pad.set_genres(GENRES)
    pad.show()
    return pad


@pytest.fixture
def moves(pad: BlendPad) -> list[tuple[float, ...]]:
    moves: list[tuple[float, ...]] = []
    pad.moved.connect(moves.append)
    return moves


def press(pad: BlendPad, at: QPoint) -> None:
    QTest.mousePress(pad, LEFT, NONE, at)


def test_following_the_knobs_says_nothing_back(pad: BlendPad, moves: list[tuple[float, ...]]) -> None:
    pad.show_blend((0.0, 0.5, 0.5, -1.0))
    assert pad._shown == pytest.approx((pad._polygon[1][0], 0.0))
    pad.show_blend((0.0, 0.0, 0.0, -1.0))
    assert pad._shown is None
    pad.show_heard((0.1, 0.2, 0.3, 0.4))
    QTest.qWait(50)
    assert moves == []


def test_the_handle_glides_to_the_pointer(qtbot: QtBot, pad: BlendPad, moves: list[tuple[float, ...]]) -> None:
    pad.show_blend((1.0, 0.0, 0.0, 0.0))
    order: list[str] = []
    pad.grabbed.connect(lambda: order.append("grabbed"))
    pad.let_go.connect(lambda: order.append("let go"))
    corner = pad._placement.to_widget(pad._polygon[2]).toPoint() + QPoint(40, 40)
    press(pad, corner)
    QTest.mouseRelease(pad, LEFT, NONE, corner)
    qtbot.waitUntil(lambda: order == ["grabbed", "let go"], timeout=30_000)
    jazz = [shares[2] for shares in moves]
    assert jazz == sorted(jazz)
    assert len(jazz) > 3
    assert jazz[0] < 0.9
    assert moves[-1] == pytest.approx((0.0, 0.0, 1.0, 0.0), abs=1e-6)
    assert all(sum(shares) == pytest.approx(1.0) for shares in moves)


def test_its_own_echo_does_not_stop_the_glide_but_another_hand_does(pad: BlendPad) -> None:
    pad.show_blend((1.0, 0.0, 0.0, 0.0))
    pad.moved.connect(pad.show_blend)
    press(pad, pad._placement.to_widget(pad._polygon[2]).toPoint())
    QTest.qWait(60)
    assert pad._target is not None
    pad.show_blend((0.0, 1.0, 0.0, 0.0))
    assert pad._target is None
    assert pad._shown == pytest.approx(pad._polygon[1])


def test_keys_move_and_let_go(qtbot: QtBot, pad: BlendPad, moves: list[tuple[float, ...]]) -> None:
    QTest.keyClick(pad, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: not pad._glide.isActive(), timeout=30_000)
    classical, electronic, jazz, rock = moves[-1]
    assert electronic == pytest.approx(jazz)
    assert electronic > classical == pytest.approx(rock)
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert moves[-1] == (0.0, 0.0, 0.0, 0.0)


def test_a_double_click_leaves_no_gesture_open(pad: BlendPad) -> None:
    order: list[str] = []
    pad.grabbed.connect(lambda: order.append("grabbed"))
    pad.moved.connect(lambda shares: order.append("moved" if any(shares) else "zeros"))
    pad.let_go.connect(lambda: order.append("let go"))
    pad.show_blend((1.0, 0.0, 0.0, 0.0))
    at = pad._placement.to_widget(pad._polygon[2]).toPoint()
    QTest.mouseClick(pad, LEFT, NONE, at)
    QTest.mouseDClick(pad, LEFT, NONE, at)  # all of it before the handle has arrived anywhere
    assert order[0] == "grabbed"
    assert order[-2:] == ["zeros", "let go"]


@pytest.mark.parametrize("genres", [(), ("jazz",), ("jazz", "rock"), ("a", "b", "c"), tuple("abcdefg")])
def test_any_number_of_genres_can_be_shown_and_clicked(qtbot: QtBot, genres: tuple[str, ...]) -> None:
    pad = BlendPad()
    qtbot.addWidget(pad)
    pad.resize(200, 200)
    pad.set_genres(genres)
    pad.show_blend([0.5] * len(genres))
    pad.show_heard([1.0] * len(genres))
    assert not pad.grab().isNull()
    press(pad, QPoint(100, 100))
    QTest.mouseRelease(pad, LEFT, NONE, QPoint(100, 100))
