"""Listening and choosing: both clips first, nothing told, every answer on the disk before the next trial."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from engine.errors import StudyError
from engine.status import Status
from engine.study.plan import Study
from engine.study.sheet import Group, Sheet, open_sheet
from gui.background import Background
from gui.notify import Message, Notifier
from gui.study import clip_player
from gui.study.trial_view import TrialView


class Bridge(QObject):
    """Where the engine would be: tells what it was asked, and what the test wants to be heard."""

    status_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Path | None] = []
        self.status = Status(output="headphones")

    def play_take(self, path: Path, start_s: float = 0.0, gain_db: float = 0.0) -> None:
        self.asked.append(path)

    def stop_take(self) -> None:
        self.asked.append(None)

    def hear(self, path: Path | None, at_s: float = 0.0) -> None:
        self.status_changed.emit(Status(take=path, take_s=at_s, output=self.status.output))


class Clock:
    """Time that passes when the test says so."""

    now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s


@dataclass
class Room:
    """A view at a participant's first trial."""

    view: TrialView
    bridge: Bridge
    study: Study
    clock: Clock
    told: list[Message] = field(default_factory=list)

    def listen(self, side: str, seconds: float = 0.9) -> None:
        trial = self.view.trial
        assert trial is not None
        QTest.keyClick(self.view, {"a": Qt.Key.Key_A, "b": Qt.Key.Key_B, "x": Qt.Key.Key_X}[side])
        self.clock.now_s += seconds
        self.bridge.hear(self.study.clip(getattr(trial, side)), seconds)
        self.bridge.hear(None)

    @property
    def sheet(self) -> Sheet:
        assert self.view.sheet is not None
        return self.view.sheet


