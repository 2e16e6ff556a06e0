"""Everything that can be played has a range, can be read and set, and is one step of undo for one gesture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.control import ControlState, Law
from engine.errors import ControlError
from engine.messages import ModelLoaded
from gui.control_model import ControlModel
from gui.play.performer import Performer
from gui.remote.targets import Targets
from gui.volume import VolumeFader


def test_the_register_names_what_the_window_has(targets: Targets) -> None:
    assert set(targets.parameters) == {
        *("knob/classical", "knob/electronic", "knob/jazz", "knob/rock"),
        *("strength", "guidance", "temperature", "top_k", "top_p", "volume", "pad/x", "pad/y", "law", "layer"),
    }
    assert {"play", "stop", "toggle", "record", "keep", "restart/same", "restart/new", "panic"} <= set(targets.actions)
    assert targets.name("knob/jazz") == "jazz"
    assert targets.name("knob/folk") == "knob/folk", "a map may know what this model does not"


def test_every_parameter_reads_what_was_set_over_its_whole_range(targets: Targets) -> None:
    for key, parameter in targets.parameters.items():
        for share in (0.0, 0.25, 0.5, 1.0):
            value = parameter.scale.at(share)
            targets.turn({key: value})
            assert parameter.read() == pytest.approx(value, abs=0.002), key


def test_values_out_of_range_are_brought_into_it(targets: Targets, controls: ControlModel) -> None:
    targets.turn({"knob/jazz": 99.0, "top_k": -5.0, "volume": -400.0, "top_p": 7.0, "knob/folk": 1.0, "nonsense": 1.0})
    assert controls.knob("jazz") == 2.0
    assert (controls.state.top_k, controls.state.top_p) == (1, 1.0)
    assert isinstance(controls.state.top_k, int)
    assert targets.parameters["volume"].read() == -40.0


def test_the_defaults_are_those_of_a_control_state(targets: Targets) -> None:
    for field in ("strength", "guidance", "temperature", "top_k", "top_p"):
        assert targets.parameters[field].scale.default == getattr(ControlState(), field)


def test_controls_that_move_together_are_one_step_of_undo(targets: Targets, controls: ControlModel) -> None:
    before = controls.state
    for step in range(20):
        targets.turn({"knob/jazz": step / 20, "strength": 1 + step / 40})
        targets.turn({"knob/rock": -step / 20})
    controls.undo()
    assert replace(controls.state, number=0) == replace(before, number=0)
    assert not controls.can_undo


def test_one_batch_of_knobs_is_published_once(targets: Targets, controls: ControlModel) -> None:
    published: list[ControlState] = []
    controls.changed.connect(published.append)
    targets.turn({"knob/jazz": 0.5, "knob/rock": 0.25, "knob/classical": -1.0})
    assert len(published) == 1


def test_the_pad_moves_knobs_whose_shares_sum_to_one(targets: Targets, controls: ControlModel) -> None:
    reach = targets.parameters["pad/x"].scale.high
    targets.turn({"pad/x": -reach, "pad/y": reach})
    assert dict(controls.state.blend) == {"classical": 1.0}, "the upper left corner"
    targets.turn({"pad/x": reach})
    assert dict(controls.state.blend) == {"electronic": 1.0}
    targets.turn({"pad/x": 0.0, "pad/y": 0.0})
    assert dict(controls.state.blend) == dict.fromkeys(("classical", "electronic", "jazz", "rock"), 0.25)


def test_one_pad_fader_does_not_move_the_other(controls: ControlModel, targets: Targets, loaded: ModelLoaded) -> None:
    """In a triangle, where most places that two faders can ask for lie outside."""
    controls.adopt(replace(loaded, genres=("jazz", "rock", "classical"), redlines=()))
    x, y = targets.parameters["pad/x"], targets.parameters["pad/y"]
    random = np.random.default_rng(0)
    targets.turn({"pad/y": y.scale.high})
    for value in random.uniform(x.scale.low, x.scale.high, 50):
        targets.turn({"pad/x": float(value)})
        assert y.read() == y.scale.high
        assert x.read() == pytest.approx(value, abs=0.001)
        assert sum(alpha for _, alpha in controls.state.blend) == pytest.approx(1.0, abs=0.002)
    controls.turn_knobs("by hand", {"jazz": 1.0, "rock": 0.0, "classical": 0.0})
    assert (x.read(), y.read()) == pytest.approx((0.866, -0.5), abs=0.01), "jazz, in the ring's order: lower right"


def test_knobs_follow_the_instrument(targets: Targets, controls: ControlModel, loaded: ModelLoaded) -> None:
    told: list[bool] = []
    targets.changed.connect(lambda: told.append(True))
    controls.adopt(replace(loaded, genres=("folk",), redlines=(1.0,)))
    assert told
    assert "knob/folk" in targets.parameters
    assert not {"knob/jazz", "pad/x"} & set(targets.parameters)
    targets.turn({"pad/x": 0.5, "knob/jazz": 1.0})
    assert controls.state.blend == ()


def test_actions_reach_the_performer(targets: Targets, bridge: object) -> None:
    for key in (
        "play",
        "play",
        "stop",
        "stop",
        "toggle",
        "toggle",
        "restart/same",
        "record",
        "keep",
        "panic",
        "nonsense",
    ):
        targets.act(key)
    assert bridge.asked == ["play", "stop", "play", "stop", "play", "record", "keep", "stop"]  # type: ignore[attr-defined]


def test_panic_lets_go_of_the_knobs_and_the_lock_turns(targets: Targets, controls: ControlModel) -> None:
    targets.turn({"knob/jazz": 1.0})
    targets.act("panic")
    assert controls.state.blend == ()
    targets.act("undo")
    assert controls.knob("jazz") == 1.0


def test_the_volume_moves_the_fader_that_moves_the_engine(targets: Targets, volume: VolumeFader) -> None:
    moved: list[float] = []
    volume.moved.connect(moved.append)
    targets.turn({"volume": -12.2})
    assert moved == [-12.0]


def test_a_prompt(targets: Targets, controls: ControlModel) -> None:
    targets.write_prompt("  slow piano ")
    assert controls.state.prompt == "slow piano"
    with pytest.raises(ControlError):
        targets.write_prompt("x" * 600)


def test_a_control_that_a_lane_holds_is_where_the_lane_has_it(
    controls: ControlModel, performer: Performer, volume: VolumeFader
) -> None:
    """So that a controller takes it over from there."""
    lanes = {"jazz": 1.5, "guidance": 2.0}
    targets = Targets(controls, performer, volume, lanes.get)
    assert targets.parameters["knob/jazz"].read() == 1.5
    assert targets.parameters["guidance"].read() == 2.0
    assert targets.parameters["knob/rock"].read() == 0.0
    lanes.clear()
    assert targets.parameters["knob/jazz"].read() == 0.0
    assert targets.parameters["guidance"].read() == 3.0


def test_law_layer_and_orthogonal_are_played_too(controls: ControlModel, targets: Targets, loaded: ModelLoaded) -> None:
    law, layer = targets.parameters["law"], targets.parameters["layer"]
    assert (law.read(), layer.read(), layer.scale.high) == (0.0, 3.0, 5)
    assert law.scale.text(2.0) == "unit"
    targets.turn({"law": 2.0, "layer": 5.0})
    assert (controls.state.law, controls.state.layers) == (Law.UNIT, ((5, 1.0),))
    assert (law.read(), layer.read()) == (2.0, 5.0)
    targets.turn({"law": 0.0})
    assert controls.state.law is None
    targets.act("orthogonal")
    assert controls.state.orthogonal
    controls.adopt(replace(loaded, genres=(), default_layers=()))
    assert "layer" not in targets.parameters
