"""Takes, lanes and settings while an instrument plays: what goes to the device, and what the status says of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine.audio.devices import OutputDevice, Render
from engine.audio.output import Output
from engine.automation import Automation, Lanes
from engine.control import ControlState
from engine.errors import AudioFileError, TakeError
from engine.instrument import Instrument
from engine.recorder import TakeSettings
from engine.session import Session
from engine.steering.pack import ProbePack
from engine.takes.take import Take
from engine.takes.writer import TakeEvent

TIMEOUT_S = 30.0
RATE_HZ = 24_000
BLOCK = 240
FADE = 2 * 480 + 120  # samples around a change that a ramp may have touched


class Tape:
    """A device that a thread pulls as fast as there is sound, so that it never starves, and that keeps what it was given."""

    def __init__(self, render: Render) -> None:
        self._render, self.active = render, True
        self.blocks: list[NDArray[np.float32]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self.active:
            output = TapeDeck.output
            if output is not None and output._playing and output.buffered_samples < 3 * BLOCK:
                time.sleep(0.001)
                continue
            block = np.empty((BLOCK, 1), np.float32)
            self._render(block)
            self.blocks.append(block)
            time.sleep(0.002)

    def close(self) -> None:
        self.active = False
        self._thread.join()

    @property
    def sound(self) -> NDArray[np.float32]:
        return np.concatenate(self.blocks)[:, 0]


class TapeDeck:
    """A sound system with one mono output at the model's rate."""

    tape: Tape
    output: Output | None = None

    def rescan(self) -> None:
        pass

    def outputs(self) -> tuple[OutputDevice, ...]:
        return (OutputDevice("tape", 0, 1, RATE_HZ, True),)

    def open(self, device: OutputDevice, channels: int, render: Render) -> Tape:
        TapeDeck.tape = Tape(render)
        return TapeDeck.tape


@pytest.fixture
def told() -> list[TakeEvent]:
    return []


@pytest.fixture
def session(
    tiny_instrument: Instrument,
    tiny_pack: ProbePack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    told: list[TakeEvent],
) -> Iterator[Session]:
    monkeypatch.setattr("engine.audio.output.PortAudio", TapeDeck)
    session = Session(
        tiny_instrument, tiny_pack, TakeSettings(tmp_path / "takes", retro_s=5.0), 200.0, lambda _: None, told.append
    )
    TapeDeck.output = session.output
    session.open()
    yield session
    TapeDeck.output = None
    session.close()


def play(session: Session, until: Callable[[], bool], control: ControlState | None = None) -> None:
    """Let music or take go on until something has happened."""
    deadline = time.monotonic() + TIMEOUT_S
    while not until():
        assert time.monotonic() < deadline
        busy = session.turn_take() if session.playback is not None else session.turn(control or ControlState())
        if not busy:
            time.sleep(0.001)


def tone(path: Path, hz: float = 440.0, seconds: float = 1.5, rate_hz: int = RATE_HZ, channels: int = 1) -> Path:
    wave = 0.25 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)
    soundfile.write(path, np.repeat(wave[:, None], channels, axis=1), rate_hz, subtype="FLOAT")
    return path


def loudest_hz(sound: NDArray[np.float32]) -> float:
    return float(np.abs(np.fft.rfft(sound * np.hanning(len(sound)))).argmax() * RATE_HZ / len(sound))


