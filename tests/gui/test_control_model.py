"""The control model: numbers that rise, gestures as steps of undo, and what another instrument leaves of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.control import ControlState
from engine.errors import ControlError
from engine.messages import ModelLoaded
from gui import history
from gui.control_model import ControlModel


def seen_by(controls: ControlModel) -> list[ControlState]:
    states: list[ControlState] = []
    controls.changed.connect(states.append)
    return states


def test_every_change_is_published_once_with_a_higher_number(controls: ControlModel) -> None:
    states = seen_by(controls)
    before = controls.state.number
    controls.turn_knob("jazz", 0.5)
    controls.turn_knob("jazz", 0.5)
    controls.edit("guidance", guidance=2.0)
    controls.undo()
    assert [state.number for state in states] == [before + 1, before + 2, before + 3]
    assert [dict(state.blend) for state in states] == [{"jazz": 0.5}] * 3


def test_blends_are_in_the_packs_order_and_without_zeros(controls: ControlModel) -> None:
    controls.turn_knobs("pad", {"classical": 0.2, "rock": 0.1, "jazz": 0.0})
    assert controls.state.blend == (("rock", 0.1), ("classical", 0.2))
    controls.turn_knob("rock", 0.0)
    assert controls.state.blend == (("classical", 0.2),)


def test_a_drag_is_one_step_of_undo(controls: ControlModel) -> None:
    for end in (0.3, 0.9):
        controls.begin("jazz")
        for share in (0.2, 0.6, 1.0):
            controls.turn_knob("jazz", end * share)
        controls.end()
    assert controls.knob("jazz") == 0.9
    controls.undo()
    assert controls.knob("jazz") == 0.3
    controls.undo()
    assert controls.knob("jazz") == 0.0
    assert not controls.can_undo
    controls.redo()
    controls.redo()
    assert controls.knob("jazz") == 0.9
    assert not controls.can_redo


def test_another_instrument_ends_what_the_hand_held(controls: ControlModel, loaded: ModelLoaded) -> None:
    controls.begin("pad")
    controls.turn_knob("jazz", 0.5)
    controls.adopt(loaded)
    assert not controls._history.held


def test_key_presses_merge_while_they_follow_each_other(
    controls: ControlModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(history.time, "monotonic", lambda: now[0])
    for value in (0.1, 0.2, 0.3):
        controls.turn_knob("rock", value)
        now[0] += history.MERGE_S / 2
    now[0] += history.MERGE_S
    controls.turn_knob("rock", 0.4)
    controls.edit("guidance", guidance=1.0)
    controls.turn_knob("rock", 0.5)
    values = []
    while controls.can_undo:
        controls.undo()
        values.append((controls.knob("rock"), controls.state.guidance))
    assert values == [(0.4, 3.0), (0.3, 3.0), (0.0, 3.0)], "two controls at a time are two steps"


def test_a_new_edit_forgets_what_could_be_redone(controls: ControlModel) -> None:
    controls.edit("guidance", guidance=1.0)
    controls.undo()
    controls.edit("temperature", temperature=0.5)
    assert not controls.can_redo


def test_what_cannot_be_played_changes_nothing(controls: ControlModel) -> None:
    state = controls.state
    with pytest.raises(ControlError):
        controls.edit("guidance", guidance=float("nan"))
    assert controls.state is state
    assert not controls.can_undo


def test_another_instrument_keeps_what_it_has(controls: ControlModel, loaded: ModelLoaded) -> None:
    controls.turn_knobs("pad", {"jazz": 0.4, "rock": 0.6})
    controls.edit("layers", layers=((5, 1.0),))
    controls.edit("prompt", prompt="a waltz")
    controls.adopt(replace(loaded, genres=("jazz", "ska"), layers=3))
    assert controls.state.blend == (("jazz", 0.4),)
    assert controls.state.layers is None
    assert controls.state.prompt == "a waltz"
    assert not controls.can_undo


def test_two_hands_at_once_make_two_steps(controls: ControlModel) -> None:
    for n in range(1, 51):
        controls.turn_knob("jazz", n / 50)
        controls.edit("remote", guidance=n / 10)
    undone = 0
    while controls.can_undo:
        controls.undo()
        undone += 1
    assert undone == 2
    assert controls.state.blend == ()
    assert controls.state.guidance == ControlState().guidance
