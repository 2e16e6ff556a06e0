"""``segue takes replay --automation`` on Pocket: a new take, whose tokens are the old one's up to the first difference."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.commands import takes
from engine.control import ControlState
from engine.errors import ControlError, PackError, TakeError
from engine.instrument import Instrument
from engine.performance import Performance, perform
from engine.replayer import Replayer
from engine.takes.history import History
from engine.takes.library import Library, verify_take
from engine.takes.passage import CodesHash, Passage
from engine.takes.score import Origin, Score
from engine.takes.take import Take, load_take
from engine.takes.variation import vary_take
from engine.takes.writer import TakeWriter

FIRST, LAST, EDIT = 6, 36, 20  # frames of the performance; the lane is edited from EDIT on


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    return Instrument.load("pocket")


@pytest.fixture(scope="module")
def take(instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Take:
    """Thirty frames of Pocket, with a knob that is turned at frame 15 and a prompt that changes at 10."""
    codec, pack = instrument.codec, instrument.pack()
    assert pack is not None
    origin = Origin(
        software="Segue",
        model="pocket",
        model_sha256=instrument.identity.digest,
        model_licence=instrument.licence,
        pack=pack.method,
        pack_sha256=pack.digest,
        device=instrument.decoder.device.type,
        dtype=instrument.decoder.precision.value,
        seed=5,
        sample_rate_hz=codec.sample_rate_hz,
        channels=codec.channels,
        codebooks=codec.codebooks,
        hop_samples=codec.hop_samples,
    )
    plain = ControlState(blend=(("rock", 0.3),))
    states = [
        plain.changed(
            prompt="a waltz" if n >= 10 else "", blend=(("rock", 0.3),) + ((("jazz", 0.8),) if n >= 15 else ())
        )
        for n in range(LAST)
    ]
    history = History(origin, states[0].to_json())
    for frame in (10, 15):
        history.change(frame, states[frame].to_json())
    writer = TakeWriter(tmp_path_factory.mktemp("takes"), "jam", history)
    performance = Performance(instrument, pack)
    try:
        for block in perform(performance, origin.seed, iter(states)):
            if block.passage.frame >= FIRST and block.passage.codes.shape[1]:
                writer.offer(block.passage)
    finally:
        performance.close()
    writer.finish({"rock": 1.0})
    take = writer.wait(30)
    assert take is not None
    assert (take.score.start_frame, take.score.end_frame) == (FIRST, LAST)
    return take


@pytest.fixture
def lanes(take: Take, tmp_path: Path) -> Path:
    """The knob as it was up to EDIT, and elsewhere from then on."""
    origin = take.score.origin
    points = [
        ((n - FIRST) * origin.hop_samples / origin.sample_rate_hz, 0.8 if n >= 15 else 0.0) for n in (14, 15, EDIT - 1)
    ]
    points.append(((EDIT - FIRST) * origin.hop_samples / origin.sample_rate_hz, -1.5))
    path = tmp_path / "moves.json"
    path.write_text(json.dumps({"lanes": {"jazz": points}}), encoding="utf-8")
    return path


def run(*words: str | Path) -> Mapping[str, object]:
    parser = argparse.ArgumentParser()
    parser.set_defaults(json=False)
    takes.configure(parser)
    return takes.run(parser.parse_args([str(word) for word in words]))


def codes(instrument: Instrument, score: Score) -> NDArray[np.integer]:
    found: list[NDArray[np.integer]] = []
    replayer = Replayer(score.origin, instrument, instrument.pack(), None)
    for passage in replayer.render(score, lambda _frames: None):
        found.append(passage.codes)
        if passage.frame >= score.end_frame:
            break
    return np.concatenate(found, axis=1)[:, : score.end_frame]


def test_the_tokens_are_the_old_ones_up_to_the_first_difference(
    instrument: Instrument, take: Take, lanes: Path, tmp_path: Path
) -> None:
    out = tmp_path / "other.wav"
    result = run("replay", take.path, "--automation", lanes, "-o", out)
    assert result["first_difference_frame"] == EDIT - FIRST
    new = load_take(tmp_path / "other.segue.json")
    old_codes, new_codes = codes(instrument, take.score), codes(instrument, new.score)
    np.testing.assert_array_equal(new_codes[:, :EDIT], old_codes[:, :EDIT])
    assert (new_codes[:, EDIT:] != old_codes[:, EDIT:]).any()
    digest = CodesHash()
    digest.update(new_codes[:, FIRST:])
    assert result["codes_sha256"] == new.score.codes_sha256 == digest.hexdigest() != take.score.codes_sha256
    assert verify_take(new) == []
    assert new.samples == take.samples
    assert (new.title, new.star, new.dropouts) == ("other", False, 0)
    assert set(new.heard) == {"classical", "electronic", "jazz", "rock"}
    assert [state["prompt"] for state in (new.score.state_at(9), new.score.state_at(10))] == ["", "a waltz"]
    assert run("replay", out)["identical"] is True, "its own score makes it again"


def test_lanes_that_ask_for_nothing_new_give_the_same_tokens(take: Take, tmp_path: Path) -> None:
    lanes = tmp_path / "none.json"
    lanes.write_text('{"lanes": {"rock": [[0, 0.3]], "electronic": [[0, 0]]}}', encoding="utf-8")
    result = run("replay", take.path, "--automation", lanes, "-o", tmp_path / "same.flac")
    assert result["first_difference_frame"] is None
    assert result["codes_sha256"] == take.score.codes_sha256
    assert [each.path.name for each in Library(tmp_path).scan().takes] == ["same.flac"]


def test_bad_input_leaves_no_file(take: Take, lanes: Path, tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="name its file with --out"):
        run("replay", take.path, "--automation", lanes)
    with pytest.raises(ControlError, match="cannot be read"):
        run("replay", take.path, "--automation", tmp_path / "gone.json", "-o", tmp_path / "x.wav")
    strange = tmp_path / "strange.json"
    strange.write_text('{"lanes": {"polka": [[0, 1]]}}', encoding="utf-8")
    with pytest.raises(PackError, match="polka"):
        run("replay", take.path, "--automation", strange, "-o", tmp_path / "x.wav")
    before = take.path.read_bytes()
    with pytest.raises(TakeError, match="exists"):
        run("replay", take.path, "--automation", lanes, "-o", take.path)
    assert take.path.read_bytes() == before
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".json"]


def test_a_stop_half_way_leaves_no_file(take: Take, lanes: Path, tmp_path: Path) -> None:
    def stopped(score: Score) -> Iterator[Passage]:
        codec = score.origin
        yield Passage(0, np.zeros((codec.codebooks, 8), np.int16), 0, np.zeros((8 * codec.hop_samples, 1), np.float32))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vary_take(take, takes.Automation.load(lanes), stopped, tmp_path / "x.wav", dict)
    assert not (tmp_path / "x.wav").exists()
