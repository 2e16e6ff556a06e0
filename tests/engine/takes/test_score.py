"""A score comes back from its JSON as it was; a damaged one is refused with its reason."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from invented_performance import make_origin, make_state

from engine.errors import TakeError
from engine.takes.fields import read_json
from engine.takes.history import History
from engine.takes.passage import CodesHash
from engine.takes.score import Origin, Score


@pytest.fixture
def score(history: History) -> Score:
    for frame, jazz in ((3, 0.2), (10, 0.4), (10, 0.5), (40, 0.6), (99, 1.0)):
        history.change(frame, make_state(jazz, "a trio" if frame >= 10 else ""))
    for sample in (50, 7000, 900000):
        history.dropout(sample, 320)
    return history.score(start_frame=20, end_frame=60, start_sample=6400, end_sample=9000, codes_sha256="d" * 64)


def test_survives_json(score: Score) -> None:
    assert Score.from_json(json.loads(json.dumps(score.to_json())), "here") == score


def test_holds_all_changes_since_frame_0_but_none_after_the_take(score: Score) -> None:
    assert [change.frame for change in score.changes] == [3, 10, 10, 40]
    assert [gap.sample for gap in score.dropouts] == [7000]


@pytest.mark.parametrize(("frame", "jazz"), [(0, 0.0), (2, 0.0), (3, 0.2), (9, 0.2), (10, 0.5), (39, 0.5), (59, 0.6)])
def test_state_at_any_frame(score: Score, frame: int, jazz: float) -> None:
    assert score.state_at(frame)["blend"] == [["jazz", jazz]]


def test_states_of_many_frames_are_those_of_each(score: Score) -> None:
    states = list(score.states_at(range(60)))
    assert states == [score.state_at(frame) for frame in range(60)]
    assert len({id(state) for state in states}) == 4, "of which most are the same object"


def test_only_the_changed_fields_are_stored_and_held(score: Score, history: History) -> None:
    """A lane makes fifty changes a second, and a list of takes holds all of their scores."""
    changed = {"blend": [["jazz", 0.2]]}
    assert score.to_json()["changes"][0] == [3, changed]
    for changes in (score.changes, history.changes(), Score.from_json(score.to_json(), "here").changes):
        assert changes[0].difference == changed


def test_prompts_of_the_take(history: History) -> None:
    for frame, prompt in ((5, "before"), (15, "at its start"), (30, "later"), (40, ""), (50, "later")):
        history.change(frame, make_state(0.0, prompt))
    score = history.score(start_frame=20, end_frame=60, start_sample=0, end_sample=1, codes_sha256="d" * 64)
    assert score.prompts == ("at its start", "later")


def paths_of(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every field of a JSON object is."""
    found = [prefix] if prefix else []
    if isinstance(value, dict):
        found += [path for key, item in value.items() for path in paths_of(item, (*prefix, key))]
    return found


def test_any_field_missing_or_of_another_type_is_refused_by_name(score: Score) -> None:
    whole = json.loads(json.dumps(score.to_json()))
    paths = [path for path in paths_of(whole) if path[0] != "initial" or len(path) == 1]
    names = ("audio_prompt", "model_folder", "pack_file", "window_frames", "tokenizer_sha256")
    optional = {("origin", name) for name in names}
    optional.add(("origin", "audio_prompt", "stop_s"))
    assert len(paths) > 20
    for path in paths:
        for broken in ("missing", object):
            damaged = copy.deepcopy(whole)
            parent = damaged
            for key in path[:-1]:
                parent = parent[key]
            if broken == "missing":
                if path in optional:
                    continue
                del parent[path[-1]]
            else:
                parent[path[-1]] = True
            with pytest.raises(TakeError, match="here"):
                Score.from_json(damaged, "here")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("changes", [[5, {}], [4, {}]]),
        ("changes", [[5, {"unknown": 1}]]),
        ("changes", [[-1, {}]]),
        ("changes", [[1]]),
        ("changes", [[1, 2]]),
        ("dropouts", [[1, "many"]]),
        ("start_frame", 10**6),
        ("codes_sha256", "zz"),
        ("version", 2),
        ("origin", []),
    ],
)
def test_nonsense_is_refused(score: Score, field: str, value: object) -> None:
    with pytest.raises(TakeError, match="here"):
        Score.from_json({**score.to_json(), field: value}, "here")


@pytest.mark.parametrize("text", ["", "{", '{"a": NaN}', "[" * 100000, '{"a": Infinity}', "\udcff"])
def test_a_file_that_is_no_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(TakeError, match=r"x\.json"):
        read_json(path)


def test_hash_of_codes_knows_order_and_not_blocks() -> None:
    codes = np.random.default_rng(0).integers(0, 2048, (4, 100))
    whole, parts, other = CodesHash(), CodesHash(), CodesHash()
    whole.update(codes)
    for start in range(0, 100, 7):
        parts.update(codes[:, start : start + 7].astype(np.int16))
    other.update(codes[:, ::-1])
    assert whole.hexdigest() == parts.hexdigest() != other.hexdigest()


def test_where_model_and_pack_were_is_not_asked_of_older_takes() -> None:
    known = replace(make_origin(), model_folder="/models/mine", pack_file="/packs/mine.safetensors")
    assert Origin.from_json(known.to_json(), "here") == known
    older = make_origin().to_json()
    del older["model_folder"], older["pack_file"]
    assert Origin.from_json(older, "here") == make_origin()
    with pytest.raises(TakeError, match="model_folder"):
        Origin.from_json({**older, "model_folder": 3}, "here")


def test_origin_without_an_audio_prompt() -> None:
    origin = make_origin().to_json()
    origin["audio_prompt"] = None
    assert type(make_origin()).from_json(origin, "here").audio_prompt is None