@pytest.fixture
def room(qtbot: QtBot, study: Study, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    clock, bridge, background, notifier = Clock(), Bridge(), Background(), Notifier()
    monkeypatch.setattr(clip_player.time, "monotonic", clock.monotonic)
    view = TrialView(bridge, background, notifier)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.resize(1000, 600)
    view.show()
    view.begin(study, open_sheet(study, "P01", Group.LISTENER))
    room = Room(view, bridge, study, clock)
    notifier.told.connect(room.told.append)
    yield room
    background.close()


def test_no_choice_before_both_were_heard(room: Room) -> None:
    view = room.view
    for press in (lambda: None, lambda: room.listen("a"), lambda: room.listen("b", 0.5)):
        press()
        QTest.keyClick(view, Qt.Key.Key_1)
        QTest.keyClick(view, Qt.Key.Key_Return)
        assert not view.confirm.isEnabled()
        assert not view.choose["a"].isEnabled()
        assert room.sheet.answers == ()
    room.listen("b")
    QTest.keyClick(view, Qt.Key.Key_1)
    assert view.confirm.isEnabled()
    assert view.pads["a"].accessibleDescription() == "heard, chosen"


def test_a_whole_sheet_by_the_keyboard(qtbot: QtBot, room: Room) -> None:
    view = room.view
    with qtbot.waitSignal(view.finished, timeout=30_000) as finished:
        for number, (choice, sides) in enumerate(
            ((Qt.Key.Key_2, "ab"), (Qt.Key.Key_Left, "ba"), (Qt.Key.Key_Right, "abx"))
        ):
            assert view.steps.words == f"{number + 1} of 3"
            for side in sides:
                room.listen(side)
            QTest.keyClick(view, Qt.Key.Key_1)  # a choice may be changed until it is confirmed
            QTest.keyClick(view, choice)
            QTest.keyClick(view, Qt.Key.Key_Return)
            qtbot.waitUntil(lambda number=number: len(room.sheet.answers) == number + 1, timeout=30_000)
            assert Sheet.load(room.sheet.path).answers == room.sheet.answers
    sheet = finished.args[0]
    assert [answer.choice for answer in sheet.answers] == ["b", "a", "b"]
    assert [answer.plays for answer in sheet.answers] == [{"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 1, "x": 1}]


def test_space_stops_and_plays_again(room: Room) -> None:
    view, trial = room.view, room.view.trial
    assert trial is not None
    QTest.keyClick(view, Qt.Key.Key_B)
    QTest.keyClick(view, Qt.Key.Key_Space)
    QTest.keyClick(view, Qt.Key.Key_Space)
    b = room.study.clip(trial.b)
    assert room.bridge.asked[-3:] == [b, None, b]
    assert view.player.plays == {"a": 0, "b": 2}


def test_x_is_there_in_an_abx_trial_alone_and_is_heard_for_itself(qtbot: QtBot, room: Room) -> None:
    view = room.view
    assert not view.pads["x"].isVisible()
    asked = len(room.bridge.asked)
    QTest.keyClick(view, Qt.Key.Key_X)
    assert len(room.bridge.asked) == asked
    for _ in range(2):
        for side in "ab":
            room.listen(side)
        before = len(room.sheet.answers)
        QTest.keyClick(view, Qt.Key.Key_1)
        QTest.keyClick(view, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda before=before: len(room.sheet.answers) > before, timeout=30_000)
    assert view.pads["x"].isVisible()
    trial = view.trial
    assert trial is not None
    room.listen("a")
    QTest.keyClick(view, Qt.Key.Key_B)
    room.clock.now_s += 0.9
    room.bridge.hear(room.study.clip(trial.b), 0.9)
    # X is the same file: what the engine still tells of B must not count for X.
    QTest.keyClick(view, Qt.Key.Key_X)
    room.bridge.hear(room.study.clip(trial.b), 0.95)
    assert not view.player.heard("x")
    room.clock.now_s += 0.8
    room.bridge.hear(room.study.clip(trial.x), 0.8)
    assert view.player.all_heard


def test_nothing_says_which_is_which(room: Room) -> None:
    view, trial = room.view, room.view.trial
    assert trial is not None
    room.listen("a")
    words = [label.text() for label in view.findChildren(QLabel)]
    words += [text for button in view.findChildren(QPushButton) for text in (button.text(), button.toolTip())]
    for pad in view.pads.values():
        words += [pad.toolTip(), pad.accessibleName(), pad.accessibleDescription()]
    told = " ".join(words).casefold()
    for secret in ("steered", "prompt", "random", "unsteered", "check", "preference", ".flac", "000", "control"):
        assert secret not in told


def test_an_answer_that_cannot_be_saved_is_not_lost(qtbot: QtBot, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    view = room.view

    def full(*_: object) -> None:
        raise StudyError("the disk is full")

    monkeypatch.setattr(Sheet, "save", full)
    for side in "ab":
        room.listen(side)
    QTest.keyClick(view, Qt.Key.Key_2)
    QTest.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(room.told), timeout=30_000)
    assert "the disk is full" in room.told[0].text
    assert room.sheet.answers == ()
    monkeypatch.undo()
    monkeypatch.setattr(clip_player.time, "monotonic", room.clock.monotonic)
    assert view.confirm.isEnabled(), "the choice is still there"
    QTest.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(room.sheet.answers) == 1, timeout=30_000)
    assert room.sheet.answers[0].choice == "b"


def test_a_clip_that_does_not_begin_is_told(room: Room) -> None:
    QTest.keyClick(room.view, Qt.Key.Key_A)
    room.clock.now_s += 4.0
    room.bridge.hear(None)
    assert "nothing can be heard" in room.told[0].text
    assert room.view.player.side == ""


def test_nobody_judges_in_silence(room: Room) -> None:
    room.bridge.status = Status(output="")
    QTest.keyClick(room.view, Qt.Key.Key_A)
    assert "connect an audio output" in room.told[0].text
    assert room.view.player.plays == {"a": 0, "b": 0}
    assert not any(room.bridge.asked)


def test_a_device_that_goes_away_in_mid_clip_is_told_and_counts_for_nothing(room: Room) -> None:
    view, trial = room.view, room.view.trial
    assert trial is not None
    room.listen("b")
    QTest.keyClick(view, Qt.Key.Key_A)
    room.clock.now_s += 0.8
    room.bridge.hear(room.study.clip(trial.a), 0.8)
    assert view.player.all_heard
    room.bridge.status = Status(output="")
    room.clock.now_s += 0.1
    room.bridge.hear(room.study.clip(trial.a), 0.9)
    assert room.bridge.asked[-1] is None, "it is stopped"
    assert "connect an audio output" in room.told[0].text
    assert not view.player.heard("a")
    assert view.player.heard("b")
    assert not view.choose["a"].isEnabled()


def test_an_answer_is_on_the_disk_when_the_window_closes(room: Room) -> None:
    background = room.view._background
    go_on = threading.Event()
    background.start(lambda: go_on.wait(30), lambda _: None, lambda _: None)  # the lists of takes, say
    background.start(lambda: None, lambda _: None, lambda _: None)
    for side in "ab":
        room.listen(side)
    QTest.keyClick(room.view, Qt.Key.Key_2)
    QTest.keyClick(room.view, Qt.Key.Key_Return)
    background.close(timeout_ms=0)
    assert [answer.choice for answer in Sheet.load(room.sheet.path).answers] == ["b"]
    go_on.set()


def test_a_button_that_has_the_focus_leaves_the_keys_to_the_trial(room: Room) -> None:
    view = room.view
    for side in "ab":
        room.listen(side)
    button = view.choose["a"]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Right)
    assert view.pads["b"].accessibleDescription().endswith("chosen")
    asked = len(room.bridge.asked)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert room.bridge.asked[asked:] == [room.study.clip(view.trial.b)], "Space plays, whatever has the focus"  # type: ignore[union-attr]
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert view.pads["a"].accessibleDescription().endswith("chosen"), "Enter presses it"


def test_hiding_the_page_silences_it_and_escape_pauses(qtbot: QtBot, room: Room) -> None:
    QTest.keyClick(room.view, Qt.Key.Key_A)
    room.view.hide()
    assert room.bridge.asked[-1] is None
    room.view.show()
    with qtbot.waitSignal(room.view.paused) as paused:
        QTest.keyClick(room.view, Qt.Key.Key_Escape)
    assert paused.args[0].answers == ()


def test_every_control_has_a_name(room: Room) -> None:
    view = room.view
    assert [view.pads[side].accessibleName() for side in "axb"] == ["Play A", "Play X", "Play B"]
    assert [view.choose[side].accessibleName() for side in "ab"] == ["Choose A", "Choose B"]
    QTest.keyClick(view, Qt.Key.Key_A)
    assert view.pads["a"].accessibleName() == "Stop A"
