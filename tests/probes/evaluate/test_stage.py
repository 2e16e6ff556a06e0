"""The stage on a tiny model: what was heard once is not played again, and only what it is is remembered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.audio.loudness import integrated_lufs
from engine.control import ControlState, Law
from engine.instrument import Instrument
from engine.progress import silent
from engine.steering.pack import PackDefaults, ProbePack
from probes.evaluate.generate import UNSTEERED, Generator, Piece
from probes.evaluate.hearing import FAULTS, Hearing
from probes.evaluate.judges.judge import Verdicts
from probes.evaluate.preservation import CHROMA_PER_S
from probes.evaluate.stage import LOUDNESS_LUFS, Stage, continued, matched
from probes.moments import Doubles, Floats

FRAMES = 40
GENRES = ("a", "b")


class Listener:
    """Hears brightness; counts what it is asked."""

    name, identity, labels = "listener", "listener 1", GENRES

    def __init__(self) -> None:
        self.heard: list[Floats] = []
        self.corpus: Mapping[str, Doubles] = {}

    def judge(self, sounds: Sequence[Floats], rate_hz: int) -> Verdicts:
        self.heard += list(sounds)
        change = np.array([[np.abs(np.diff(sound)).mean(), np.abs(sound).mean()] for sound in sounds], np.float64)
        shares = change / change.sum(1, keepdims=True)
        return Verdicts(shares, np.column_stack([change, change[:, 0] ** 2]))


@pytest.fixture(scope="module")
def pack(tiny_instrument: Instrument) -> ProbePack:
    directions = np.random.default_rng(0).standard_normal((3, 2, 64))
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    wide = directions.astype(np.float32)
    zeros = np.zeros((3, 2), np.float32)
    some = PackDefaults(((1, 1.0),), Law.PRESERVE, 0.8)
    identity = tiny_instrument.identity
    return ProbePack(identity, GENRES, wide, wide, zeros, zeros[:, 0], zeros[0], some, 1, "made up")


class Setup:
    """A stage whose parts can be looked at."""

    def __init__(self, instrument: Instrument, pack: ProbePack, folder: Path, samples: int = 3, batch: int = 4) -> None:
        self.judge, self.control = Listener(), ControlState()
        generator = Generator(instrument, self.control, batch)
        self.stage = Stage(generator, self.control, pack, self.judge, samples, folder, silent)


@pytest.fixture
def setup(tiny_instrument: Instrument, pack: ProbePack, tmp_path: Path) -> Iterator[Setup]:
    return Setup(tiny_instrument, pack, tmp_path)  # type: ignore[return-value]


def pieces(count: int, first: int = 0) -> list[Piece]:
    return [Piece(first + number) for number in range(count)]


def test_every_piece_has_its_row(setup: Setup) -> None:
    heard = setup.stage.hear("x", pieces(6), FRAMES)
    assert len(heard) == 6
    assert heard.codes.shape == (6, 4, FRAMES)
    assert (heard.codes >= 0).all()
    assert (heard.codes < 64).all()
    assert heard.shares.shape == (6, 2)
    assert heard.places.shape == (6, 3)
    assert heard.faults.shape == (6, 5)
    assert heard.chroma.shape == (6, round(FRAMES * 0.02 * CHROMA_PER_S), 12)
    assert (heard.nats > 0).all()
    assert np.isfinite(heard.nats).all()
    assert len(set(map(bytes, heard.codes))) == 6, "seeds differ"


def test_what_was_heard_is_remembered(
    setup: Setup, tiny_instrument: Instrument, pack: ProbePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = setup.stage.hear("x", pieces(6), FRAMES)
    later = Setup(tiny_instrument, pack, tmp_path)
    monkeypatch.setattr(Generator, "codes", lambda *_: pytest.fail("it was heard before"))
    again = later.stage.hear("y", pieces(6), FRAMES)
    assert not later.judge.heard
    for name in ("codes", "shares", "places", "faults", "nats", "tempo_bpm", "chroma"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))


def test_an_interruption_costs_one_batch(setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play, batches = Generator.codes, list[int]()

    def stop_at_the_second(self: Generator, group: Sequence[Piece], frames: int) -> Any:
        batches.append(len(group))
        if len(batches) == 2:
            raise KeyboardInterrupt
        return play(self, group, frames)

    monkeypatch.setattr(Generator, "codes", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        setup.stage.hear("x", pieces(6), FRAMES)
    assert [path.suffix for path in (tmp_path / "verdicts").iterdir()] == [".safetensors"]
    assert len(setup.stage.hear("x", pieces(6), FRAMES)) == 6
    assert batches == [4, 2, 2]


@pytest.mark.parametrize("change", ["seed", "prompt", "steering", "period", "source", "frames", "judge", "sampling"])
def test_whatever_would_sound_or_be_judged_otherwise_is_heard_anew(change: str, setup: Setup, tmp_path: Path) -> None:
    stage, frames = setup.stage, FRAMES
    source = np.zeros((4, 10), np.int64)
    base = {"seed": 1, "blend": stage.steered(("a", 1.0)), "prompt": "", "prompt_codes": source}
    other: dict[str, Any] = {
        "seed": {"seed": 2},
        "prompt": {"prompt": "slow"},
        "steering": {"blend": stage.steered(("a", 0.9))},
        "period": {"period": 2},
        "source": {"prompt_codes": source + 1},
    }.get(change, {})
    stage.hear("x", [Piece(**base)], frames)
    setup.judge.heard.clear()
    if change == "judge":
        setup.judge.identity = "listener 2"
    if change == "frames":
        frames += 1
    if change == "sampling":
        stage._control = stage._control.changed(temperature=0.5)
    stage.hear("x", [Piece(**base | other)], frames)
    assert len(setup.judge.heard) == 1
    assert len(list((tmp_path / "verdicts").iterdir())) == 2


def test_a_damaged_verdict_is_heard_again(setup: Setup, tmp_path: Path) -> None:
    first = setup.stage.hear("x", pieces(3), FRAMES)
    (kept,) = (tmp_path / "verdicts").iterdir()
    kept.write_bytes(kept.read_bytes()[:200])
    again = setup.stage.hear("x", pieces(3), FRAMES)
    np.testing.assert_array_equal(first.codes, again.codes)
    np.testing.assert_allclose(first.shares, again.shares)
    assert Hearing.load(kept, 3) is not None
    assert Hearing.load(kept, 2) is None


def test_the_judge_hears_only_what_is_new_and_all_of_it_equally_loud(setup: Setup) -> None:
    stage = setup.stage
    sources = stage.hear("sources", pieces(3), 50)
    setup.judge.heard.clear()
    stage.hear("x", continued(sources, [stage.steered(("a", 1.0))] * 3, 7), FRAMES)
    hop = stage.instrument.codec.hop_samples
    assert [len(sound) for sound in setup.judge.heard] == [FRAMES * hop] * 3
    for sound in setup.judge.heard:
        assert integrated_lufs(sound[:, None], stage.rate_hz) == pytest.approx(LOUDNESS_LUFS, abs=0.1)


def test_silence_has_no_loudness_to_match() -> None:
    np.testing.assert_array_equal(matched(np.zeros(24_000, np.float32), 24_000), np.zeros(24_000, np.float32))


def test_sources_are_made_from_the_genres_name_alone(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[Piece] = []
    play = Generator.codes
    monkeypatch.setattr(Generator, "codes", lambda s, group, n: (played.extend(group), play(s, group, n))[1])
    stage = setup.stage
    heard = stage.sources("b")
    assert stage.sources("b") is heard
    assert heard.codes.shape[-1] == stage.prompt_frames
    assert {(p.prompt, tuple(p.blend.offsets), p.prompt_codes is None) for p in played} == {("b music", (), True)}
    assert len({p.seed for p in played}) == stage.samples
    stage.sources("a")
    assert len({p.seed for p in played}) == 2 * stage.samples


@pytest.mark.usefixtures("no_doubles_off_the_processor")
def test_playing_needs_no_doubles_where_the_model_is(setup: Setup) -> None:
    assert setup.stage.hear("x", pieces(1), FRAMES).nats.dtype == np.float64


def test_of_a_silent_piece_nothing_is_heard(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that is sure of silence, as a classifier of nothing but zeros is."""
    play = setup.stage._sound
    sounds = iter([True, False])
    monkeypatch.setattr(setup.stage, "_sound", lambda codes, n: play(codes, n) * (0 if next(sounds) else 1))
    sure = np.array([[0.9, 0.1]] * 2)
    monkeypatch.setattr(setup.judge, "judge", lambda *_: Verdicts(sure, np.zeros((2, 3))))
    heard = setup.stage.hear("x", pieces(2), FRAMES)
    assert heard.faults[:, FAULTS.index("silent")].tolist() == [1, 0]
    np.testing.assert_allclose(heard.shares, [[0.5, 0.5], [0.9, 0.1]])