def test_the_music_goes_on_at_the_sample_where_a_take_interrupted_it(session: Session, tmp_path: Path) -> None:
    clean: list[NDArray[np.float32]] = []
    push = session.waveform.push
    session.waveform.push = lambda block: (clean.append(block.copy()), push(block))  # type: ignore[method-assign, func-returns-value]
    session.start(3, ControlState())
    play(session, lambda: session.heard_samples > RATE_HZ // 2)
    session.play_take(tone(tmp_path / "tone.wav"), 0.5, 0.0)
    stood_at, mark = session.heard_samples, len(session_tape().blocks)
    play(session, lambda: session.playback is None)
    assert session.heard_samples == stood_at, "the music's clock stands while a take is heard"
    silence_at = len(session_tape().blocks)
    session.resume()
    play(session, lambda: session.heard_samples > stood_at + RATE_HZ // 2)

    if session.output.underruns:
        pytest.skip("this machine is too busy to play without gaps, and a gap moves what follows")
    music, sound = np.concatenate(clean)[:, 0], session_tape().sound
    take = sound[mark * BLOCK : silence_at * BLOCK]
    heard = np.flatnonzero(np.abs(take) > 0.01)
    assert (heard[-1] - heard[0]) / RATE_HZ == pytest.approx(1.0, abs=0.05), "from half a second on, to its end"
    assert loudest_hz(take[heard[0] + FADE : heard[0] + FADE + RATE_HZ // 2]) == pytest.approx(440, abs=3)
    before = sound[: mark * BLOCK - FADE]
    first = int(np.flatnonzero(before)[0])
    assert_within(before[first + FADE :], music)
    after = sound[silence_at * BLOCK :]
    resumed = int(np.flatnonzero(after)[0])
    part = after[resumed + FADE : resumed + FADE + RATE_HZ // 4]
    at = assert_within(part, music)
    assert abs(at - FADE - stood_at) <= BLOCK, "and at the very place"


def session_tape() -> Tape:
    return TapeDeck.tape


def assert_within(part: NDArray[np.float32], whole: NDArray[np.float32]) -> int:
    """``part`` is a stretch of ``whole``; returns where it begins."""
    windows = np.lib.stride_tricks.sliding_window_view(whole, 64)
    at = int(np.abs(windows - part[:64]).sum(1).argmin())
    np.testing.assert_allclose(part, whole[at : at + len(part)], atol=1e-6)
    return at


@pytest.mark.parametrize(("rate_hz", "channels"), [(44_100, 2), (16_000, 1), (48_000, 6)])
def test_any_sound_file_is_heard_at_its_own_pitch_and_length(
    session: Session, tmp_path: Path, rate_hz: int, channels: int
) -> None:
    session.output.wait_until_tried()
    session.play_take(tone(tmp_path / "t.wav", 1000.0, 1.0, rate_hz, channels), 0.0, -6.0206)
    play(session, lambda: session.playback is None)
    sound = session_tape().sound
    heard = np.flatnonzero(np.abs(sound) > 0.01)
    assert (heard[-1] - heard[0]) / RATE_HZ == pytest.approx(1.0, abs=0.03)
    middle = sound[heard[0] + FADE : heard[-1] - FADE]
    assert loudest_hz(middle) == pytest.approx(1000, abs=3)
    assert np.abs(middle).max() == pytest.approx(0.125, rel=0.02), "its own gain"


def test_a_short_sound_is_heard_whole(session: Session, tmp_path: Path) -> None:
    session.output.wait_until_tried()
    session.play_take(tone(tmp_path / "t.wav", 440.0, 0.05), 0.0, 0.0)
    play(session, lambda: session.playback is None)
    assert np.count_nonzero(session_tape().sound) >= 0.045 * RATE_HZ


@pytest.mark.parametrize("rate_hz", [RATE_HZ, 22050])
@pytest.mark.parametrize("kept", [0.2, 0.05])
def test_a_damaged_sound_ends_where_it_breaks_off(session: Session, tmp_path: Path, rate_hz: int, kept: float) -> None:
    session.output.wait_until_tried()
    path = tmp_path / "t.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 5 * rate_hz), rate_hz)
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    session.play_take(path, 0.0, 0.0)
    playback = session.playback
    assert playback is not None
    play(session, lambda: session.playback is None)
    assert playback.place_s(session.output) < 5 * kept + 0.1


def test_seeking_says_the_place(session: Session, tmp_path: Path) -> None:
    session.output.wait_until_tried()
    path = tone(tmp_path / "t.wav", seconds=60.0)
    session.play_take(path, 10.0, 0.0)
    assert session.playback is not None
    assert session.playback.place_s(session.output) == pytest.approx(10.0, abs=0.01)
    play(session, lambda: session.playback.place_s(session.output) > 10.2)  # type: ignore[union-attr]
    session.play_take(path, 59.9, 0.0)
    play(session, lambda: session.playback is None)
    session.play_take(path, 1e6, 0.0)
    play(session, lambda: session.playback is None)


def test_what_cannot_be_heard_leaves_the_music_alone(session: Session, tmp_path: Path) -> None:
    session.start(3, ControlState())
    play(session, lambda: session.heard_samples > 0)
    (tmp_path / "t.wav").write_text("words")
    (tmp_path / "t.raw").write_bytes(bytes(1000))
    for path in (tmp_path / "t.wav", tmp_path / "t.raw", tmp_path / "gone.wav", tmp_path):
        with pytest.raises(AudioFileError):
            session.play_take(path, 0.0, 0.0)
    heard = session.heard_samples
    play(session, lambda: session.heard_samples > heard + RATE_HZ // 4)


def test_a_new_beginning_ends_the_take(session: Session, tmp_path: Path) -> None:
    session.output.wait_until_tried()
    session.play_take(tone(tmp_path / "t.wav", seconds=60.0), 0.0, 0.0)
    session.start(3, ControlState())
    assert session.playback is None
    play(session, lambda: session.heard_samples > RATE_HZ // 4)
    assert session.heard_samples < RATE_HZ, "counted from the new beginning"


def test_takes_follow_the_settings(session: Session, tmp_path: Path, told: list[TakeEvent]) -> None:
    session.start(3, ControlState())
    play(session, lambda: session.frame > 50)
    session.recorder.configure(TakeSettings(tmp_path / "elsewhere", "flac", 0.5))
    play(session, lambda: session.frame > 60)
    session.keep_last("kept")
    play(session, lambda: any(event.take for event in told))
    take: Take = next(event.take for event in told if event.take)
    assert take.path.parent == tmp_path / "elsewhere"
    assert take.path.suffix == ".flac"
    assert take.seconds == pytest.approx(0.5, abs=0.03), "the past that was held has been cut to the new length"


@pytest.mark.parametrize("leave", [Session.give_up, lambda session: session.use_pack(None)])
def test_what_was_made_can_be_kept_when_the_performance_is_over(
    session: Session, told: list[TakeEvent], leave: Callable[[Session], None]
) -> None:
    """After a failure, or for another pack."""
    session.start(3, ControlState())
    play(session, lambda: session.frame > 50)
    assert session.pack is not None
    pack = session.pack
    leave(session)
    assert not session.recorder.begun
    with pytest.raises(TakeError, match="press play first"):
        session.record("more")
    session.keep_last("kept")
    session.recorder.close({})
    take: Take = next(event.take for event in told if event.take)
    assert take.score.origin.pack_sha256 == pack.digest, "the one that it was played with"
    assert set(take.heard) == set(pack.genres)
    session.start(4, ControlState())
    with pytest.raises(TakeError, match="nothing to keep yet"):
        session.keep_last("old")


def test_lanes_are_in_the_score(session: Session, tmp_path: Path, told: list[TakeEvent]) -> None:
    automation = Automation.from_json({"lanes": {"jazz": [[0, 0], [0.4, 1]]}})
    lanes = Lanes(automation, 0.4, 0, session.instrument.frame_rate_hz)
    base = ControlState(blend=(("rock", 0.25),))
    session.start(3, lanes.at(base, 0))
    session.record("moved")
    deadline = time.monotonic() + TIMEOUT_S
    while session.frame < 45:
        assert time.monotonic() < deadline
        if not session.turn(lanes.at(base, session.frame)):
            time.sleep(0.001)
    session.end_take()
    play(session, lambda: any(event.take for event in told), session.control)
    score = next(event.take for event in told if event.take).score
    knobs = [dict(score.state_at(frame)["blend"]).get("jazz", 0.0) for frame in range(score.end_frame)]
    assert len(knobs) > 30
    np.testing.assert_allclose(knobs, [frame % 20 / 20 for frame in range(score.end_frame)], atol=1e-9)
    assert dict(score.state_at(30)["blend"])["rock"] == 0.25
