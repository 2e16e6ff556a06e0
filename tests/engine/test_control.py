"""The control state: nothing that cannot be played gets in, and a score holds all of it."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, fields
from typing import Any

import numpy as np
import pytest

from engine.control import MAX_NUMBER, MAX_PROMPT_CHARACTERS, ControlState, Law, parse_blend
from engine.errors import ControlError

FULL = ControlState(
    number=7,
    blend=(("jazz", 0.6), ("rock", -0.2), ("jazz", 1)),
    strength=0.5,
    law=Law.RELATIVE,
    layers=((3, 1.0), (5, -0.25)),
    orthogonal=True,
    period=4,
    guidance=2.5,
    temperature=0.0,
    top_k=17,
    top_p=0.9,
    prompt="ein ruhiges Stück «mit» Tuba 🎺",
)
NO_NUMBERS: tuple[Any, ...] = (math.nan, math.inf, -math.inf, 1e9, 10**400, True, "1", None, np.array([1.0, 2.0]))


@pytest.mark.parametrize("name", ["strength", "guidance", "temperature", "top_p"])
@pytest.mark.parametrize("value", [*NO_NUMBERS, -0.1], ids=repr)
def test_a_value_that_cannot_be_played_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ControlError, match=name.replace("_", "-")) as caught:
        ControlState(**{name: value})
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_so_is_a_knob_and_a_layers_weight(value: Any) -> None:
    with pytest.raises(ControlError, match="the knob of jazz"):
        ControlState(blend=(("rock", 0.5), ("jazz", value)))
    with pytest.raises(ControlError, match="the weight of layer 2"):
        ControlState(layers=((1, 1.0), (2, value)))


@pytest.mark.parametrize("value", [0, -1, 1.0, 2.5, True, "3", math.nan, 10**400], ids=repr)
def test_what_is_counted_is_whole(value: Any) -> None:
    for name in ("period", "top_k"):
        with pytest.raises(ControlError, match="whole number"):
            ControlState(**{name: value})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"top_k": 257}, "top-k"),
        ({"layers": ((-1, 1.0),)}, "a layer"),
        ({"layers": ((1024, 1.0),)}, "a layer"),
        ({"layers": ((1.5, 1.0),)}, "a layer"),
        ({"blend": ((3, 1.0),)}, "genre"),
        ({"number": -1}, "number"),
        ({"number": "new"}, "number"),
        ({"law": "add"}, "law"),
        ({"orthogonal": 1}, "orthogonal"),
        ({"prompt": None}, "prompt"),
        ({"prompt": ["jazz"]}, "prompt"),
        ({"prompt": "x" * (MAX_PROMPT_CHARACTERS + 1)}, "prompt"),
        ({"prompt": "\udcff"}, "prompt"),
    ],
    ids=str,
)
def test_nothing_of_the_wrong_kind_gets_in(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ControlError, match=complaint):
        ControlState(**change)


def test_the_edges_of_every_range_can_be_played() -> None:
    ControlState(strength=0, guidance=0, temperature=0, top_k=1, top_p=0, blend=(("jazz", -10),), number=0)
    ControlState(strength=10, guidance=20, temperature=5, top_k=256, top_p=1, blend=(("jazz", 10),), number=MAX_NUMBER)


def test_a_score_holds_all_of_it() -> None:
    assert {field.name for field in fields(FULL)} == FULL.to_json().keys()
    for state in (FULL, ControlState()):
        text = json.dumps(state.to_json(), allow_nan=False)
        assert ControlState.from_json(json.loads(text)) == state


@pytest.mark.parametrize(
    "change",
    [
        {"blend": None},
        {"blend": "jazz"},
        {"blend": [["jazz"]]},
        {"blend": [["jazz", math.nan]]},
        {"law": "gentle"},
        {"law": []},
        {"layers": [[1]]},
        {"layers": 3},
        {"strength": 10**400},
        {"prompt": 5},
        {"unheard_of": 1},
    ],
    ids=str,
)
def test_a_damaged_score_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ControlError):
        ControlState.from_json(FULL.to_json() | change)


@pytest.mark.parametrize("name", ["blend", "law", "layers"])
def test_so_is_one_that_lacks_something(name: str) -> None:
    data = FULL.to_json()
    del data[name]
    with pytest.raises(ControlError, match=name):
        ControlState.from_json(data)


def test_a_change_is_a_newer_state() -> None:
    changed = FULL.changed(strength=0.1)
    assert (changed.number, changed.strength, changed.prompt) == (8, 0.1, FULL.prompt)
    assert FULL.strength == 0.5
    with pytest.raises(FrozenInstanceError):
        FULL.strength = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("jazz=0.6,rock=-0.2", (("jazz", 0.6), ("rock", -0.2))),
        (" hard rock = 1 , ", (("hard rock", 1.0),)),
        ("jazz=1,jazz=1", (("jazz", 1.0), ("jazz", 1.0))),
        ("", ()),
    ],
)
def test_a_blend_is_read(text: str, pairs: tuple[tuple[str, float], ...]) -> None:
    assert parse_blend(text) == pairs


@pytest.mark.parametrize("text", ["jazz", "jazz=", "=0.5", "jazz=loud", "jazz=0.5=0.6", "jazz=0,5"])
def test_what_is_no_blend_is_shown_how(text: str) -> None:
    with pytest.raises(ControlError, match=r"write it like jazz=0\.6"):
        parse_blend(text)


@pytest.mark.parametrize("value", ["nan", "inf", "1e9"])
def test_a_blend_beyond_the_knob_is_read_and_then_refused(value: str) -> None:
    with pytest.raises(ControlError, match="the knob of jazz must lie between"):
        ControlState(blend=parse_blend(f"jazz={value}"))