def test_the_corpus_is_the_reference(setup: Setup) -> None:
    stage = setup.stage
    setup.judge.corpus = {"a": np.zeros((9, 3)), "b": np.ones((8, 3)), "c": np.ones((7, 3))}
    assert {genre: places.shape for genre, places in stage.reference.items()} == {"a": (9, 3), "b": (8, 3)}
    assert stage.reference_name == "the corpus that the ear learnt from"


def test_a_knob_that_the_judge_has_no_word_for_needs_no_corpus(setup: Setup) -> None:
    setup.judge.labels = ("a", "polka")
    setup.judge.corpus = {"a": np.zeros((9, 3))}
    assert list(setup.stage.reference) == ["a"]
    assert setup.stage.reference_name == "the corpus that the ear learnt from"


def test_without_a_corpus_other_music_from_text_is_the_reference(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the sources, which are what is continued: a yardstick must not be measured by itself."""
    played: list[Piece] = []
    play = Generator.codes
    monkeypatch.setattr(Generator, "codes", lambda s, group, n: (played.extend(group), play(s, group, n))[1])
    stage = setup.stage
    stage.sources("a"), stage.sources("b")
    sources = {piece.seed for piece in played}
    played.clear()
    assert stage.reference["a"].shape == (3, 3)
    assert {piece.prompt for piece in played} == {"a music", "b music"}
    assert len({piece.seed for piece in played}) == 6
    assert not {piece.seed for piece in played} & sources
    assert "other pieces that the unsteered model made" in stage.reference_name
    count = len(played)
    assert stage.reference["b"].shape == (3, 3)
    assert len(played) == count, "it is looked up once"


def test_a_genres_own_music_is_as_long_as_what_is_held_against_it(setup: Setup) -> None:
    own = setup.stage.own("a")
    assert own.codes.shape == (3, 4, setup.stage.new_frames)
    plain = continued(setup.stage.sources("a"), [UNSTEERED] * 3, 0)
    np.testing.assert_array_equal(own.codes, setup.stage.hear("x", plain).codes)
    assert setup.stage.own("a") is own


def test_sources_and_continuations_fit_the_window(setup: Setup) -> None:
    stage = setup.stage
    assert stage.prompt_frames + stage.new_frames + 4 <= stage.instrument.window_frames
