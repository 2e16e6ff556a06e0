"""Lanes and hands: who has a control, what the engine is told, and that nothing jumps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from pytestqt.qtbot import QtBot

from engine.automation import Automation
from engine.control import ControlState
from engine.messages import ModelLoaded
from engine.status import Status
from gui.automation.lane_model import LaneModel
from gui.automation.lane_player import RESEND_MS, LanePlayer
from gui.control_model import ControlModel


@dataclass
class Told:
    """What the bridge was asked, and the status that it shows."""

    status: Status = field(default_factory=Status)
    asked: list[tuple[Automation | None, float | None, bool]] = field(default_factory=list)

    def automate(self, automation: Automation | None, loop_s: float | None = None, goes_on: bool = False) -> None:
        self.asked.append((automation, loop_s, goes_on))

    @property
    def lanes(self) -> set[str] | None:
        automation = self.asked[-1][0]
        return None if automation is None else set(automation.lanes)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def player(controls: ControlModel, told: Told) -> LanePlayer:
    model = LaneModel()
    model.edit("jazz", ((0.0, 0.8),))
    model.edit("rock", ((0.0, -0.5),))
    model.edit("guidance", ((0.0, 5.0),))
    model.edit("polka", ((0.0, 1.0),))
    player = LanePlayer(told, controls, model)  # type: ignore[arg-type]
    controls.turn_knob("jazz", 0.1)
    return player


def play(player: LanePlayer, told: Told) -> None:
    """The engine has taken the lanes up."""
    force = ControlState(blend=(("jazz", 0.8), ("rock", -0.5)), guidance=5.0)
    told.status = Status(control=force, automation_s=1.0)


def test_only_lanes_that_something_answers_to_are_played(player: LanePlayer, told: Told) -> None:
    player.turn(True)
    assert told.lanes == {"jazz", "rock", "guidance"}
    assert told.asked[-1][1:] == (16.0, False)
    player.loop(False)
    assert told.asked[-1][1:] == (None, True)
    player.turn(True)
    assert len(told.asked) == 2


def test_turned_off_everything_stays_where_the_lanes_have_brought_it(player: LanePlayer, told: Told) -> None:
    player.turn(True)
    play(player, told)
    player.turn(False)
    controls = player._controls
    assert told.asked[-1][0] is None
    assert dict(controls.state.blend) == {"jazz": 0.8, "rock": -0.5}
    assert controls.state.guidance == 5.0
    controls.undo()
    assert dict(controls.state.blend) == {"jazz": 0.1}
    assert controls.state.guidance == 3.0


def test_a_hand_on_a_knob_takes_it_over_where_it_is(player: LanePlayer, told: Told) -> None:
    controls = player._controls
    player.turn(True)
    play(player, told)
    controls.begin("jazz")
    player.touch("jazz", "jazz")
    assert controls.knob("jazz") == 0.8, "no jump back to 0.1"
    assert player.let_go == {"jazz"}
    assert told.lanes == {"rock", "guidance"}
    assert told.asked[-1][2], "the others go on"
    controls.turn_knob("jazz", 0.6)
    controls.end()
    controls.undo()
    assert controls.knob("jazz") == 0.1, "taking over and turning are one step"
    player.touch("jazz", "jazz")
    assert controls.knob("jazz") == 0.1, "it is the hand's already"
    player.take_back()
    assert told.lanes == {"jazz", "rock", "guidance"}
    assert player.let_go == frozenset()


def test_whatever_changes_a_control_lets_its_lane_go(player: LanePlayer, told: Told) -> None:
    controls = player._controls
    player.turn(True)
    play(player, told)
    controls.edit("temperature", temperature=0.5)
    controls.turn_knob("classical", 0.5)
    assert player.let_go == frozenset()
    controls.edit("a preset", guidance=2.0, blend=(("jazz", 0.1), ("rock", 0.4)))
    assert player.let_go == {"guidance", "rock"}, "jazz is asked for as it was"
    assert told.lanes == {"jazz"}


def test_edits_are_heard_at_once_and_not_too_often(qtbot: QtBot, player: LanePlayer, told: Told) -> None:
    player.turn(True)
    count = len(told.asked)
    for n in range(50):
        player._model.edit("jazz", ((0.0, n / 100),), "drag")
    qtbot.waitUntil(lambda: len(told.asked) > count, timeout=20 * RESEND_MS)
    automation, _, goes_on = told.asked[-1]
    assert automation is not None
    assert automation.lanes["jazz"] == ((0.0, 0.49),)
    assert goes_on
    assert len(told.asked) == count + 1


def test_a_lane_that_is_cleared_leaves_its_control_there(player: LanePlayer, told: Told) -> None:
    player.turn(True)
    play(player, told)
    player._model.edit("rock", ())
    assert player._controls.knob("rock") == -0.5
    assert player.let_go == frozenset()


def test_panic_and_another_model(player: LanePlayer, told: Told, loaded: ModelLoaded) -> None:
    player.turn(True)
    play(player, told)
    player._controls.adopt(replace(loaded, genres=("polka", "jazz"), redlines=(1.0, 1.0)))
    assert told.lanes == {"jazz", "guidance", "polka"}
    assert not told.asked[-1][2]
    assert player.let_go == frozenset(), "taking up another instrument is no hand"
    player.stop()
    assert told.asked[-1][0] is None
    assert player._controls.knob("jazz") == 0.1


def test_before_there_is_a_model_nothing_is_sent(qapp: object, told: Told, loaded: ModelLoaded) -> None:
    controls = ControlModel()
    model = LaneModel()
    model.edit("guidance", ((0.0, 5.0),))
    player = LanePlayer(told, controls, model)  # type: ignore[arg-type]
    player.turn(True)
    assert told.asked == []
    controls.adopt(loaded)
    assert told.lanes == {"guidance"}
