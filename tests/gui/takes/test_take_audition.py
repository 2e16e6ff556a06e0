"""Takes are heard from where they were left; two are compared at one loudness; the music is never stopped by a slip."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from invented_takes import ObedientEngine, make_take
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.messages import PlayTake, StopTake
from engine.status import State
from engine.takes.take import Take
from gui.bridge import EngineBridge
from gui.takes.audition import Audition
from gui.takes.list_model import TAKE_ROLE
from gui.takes.panel import TakesPanel

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def audition(bridge: EngineBridge) -> Audition:
    return Audition(bridge)


@pytest.fixture
def soft(tmp_path: Path) -> Take:
    return make_take(tmp_path, 20, lufs=-20.0)


@pytest.fixture
def loud(tmp_path: Path) -> Take:
    return make_take(tmp_path, 10, lufs=-14.5)


def test_a_pair_that_cannot_be_levelled_says_so(panel: TakesPanel, tmp_path: Path) -> None:
    short = make_take(tmp_path, 1, lufs=-math.inf)
    panel.audition.mark("A", short)
    assert panel.pair.sides["A"].accessibleDescription() == "as it is", "one alone is not compared"
    panel.audition.mark("B", make_take(tmp_path, 2, lufs=-14.0))
    for side in panel.pair.sides.values():
        assert side.accessibleDescription() == "not levelled: no LUFS"
        assert "too short or too quiet" in side.toolTip()


def test_heard_left_and_taken_up_again(
    audition: Audition, bridge: EngineBridge, engine: ObedientEngine, soft: Take
) -> None:
    audition.toggle(soft)
    assert audition.is_heard(soft)
    bridge.poll()
    engine.play_on(3.5)
    bridge.poll()
    assert audition.place_s(soft) == 3.5
    audition.toggle(soft)
    bridge.poll()
    assert audition.heard is None
    assert engine.sent == [PlayTake(soft.path, 0.0, 0.0), StopTake()]
    audition.toggle(soft)
    assert engine.sent[-1] == PlayTake(soft.path, 3.5, 0.0)


def test_at_its_end_it_is_over_and_begins_anew(
    audition: Audition, bridge: EngineBridge, engine: ObedientEngine, soft: Take
) -> None:
    audition.play(soft)
    engine.play_on(0.1)
    bridge.poll()
    engine.play_on(19.8)
    bridge.poll()
    engine.end()
    bridge.poll()
    assert (audition.heard, audition.place_s(soft)) == (None, 0.0)
    audition.seek(soft, 25.0)
    assert engine.sent[-1] == PlayTake(soft.path, 0.0, 0.0), "behind the end is the beginning"


def test_the_music_that_begins_ends_the_take_where_it_is(
    audition: Audition, bridge: EngineBridge, engine: ObedientEngine, soft: Take
) -> None:
    audition.play(soft)
    bridge.poll()
    engine.play_on(4.0)
    bridge.poll()
    engine.status = replace(engine.status, state=State.PLAYING, take=None, take_s=0.0)
    bridge.poll()
    assert (audition.heard, audition.place_s(soft)) == (None, 4.0)


def test_an_old_status_does_not_throw_the_playhead_back(
    audition: Audition, bridge: EngineBridge, engine: ObedientEngine, soft: Take, loud: Take
) -> None:
    audition.play(soft)
    bridge.poll()
    engine.play_on(2.0)
    bridge.poll()
    engine.deaf = True
    for command in (lambda: audition.seek(soft, 12.0), lambda: audition.play(loud)):
        command()
        bridge.poll()
        assert audition.place_s(soft) == 12.0
    assert audition.is_heard(loud)


def test_what_the_engine_cannot_play_is_not_heard_for_long(
    audition: Audition, bridge: EngineBridge, engine: ObedientEngine, soft: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.takes.audition.PATIENCE_S", 0.0)
    engine.deaf = True
    audition.play(soft)
    bridge.poll()
    bridge.poll()
    assert audition.heard is None


def test_seeking_never_stops_the_music_but_playing_does(
    audition: Audition, bridge: EngineBridge, engine: ObedientEngine, soft: Take
) -> None:
    engine.status = replace(engine.status, state=State.PLAYING)
    bridge.poll()
    audition.seek(soft, 7.0)
    audition.step(soft, -5.0)
    assert engine.sent == []
    assert audition.place_s(soft) == 2.0
    audition.toggle(soft)
    assert engine.sent == [PlayTake(soft.path, 2.0, 0.0)]


def test_nothing_is_heard_while_a_take_is_recorded(
    qtbot: QtBot, audition: Audition, bridge: EngineBridge, engine: ObedientEngine, soft: Take
) -> None:
    engine.status = replace(engine.status, state=State.PLAYING, recording=True)
    bridge.poll()
    with qtbot.waitSignal(audition.refused, timeout=30_000):
        audition.toggle(soft)
    assert engine.sent == []


def test_the_pair_is_heard_at_one_loudness_and_at_one_place(
    audition: Audition, bridge: EngineBridge, engine: ObedientEngine, soft: Take, loud: Take
) -> None:
    audition.mark("A", loud)
    audition.choose("A")
    assert engine.sent[-1] == PlayTake(loud.path, 0.0, 0.0), "one alone is heard as it is"
    bridge.poll()
    engine.play_on(6.0)
    bridge.poll()
    audition.mark("B", soft)
    assert engine.sent[-1] == PlayTake(loud.path, 6.0, pytest.approx(-5.5)), "turned down while it is heard"
    bridge.poll()
    audition.switch()
    assert engine.sent[-1] == PlayTake(soft.path, 6.0, 0.0), "nothing is turned up"
    assert audition.is_heard(soft)
    bridge.poll()
    engine.play_on(9.0)
    bridge.poll()
    audition.choose("A")
    assert engine.sent[-1] == PlayTake(loud.path, 0.0, pytest.approx(-5.5)), "it is too short for that place"
    audition.choose("A")
    assert audition.heard is None
    assert audition.gain_db(soft) == 0.0


def test_a_silent_take_is_compared_as_it_is(audition: Audition, soft: Take, tmp_path: Path) -> None:
    silent = make_take(tmp_path, 5, lufs=float("-inf"))
    audition.mark("A", silent)
    audition.mark("B", soft)
    assert (audition.gain_db(silent), audition.gain_db(soft)) == (0.0, 0.0)


def test_a_take_stands_on_one_side_only(qtbot: QtBot, audition: Audition, soft: Take, loud: Take) -> None:
    audition.mark("A", soft)
    audition.mark("B", soft)
    assert audition.pair == {"B": soft}
    with qtbot.waitSignal(audition.refused, timeout=30_000):
        audition.switch()
    audition.mark("A", loud)
    audition.forget(soft.path)
    assert audition.pair == {"A": loud}


def test_a_renamed_take_keeps_its_place_and_side(audition: Audition, soft: Take) -> None:
    audition.mark("A", soft)
    audition.play(soft)
    audition.seek(soft, 5.0)
    new = replace(soft, path=soft.path.with_name("new.wav"))
    audition.follow(soft.path, new)
    assert (audition.side_of(new), audition.place_s(new), audition.is_heard(new)) == ("A", 5.0, True)


def take_at(panel: TakesPanel, row: int) -> Take:
    take: Take = panel.list.model().index(row, 0).data(TAKE_ROLE)
    return take


def test_the_cards_play_button_and_its_wave(panel: TakesPanel, bridge: EngineBridge, engine: ObedientEngine) -> None:
    card, view = panel.list.card(panel.list.model().index(0, 0)), panel.list.viewport()
    take = take_at(panel, 0)
    QTest.mouseClick(view, LEFT, PLAIN, card.play.center().toPoint())
    assert engine.sent == [PlayTake(take.path, 0.0, 0.0)]
    bridge.poll()
    QTest.mousePress(
        view, LEFT, PLAIN, QPoint(round(card.wave.left() + card.wave.width() / 4), round(card.wave.center().y()))
    )
    QTest.mouseMove(view, QPoint(round(card.wave.left() + card.wave.width() / 2), round(card.wave.center().y())))
    engine.play_on(0.1)
    bridge.poll()
    assert panel.audition.place_s(take) == pytest.approx(take.seconds / 2, abs=0.02), "under the mouse, not the sound's"
    assert len(engine.sent) == 1
    QTest.mouseRelease(view, LEFT, PLAIN, QPoint(round(card.wave.right()) + 50, round(card.wave.center().y())))
    assert engine.sent[-1] == PlayTake(take.path, 0.0, 0.0), "dragged past the end"
    bridge.poll()
    assert not panel.grab().isNull()
    QTest.mouseClick(view, LEFT, PLAIN, card.play.center().toPoint())
    assert engine.sent[-1] == StopTake()


def test_a_double_click_on_the_wave_renames_nothing(panel: TakesPanel, engine: ObedientEngine) -> None:
    card = panel.list.card(panel.list.model().index(0, 0))
    QTest.mouseDClick(panel.list.viewport(), LEFT, PLAIN, card.wave.center().toPoint())
    assert panel.list.state() is not panel.list.State.EditingState
    QTest.mouseDClick(panel.list.viewport(), LEFT, PLAIN, card.name.center().toPoint())
    assert panel.list.state() is panel.list.State.EditingState


def test_keys(qtbot: QtBot, panel: TakesPanel, bridge: EngineBridge, engine: ObedientEngine) -> None:
    two, one = take_at(panel, 0), take_at(panel, 1)
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.list.model().index(0, 0))
    QTest.keyClick(panel.list, Qt.Key.Key_A)
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    QTest.keyClick(panel.list, Qt.Key.Key_B)
    assert panel.audition.pair == {"A": two, "B": one}
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert engine.sent[-1] == PlayTake(one.path, 0.0, 0.0)
    bridge.poll()
    assert panel.pair.sides["B"].accessibleDescription() == "heard, as it is"
    assert panel.list.accessibleDescription() == "jam-1 is heard, 0:01 long"
    QTest.keyClick(panel.list, Qt.Key.Key_X)
    assert engine.sent[-1] == PlayTake(two.path, 0.0, pytest.approx(-6.0))
    assert panel.pair.sides["A"].accessibleDescription() == "heard, −6.0 dB"
    assert panel.pair.sides["B"].accessibleDescription() == "as it is"
    QTest.keyClick(panel.list, Qt.Key.Key_Up)
    QTest.keyClick(panel.list, Qt.Key.Key_Right)
    assert engine.sent[-1] == PlayTake(two.path, 0.0, pytest.approx(-6.0)), "past the end of two seconds"
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert engine.sent[-1] == StopTake()
    qtbot.mouseClick(panel.pair.sides["B"], LEFT)
    assert engine.sent[-1] == PlayTake(one.path, 0.0, 0.0)
    assert not panel.grab().isNull()
    qtbot.mouseClick(panel.pair.clear, LEFT)
    assert panel.audition.pair == {}
    assert not panel.pair.isVisible()
