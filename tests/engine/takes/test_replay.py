"""A replay is compared with its take token by token, whatever blocks it comes in."""

import errno
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from invented_performance import HOP, Tune

from engine.errors import TakeError
from engine.takes.history import History
from engine.takes.library import verify_take
from engine.takes.passage import Passage
from engine.takes.replay import keep_replay, replay_take
from engine.takes.score import Score
from engine.takes.take import Take, load_take
from engine.takes.wav import WavWriter
from engine.takes.writer import TakeWriter

LAG = 200


def lagging(tune: Tune, stop: int, frames: int) -> Iterator[Passage]:
    """Sound that comes a little after its codes, as a streaming codec gives it."""
    for frame in range(0, stop, frames):
        sound_start, sound_stop = max(frame * HOP - LAG, 0), (frame + frames) * HOP - LAG
        yield Passage(frame, tune.codes(frame, frame + frames), sound_start, tune.samples(sound_start, sound_stop))


@pytest.fixture
def take(tmp_path: Path, history: History, tune: Tune) -> Take:
    writer = TakeWriter(tmp_path, "jam", history)
    for passage in lagging(tune, 60, 2):
        if passage.frame >= 20:
            writer.offer(passage)
    writer.finish()
    take = writer.wait(30)
    assert take is not None
    return take


@pytest.mark.parametrize("frames", [1, 3, 64])
def test_the_same_tokens_are_identical(take: Take, tune: Tune, tmp_path: Path, frames: int) -> None:
    replay = replay_take(take, lambda score: lagging(tune, 10**6, frames), tmp_path / "again.wav")
    assert replay.identical
    assert replay.frames == 40
    assert replay.codes_sha256 == take.score.codes_sha256
    again, first = (soundfile.read(path, dtype="int32")[0] for path in (tmp_path / "again.wav", take.path))
    np.testing.assert_array_equal(again, first)


def test_one_other_token_is_not_identical(take: Take, tune: Tune) -> None:
    def render(_score: Score) -> Iterator[Passage]:
        for passage in tune.passages(0, 60):
            if passage.frame == 41:
                passage.codes[2, 0] ^= 1
            yield passage

    replay = replay_take(take, render)
    assert not replay.identical
    assert replay.frames == 40
    assert replay.path is None


def test_a_render_that_ends_early_is_not_identical(take: Take, tune: Tune) -> None:
    replay = replay_take(take, lambda score: tune.passages(0, 59))
    assert not replay.identical
    assert replay.frames == 39


def test_renders_from_frame_0_with_the_takes_score(take: Take, tune: Tune) -> None:
    seen: list[Score] = []

    def render(score: Score) -> Iterator[Passage]:
        seen.append(score)
        return tune.passages(0, score.end_frame)

    assert replay_take(take, render).identical
    assert seen == [take.score]


def test_kept_as_a_take_of_its_own(take: Take, tune: Tune, tmp_path: Path) -> None:
    elsewhere = replace(take.score, origin=replace(take.score.origin, device="cuda"))
    kept, replay = keep_replay(
        replace(take, star=True, interrupted="cut off"),
        elsewhere,
        tmp_path / "again.wav",
        lambda score: lagging(tune, 10**6, 2),
        lambda: {"jazz": 1.0},
        lambda identical: f"identical: {identical}",
    )
    assert replay.identical
    assert load_take(kept.score_path) == kept
    assert verify_take(kept) == []
    assert (kept.measurement, kept.score) == (take.measurement, elsewhere)
    assert (kept.title, kept.heard, kept.notes) == ("again", {"jazz": 1.0}, "identical: True")
    assert (kept.star, kept.interrupted) == (False, "")


def test_a_replay_that_is_stopped_or_named_like_a_take_leaves_nothing(take: Take, tune: Tune, tmp_path: Path) -> None:
    def stopped(_score: Score) -> Iterator[Passage]:
        yield from tune.passages(0, 30)
        raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        keep_replay(take, take.score, tmp_path / "again.wav", stopped, dict, str)
    with pytest.raises(TakeError, match="exists a take jam-1"):
        keep_replay(take, take.score, tmp_path / "jam-1.flac", stopped, dict, str)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(("name", "complaint"), [("jam-1.wav", "exists"), ("x.ogg", "neither"), ("no/x.wav", "folder")])
def test_unusable_output_is_said_before_rendering(take: Take, tmp_path: Path, name: str, complaint: str) -> None:
    def never(_score: Score) -> Iterator[Passage]:
        raise AssertionError("rendered for nothing")

    before = take.path.read_bytes()
    with pytest.raises(TakeError, match=complaint):
        replay_take(take, never, tmp_path / name)
    assert take.path.read_bytes() == before


def test_what_a_render_fails_with_is_not_blamed_on_the_file(take: Take, tune: Tune, tmp_path: Path) -> None:
    def failing(_score: Score) -> Iterator[Passage]:
        yield from tune.passages(0, 30)
        raise OSError("the card went away")

    for path in (None, tmp_path / "again.wav"):
        with pytest.raises(OSError, match=r"^the card went away$"):
            replay_take(take, failing, path)


def test_a_full_disk_is_said_of_the_file(
    take: Take, tune: Tune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left")

    monkeypatch.setattr(WavWriter, "write", full)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(TakeError, match=r"again.wav cannot be written .*No space left"):
        keep_replay(take, take.score, tmp_path / "again.wav", lambda _: tune.passages(0, 60), dict, str)
    assert sorted(tmp_path.iterdir()) == before


def test_a_name_that_is_too_long_is_said(take: Take, tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="cannot be written"):
        keep_replay(take, take.score, tmp_path / ("x" * 300 + ".wav"), lambda _: [], dict, str)
