"""The history of a performance: what a replay needs, in little room."""

import json
import tracemalloc
from pathlib import Path

import pytest
from invented_performance import Tune, make_origin, make_state

from engine.takes import history as history_module
from engine.takes.history import History
from engine.takes.score import Change
from engine.takes.writer import TakeEvent, TakeWriter


def lane_state(frame: int, period: int) -> dict[str, object]:
    """A lane of jazz that begins again after so many frames, beside three knobs that stand still."""
    still = [["rock", 0.25], ["classical", -0.1], ["electronic", 0.6]]
    return {**make_state(), "number": frame, "blend": [["jazz", frame % period / 7], *still]}


def test_an_hour_of_a_looped_lane_takes_little_room() -> None:
    history = History(make_origin(), lane_state(0, 400))
    tracemalloc.start()
    try:
        for frame in range(1, 20_001):
            history.change(frame, lane_state(frame, 400))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / 20_000 < 40, "bytes a change"


def test_changes_are_read_as_they_were_made() -> None:
    history = History(make_origin(), lane_state(0, 10**9))
    for frame in range(1, 6000):  # more than are shared
        history.change(frame, lane_state(frame, 10**9))
    changes = history.changes()
    assert len(changes) == 5999
    assert changes[-1] == Change(5999, {"blend": lane_state(5999, 10**9)["blend"]})
    assert history.changes(5990) == changes[5990:]


def test_a_number_alone_is_no_change() -> None:
    history = History(make_origin(), make_state())
    history.change(3, {**make_state(), "number": 9})
    assert history.changes() == []


def test_it_says_when_a_score_could_not_hold_much_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted as the sidecar will be."""
    history = History(make_origin(), lane_state(0, 400))
    for frame in range(1, 1001):
        history.change(frame, lane_state(frame, 400))
    changes = json.dumps([list(change) for change in history.changes()], separators=(",", ":"))
    assert history._score_bytes == pytest.approx(len(changes), rel=0.1)
    assert not history.full
    monkeypatch.setattr(history_module, "LARGEST_BYTES", len(changes))
    assert history.full


def test_a_score_that_could_not_be_read_is_not_written(
    tmp_path: Path, history: History, tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.takes.take.LARGEST_BYTES", 500)
    events = list[TakeEvent]()
    writer = TakeWriter(tmp_path, "jam", history, on_event=events.append)
    writer.offer(tune.passage(0))
    writer.finish()
    assert writer.wait(10.0) is None
    assert "larger than a score may be" in events[-1].text
    assert not list(tmp_path.glob("*.json"))
