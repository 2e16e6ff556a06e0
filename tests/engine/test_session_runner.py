"""The engine from its facade, as a window uses it: a clock plays in silence, commands go in, events come out."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import soundfile
import torch

from engine.automation import Automation
from engine.commands import takes
from engine.control import ControlState
from engine.engine import Engine
from engine.errors import AudioFileError, ControlError, PackError, TakeError
from engine.instrument import PACK_NAME, Instrument
from engine.messages import (
    AudioPrompt,
    Automate,
    ClearClip,
    Command,
    Event,
    Failure,
    KeepLast,
    LoadFailed,
    LoadModel,
    LoadPack,
    ModelLoaded,
    Notice,
    PackLoaded,
    Play,
    Record,
    SelectOutput,
    SetVolume,
    Stop,
    StopRecording,
    TakeFinished,
)
from engine.model.codec_thread import CodecThread
from engine.performance import Performance
from engine.recorder import TakeSettings
from engine.session import Session
from engine.status import State, Status
from engine.steering.pack import ProbePack
from engine.takes.library import verify_take
from engine.takes.take import Take, load_take, save_take

TIMEOUT_S = 60.0
JAZZ = ControlState(blend=(("jazz", 0.6),))

Kind = TypeVar("Kind", bound=Event)

pytestmark = pytest.mark.usefixtures("silence", "on_the_cpu")


class Host:
    """What a window does: it sends, polls, and keeps what it was told."""

    def __init__(self, folder: Path) -> None:
        self.engine = Engine(takes_folder=str(folder), buffer_ms=200.0, retro_seconds=60.0)
        self.told: list[Event] = []

    def poll(self) -> Status:
        self.told += self.engine.events()
        return self.engine.status

    def wait(self, until: Callable[[Status], bool], what: str) -> Status:
        deadline = time.monotonic() + TIMEOUT_S
        while not until(status := self.poll()):
            assert time.monotonic() < deadline, f"never: {what}; {status}; {self.told}"
            time.sleep(0.005)
        return status

    def wait_for(self, kind: type[Kind], containing: str = "") -> Kind:
        """The first event of a kind that has come since the last time one was taken."""
        found: list[Kind] = []

        def come(_: Status) -> bool:
            found[:] = [event for event in self.told if isinstance(event, kind) and containing in str(event)]
            return bool(found)

        self.wait(come, f"{kind.__name__} {containing}")
        self.told.remove(found[0])
        return found[0]

    def send(self, *commands: Command) -> None:
        for command in commands:
            self.engine.send(command)

    def load(self, model: Path) -> ModelLoaded:
        self.send(LoadModel(str(model), "fp32"))
        return self.wait_for(ModelLoaded)

    def play_on(self, frames: int = 5) -> Status:
        """Wait for frames more than there are now."""
        start = self.poll().frame
        return self.wait(lambda status: status.frame >= start + frames, f"{frames} frames more")

    def failures(self) -> list[str]:
        self.poll()
        return [event.text for event in self.told if isinstance(event, Failure)]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path / "takes")
    yield host
    host.engine.close(TIMEOUT_S)
    assert not host.engine._thread.is_alive()
    assert host.engine.status.state is State.EMPTY


@pytest.fixture(scope="module")
def model(tiny_spectral: Path, tiny_pack: ProbePack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint with a pack beside it."""
    folder = tmp_path_factory.mktemp("model") / "tiny"
    shutil.copytree(tiny_spectral, folder)
    tiny_pack.save(folder / PACK_NAME)
    return folder


def replay(take: Path, model: Path) -> Any:
    """What ``segue takes replay`` says."""
    parser = argparse.ArgumentParser()
    parser.set_defaults(json=True)
    takes.configure(parser)
    words = ["replay", str(take), "--folder", str(take.parent), "--model", str(model)]
    return takes.run(parser.parse_args(words))


def test_an_evening(host: Host, model: Path) -> None:
    """Load, play, turn a knob, record, keep, stand still, go on, start anew."""
    host.wait(lambda status: status.state is State.EMPTY, "a start")
    loaded = host.load(model)
    assert (loaded.name, loaded.layers) == ("tiny", 3)
    assert (loaded.sample_rate_hz, loaded.hop_samples) == (24_000, 480)
    assert loaded.genres == ("classical", "electronic", "jazz", "rock")
    assert (loaded.default_layers, loaded.redlines) == (((1, 1.0),), (1.0,) * 4)
    host.wait(lambda status: status.state is State.IDLE, "idle")

    host.engine.publish(JAZZ)
    host.send(Play(3))
    status = host.wait(lambda status: status.heard_frame > 10, "sound at the output")
    assert (status.state, status.seed, status.control_number) == (State.PLAYING, 3, JAZZ.number)
    assert sum(status.heard) == pytest.approx(1.0, abs=1e-5)
    assert status.realtime_factor > 0
    assert host.engine.waveform is not None

    host.send(Record("jam"))
    host.wait(lambda status: status.recording and status.recorded_s > 0.2, "a take under way")
    host.engine.publish(JAZZ.changed(blend=(("jazz", 0.2), ("rock", 0.7)), temperature=0.8))
    host.wait(lambda status: status.recorded_s > 0.6, "more of it")
    host.send(StopRecording())
    recorded = host.wait_for(TakeFinished).take
    host.wait(lambda status: not status.recording, "its end")
    host.send(KeepLast("jam"))
    kept = host.wait_for(TakeFinished).take
    assert (recorded.path.name, kept.path.name) == ("jam-1.wav", "jam-2.wav")
    assert kept.score.start_frame == 0
    assert recorded.score.start_frame > 0

    host.send(Stop())
    still = host.wait(lambda status: status.state is State.IDLE, "standing still")
    time.sleep(0.1)
    assert host.poll().frame == still.frame
    host.send(Play())
    status = host.play_on()
    assert (status.state, status.seed) == (State.PLAYING, 3)
    assert status.frame > still.frame, "it goes on from where it stood"

    host.send(Play(7))
    host.wait(lambda status: status.seed == 7, "a new beginning")
    host.play_on()
    host.send(KeepLast("encore"))
    encore = host.wait_for(TakeFinished).take
    assert (encore.path.name, encore.score.origin.seed, encore.score.start_frame) == ("encore-1.wav", 7, 0)
    host.engine.close(TIMEOUT_S)
    assert host.failures() == []
    assert len([event for event in host.told if isinstance(event, Notice)]) == 1, "that it plays in silence, once"

    for take in (recorded, kept, encore):
        assert verify_take(load_take(take.score_path)) == []
        assert replay(take.path, model)["identical"] is True
    assert recorded.score.initial["blend"] == (("jazz", 0.6),)
    assert any(change.frame >= recorded.score.start_frame for change in recorded.score.changes)


def test_what_fails_to_load_does_not_disturb_the_music(host: Host, model: Path, tmp_path: Path) -> None:
    host.load(model)
    host.send(Play(1))
    host.play_on()
    for name, complaint in ((str(tmp_path / "nowhere"), "nowhere"), (str(tmp_path), str(tmp_path))):
        host.send(LoadModel(name))
        assert "\n" not in host.wait_for(LoadFailed, complaint).text
        host.play_on()
    host.send(AudioPrompt(tmp_path / "riff.wav"))
    assert type(host.wait_for(Failure, "riff.wav does not exist")) is Failure, "that was no load"
    assert host.play_on().state is State.PLAYING
    assert host.failures() == []


def test_the_first_model_may_be_missing(host: Host, tmp_path: Path, model: Path) -> None:
    host.send(LoadModel(str(tmp_path / "nowhere")))
    host.wait_for(LoadFailed, "nowhere")
    host.wait(lambda status: status.state is State.EMPTY, "empty again")
    host.load(model)


def test_what_cannot_be_played_is_said_once_and_the_music_goes_on(host: Host, model: Path) -> None:
    host.load(model)
    host.engine.publish(JAZZ)
    host.send(Play(1))
    host.play_on()
    for number in range(5, 30):  # a knob being dragged: every state is another object
        host.engine.publish(ControlState(number=number, blend=(("polka", number / 100),)))
        host.play_on(2)
    host.play_on(20)
    assert len(host.failures()) == 1
    assert "no genre 'polka'" in host.failures()[0]

    # Even a new beginning goes on with the last state that could be played.
    host.send(Play(2))
    host.wait(lambda status: status.seed == 2 and status.frame > 10, "a new beginning")
    assert len(host.failures()) == 1

    host.engine.publish(replace(JAZZ, number=40))
    host.play_on()
    host.engine.publish(ControlState(number=41, blend=(("polka", 0.5),)))
    host.play_on()
    assert len(host.failures()) == 2, "said again when it is done again"
    host.engine.publish(ControlState(number=42, layers=((9, 1.0),)))
    host.play_on()
    assert "layer 9 does not exist" in host.failures()[2]


def test_a_start_that_cannot_be_played_leaves_the_old_music(host: Host, model: Path) -> None:
    host.load(model)
    host.send(Play(1))
    host.play_on()
    host.engine.publish(ControlState(number=2, blend=(("polka", 0.5),)))
    host.send(Play(2))
    host.wait_for(Failure, "polka")
    host.play_on(20)


def test_too_early(host: Host, model: Path) -> None:
    for command in (Play(1), Record("jam"), SetVolume(-6.0), SelectOutput(None), LoadPack(None), ClearClip()):
        host.send(command)
        host.wait_for(Failure, "no model is loaded yet")
    host.load(model)
    host.send(Record("jam"))
    host.wait_for(Failure, "press play first")
    host.send(KeepLast("jam"))
    host.wait_for(Failure, "press play first")
    host.send(StopRecording(), Stop())
    host.send(Play())
    assert host.wait(lambda status: status.frame > 5, "a first play").seed == 0
    assert host.failures() == []


def test_the_music_plays_on_while_an_audio_prompt_is_read(
    host: Host, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file and a large encoder take longer than the buffer lasts. The play that follows waits for them."""
    riff = tmp_path / "riff.wav"
    soundfile.write(riff, 0.3 * np.sin(np.arange(24_000) * 0.05), 24_000)
    encode, go_on = Instrument.encode_clip, threading.Event()

    def slow(*rest: Any) -> torch.Tensor:
        assert go_on.wait(TIMEOUT_S)
        return encode(*rest)

    monkeypatch.setattr(Instrument, "encode_clip", slow)
    host.load(model)
    host.send(Play(1))
    host.play_on()
    host.send(AudioPrompt(riff), Play(2), Record("jam"))
    assert host.play_on(40).seed == 1
    go_on.set()
    host.wait(lambda status: status.recorded_s > 0.1, "a take")
    host.send(StopRecording())
    origin = host.wait_for(TakeFinished).take.score.origin
    assert origin.seed == 2
    assert origin.audio_prompt is not None
    assert host.failures() == []


def test_of_two_models_the_last_one_asked_for_plays(
    host: Host, model: Path, tiny_spectral: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, go_on = Instrument.load, threading.Event()

    def slow(name: str, *rest: Any, **more: Any) -> Instrument:
        if name == str(tiny_spectral):
            assert go_on.wait(TIMEOUT_S)
        return load(name, *rest, **more)

    monkeypatch.setattr(Instrument, "load", slow)
    host.send(LoadModel(str(tiny_spectral)), LoadModel(str(model)))
    assert host.wait_for(ModelLoaded).name == "tiny"
    host.send(Play(1))
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == "segue-load":
            thread.join(TIMEOUT_S)
    host.play_on(10)
    assert not [event for event in host.told if isinstance(event, ModelLoaded)]
    assert host.poll().state is State.PLAYING


def test_another_model_ends_the_take_and_waits_for_play(host: Host, model: Path, tiny_stereo: Path) -> None:
    host.load(model)
    host.send(Play(1), Record("jam"))
    host.wait(lambda status: status.recorded_s > 0.1, "a take under way")
    loaded = host.load(tiny_stereo)
    assert verify_take(load_take(host.wait_for(TakeFinished).take.score_path)) == []
    assert loaded.genres == ()
    assert host.wait(lambda status: status.state is State.IDLE, "idle").heard == ()
    host.send(Play(1))
    host.play_on()


def test_another_pack(host: Host, model: Path, tiny_pack: ProbePack, tmp_path: Path) -> None:
    host.load(model)
    host.send(Play(1))
    host.play_on()
    replace(tiny_pack, model=replace(tiny_pack.model, digest="0" * 64)).save(tmp_path / "foreign")
    host.send(LoadPack(tmp_path / "foreign"))
    host.wait_for(Failure, "other weights")
    host.play_on()
    renamed = replace(tiny_pack, genres=("a", "b", "c", "d"))
    renamed.save(tmp_path / "renamed")
    host.send(LoadPack(tmp_path / "renamed"))
    assert host.wait_for(PackLoaded).genres == ("a", "b", "c", "d"), "told apart from another model's arrival"
    host.wait(lambda status: status.state is State.IDLE, "idle")
    host.engine.publish(ControlState(number=1, blend=(("c", 0.5),)))
    host.send(Play(1))
    host.play_on()
    host.send(LoadPack(None))
    assert host.wait_for(ModelLoaded).genres == tiny_pack.genres
    assert host.failures() == []


def test_what_was_heard_is_not_told_of_another_pack_or_model(
    host: Host, model: Path, tiny_pack: ProbePack, tmp_path: Path
) -> None:
    """Not even by the status that stands when the other one is told of: its genres would be given these shares."""
    replace(tiny_pack, genres=("a", "b", "c", "d")).save(tmp_path / "renamed")
    host.load(model)
    for another in (LoadPack(tmp_path / "renamed"), LoadModel(str(model))):
        host.send(Play(1))
        host.wait(lambda status: len(status.heard) == 4, "shares of genres")
        host.send(another)
        host.wait_for(ModelLoaded)
        status = host.engine.status
        assert (status.state, status.heard) == (State.IDLE, ())


def test_shutdown_leaves_whole_files(host: Host, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the disk is slow, and for takes that the writer was about to complete."""

    def slow(take: Take) -> None:
        time.sleep(0.5)
        save_take(take)

    monkeypatch.setattr("engine.takes.writer.save_take", slow)
    host.load(model)
    host.send(Play(1), Record("jam"))
    host.wait(lambda status: status.recorded_s > 0.2, "a take under way")
    host.send(KeepLast("kept"))
    host.engine.close(TIMEOUT_S)
    host.engine.close(TIMEOUT_S)
    folder = tmp_path / "takes"
    assert sorted(path.name for path in folder.iterdir()) == [
        "jam-1.segue.json",
        "jam-1.wav",
        "kept-1.segue.json",
        "kept-1.wav",
    ]
    for name in ("jam-1", "kept-1"):
        take = load_take(folder / f"{name}.segue.json")
        assert verify_take(take) == []
        assert soundfile.info(take.path).frames == take.samples > 0


def test_a_failure_of_ours_stops_the_music_and_not_the_engine(
    host: Host, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.load(model)
    host.send(Play(1))
    host.play_on()
    with monkeypatch.context() as broken:
        broken.setattr(Performance, "advance", lambda *_: 1 / 0)
        host.wait_for(Failure, "failure of ours")
    assert host.wait(lambda status: status.state is State.IDLE, "idle")
    host.send(Play(2))
    host.play_on()
    with monkeypatch.context() as broken:
        broken.setattr(Session, "record", lambda *_: 1 / 0)
        host.send(Record("jam"))
        host.wait_for(Failure, "failure of ours")
    host.play_on()


def test_a_codec_that_failed_once_leaves_sound_and_tokens_together(
    host: Host, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was recorded until then is whole; the next play begins anew with the same seed, and replays to the token."""
    host.load(model)
    host.send(Play(7))
    host.play_on()
    host.send(Record("before"))
    host.play_on(40)
    with monkeypatch.context() as broken:
        broken.setattr(CodecThread, "_decode", lambda *_: 1 / 0)
        host.wait_for(Failure, "failure of ours")
    before = host.wait_for(TakeFinished).take
    host.send(Play(None))
    status = host.play_on(10)
    assert status.seed == 7
    host.send(Record("after"))
    host.play_on(60)
    host.send(StopRecording())
    after = host.wait_for(TakeFinished).take
    for take in (before, after):
        assert verify_take(take) == []
        assert replay(take.path, model)["identical"] is True


def test_a_model_that_cannot_be_opened_leaves_the_music(
    host: Host, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.load(model)
    host.send(Play(3))
    host.play_on()
    with monkeypatch.context() as broken:
        broken.setattr(Session, "__init__", lambda *_, **__: 1 / 0)
        host.send(LoadModel(str(model)))
        host.wait_for(LoadFailed, "failure of ours")
    assert host.play_on(20).seed == 3
    host.load(model)


def test_a_model_with_another_pack_is_opened_once(
    host: Host, model: Path, tiny_pack: ProbePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, made = tmp_path / "renamed.safetensors", []
    replace(tiny_pack, genres=("a", "b", "c", "d")).save(other)
    start = Performance.__init__
    monkeypatch.setattr(Performance, "__init__", lambda *rest: (made.append(1), start(*rest))[1])
    host.send(LoadModel(str(model), "fp32", other))
    loaded = host.wait_for(ModelLoaded)
    assert (loaded.genres, loaded.pack, len(made)) == (("a", "b", "c", "d"), other, 1)


def test_stop_and_the_end_do_not_wait_for_an_audio_prompt(
    host: Host, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(*_: Any) -> torch.Tensor:
        go_on.wait(TIMEOUT_S)
        raise AudioFileError("too late")

    monkeypatch.setattr(Instrument, "encode_clip", slow)
    host.load(model)
    host.send(Play(1))
    host.play_on()
    host.send(AudioPrompt(tmp_path / "riff.wav"), Play(2), Stop())
    host.wait(lambda status: status.state is State.IDLE, "standing still")
    host.engine.close(TIMEOUT_S)
    assert not host.engine._thread.is_alive()
    go_on.set()


def test_a_state_that_was_never_played_is_not_gone_back_to(
    host: Host, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first frame is made under the state of the start, not under one that is asked for before it, and unplayable."""
    start = Session.start

    def hasty(session: Session, seed: int, control: ControlState) -> None:
        start(session, seed, control)
        host.engine.publish(ControlState(number=5, blend=(("polka", 0.5),)))

    monkeypatch.setattr(Session, "start", hasty)
    host.load(model)
    host.engine.publish(JAZZ)
    host.send(Play(1))
    host.wait_for(Failure, "polka")
    assert host.play_on(20).control is JAZZ


def test_a_refused_start_does_not_move_the_lanes(host: Host, model: Path) -> None:
    host.load(model)
    host.engine.publish(JAZZ)
    host.send(Play(1), Automate(Automation({"strength": ((0.0, 0.0), (1000.0, 1.0))})))
    place = host.wait(lambda status: (status.automation_s or 0.0) > 0.3, "lanes").automation_s
    host.engine.publish(replace(JAZZ, number=5, blend=(("polka", 0.5),)))
    host.send(Play(2))
    host.wait_for(Failure, "polka")
    status = host.play_on(10)
    assert status.automation_s is not None
    assert place is not None
    assert status.automation_s > place
    host.engine.publish(JAZZ)
    host.send(Play(2))
    status = host.wait(lambda status: status.seed == 2 and status.frame > 2, "a new beginning")
    assert status.automation_s == pytest.approx(status.frame / 50, abs=0.05)


def test_trouble_that_lasts_is_told_now_and_then(host: Host, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = Session.turn

    def troubled(session: Session, control: ControlState) -> bool:
        session.trouble = True
        return turn(session, control)

    monkeypatch.setattr(Session, "turn", troubled)
    host.load(model)
    host.send(Play(1))
    host.wait_for(Notice, "steering rests")
    host.play_on(20)
    assert not [event for event in host.told if isinstance(event, Notice) and "steering" in event.text]


def test_an_engine_that_cannot_start_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "engine.runner", None)
    host = Host(tmp_path)
    host.wait_for(LoadFailed, "did not start")
    host.engine.close(TIMEOUT_S)


def test_an_engine_that_ended_badly_did_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runner.Runner.run", lambda _: 1 / 0)
    host = Host(tmp_path)
    assert type(host.wait_for(Failure, "ended badly")) is Failure
    host.engine.close(TIMEOUT_S)


def test_the_facade_loads_no_torch() -> None:
    code = "import sys, engine.engine, engine.messages, engine.status; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


@pytest.fixture
def session(tiny_instrument: Instrument, tiny_pack: ProbePack, tmp_path: Path) -> Iterator[Session]:
    """Turned by the test itself."""
    session = Session(
        tiny_instrument, tiny_pack, TakeSettings(tmp_path, retro_s=5.0), 200.0, lambda _: None, lambda _: None
    )
    session.open()
    yield session
    session.close()


def turn(session: Session, control: ControlState, frames: int) -> None:
    """Make so many frames more."""
    end, deadline = session.frame + frames, time.monotonic() + TIMEOUT_S
    while session.frame < end:
        assert time.monotonic() < deadline
        if not session.turn(control):
            time.sleep(0.002)


def test_a_take_from_an_audio_prompt_under_words_replays(session: Session, model: Path, tmp_path: Path) -> None:
    """The words are changed before the first frame: a replay cannot know two states for it."""
    riff = tmp_path / "riff.wav"
    soundfile.write(riff, 0.3 * np.sin(np.arange(20_000) * 0.05), 16_000)
    session.set_prompt(AudioPrompt(riff, 0.25, 0.9))
    session.start(5, ControlState(prompt="slow jazz"))
    session.record("jam")
    writer = session.recorder.recording
    assert writer is not None
    turn(session, JAZZ.changed(prompt="hard rock with guitars", temperature=1.2), 30)
    session.end_take()
    take = writer.wait(TIMEOUT_S)
    assert take is not None
    assert [change.frame for change in take.score.changes] == [1]
    assert take.score.prompts == ("slow jazz", "hard rock with guitars")
    assert replay(take.path, model)["identical"] is True


def test_a_refused_start_goes_on_to_the_token(session: Session) -> None:
    session.start(5, JAZZ)
    session.record("jam")
    writer = session.recorder.recording
    assert writer is not None
    turn(session, JAZZ, 10)
    for bad, error in (
        (ControlState(blend=(("polka", 1.0),)), PackError),
        (ControlState(layers=((7, 1.0),)), ControlError),
    ):
        with pytest.raises(error):
            session.start(6, bad)
    assert session.recorder.recording is writer
    turn(session, JAZZ, 10)
    assert session.frame == 20
    session.end_take()
    take = writer.wait(TIMEOUT_S)
    assert take is not None
    assert take.score.changes == ()


def test_an_accident_is_told_and_the_music_goes_on(session: Session) -> None:
    session.start(5, JAZZ)
    turn(session, JAZZ, 10)
    assert session.trouble is False
    session._performance._steerer._offsets[1].fill_(torch.nan)
    turn(session, JAZZ, 10)
    assert session.trouble is True
    session.trouble = False
    session.start(6, replace(JAZZ))
    turn(session, session.control or JAZZ, 20)
    assert session.trouble is False


def test_another_pack_fades_the_old_music_out(session: Session, tiny_pack: ProbePack) -> None:
    """Else the output would run dry: a click, and a dropout in the count."""
    session.start(5, JAZZ)
    turn(session, JAZZ, 20)
    assert len(session.heard) == 4
    session.use_pack(tiny_pack)
    assert session.started is False
    assert session.heard == (), "it was the other pack that heard"
    deadline = time.monotonic() + TIMEOUT_S
    while not session.output.silent:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_bad_audio_prompt_leaves_the_old_one(session: Session, tmp_path: Path) -> None:
    riff = tmp_path / "riff.wav"
    soundfile.write(riff, 0.3 * np.sin(np.arange(24_000) * 0.05), 24_000)
    session.set_prompt(AudioPrompt(riff, 0.0, 0.5))
    (tmp_path / "notes.wav").write_text("do re mi", encoding="utf-8")
    for path, start_s in (
        (tmp_path / "notes.wav", 0.0),
        (tmp_path / "gone.wav", 0.0),
        (riff, 5.0),
        (riff, float("nan")),
    ):
        with pytest.raises(Exception, match=path.name):
            session.set_prompt(AudioPrompt(path, start_s))
    session.start(5, JAZZ)
    session.record("jam")
    writer = session.recorder.recording
    turn(session, JAZZ, 5)
    session.end_take()
    take = writer.wait(TIMEOUT_S) if writer is not None else None
    assert take is not None
    assert take.score.origin.audio_prompt is not None
    assert take.score.origin.audio_prompt.path == str(riff.resolve())


def test_it_falls_silent_before_it_waits_for_takes(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ring would run dry meanwhile: a click, at the end of all."""
    close, seen = session.recorder.close, []

    def slow(heard: dict[str, float]) -> None:
        deadline = time.monotonic() + 1.0
        while not session.output.silent and time.monotonic() < deadline:
            time.sleep(0.005)
        seen.append((session.output.silent, session.output.underruns - before))
        close(heard)

    session.start(5, JAZZ)
    turn(session, JAZZ, 20)
    before = session.output.underruns
    monkeypatch.setattr(session.recorder, "close", slow)
    session.close()
    assert seen == [(True, 0)]


def test_a_gap_is_one_dropout_of_the_performance_in_which_it_was_heard(session: Session) -> None:
    session.start(5, JAZZ)
    turn(session, JAZZ, 25)
    deadline = time.monotonic() + TIMEOUT_S
    while not session.output.starving:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    place = session.heard_samples
    while session.output.starving or not session.underruns:
        assert time.monotonic() < deadline
        session.turn(JAZZ)
        time.sleep(0.002)
    history = session.recorder._history
    assert history is not None
    assert session.underruns == 1
    assert [gap.sample for gap in history.dropouts] == [place]
    assert history.dropouts[0].missing_samples > 0
    while not session.output.starving:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    session.start(6, JAZZ)
    turn(session, JAZZ, 20)
    assert session.underruns == 0
    assert session.recorder._history is not None
    assert session.recorder._history.dropouts == []


def test_what_no_score_could_hold_is_refused_before_it_is_recorded(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.start(5, JAZZ)
    for number, strength in enumerate((0.5, 0.6, 0.7), 1):
        turn(session, replace(JAZZ, number=number, strength=strength), 2)
    monkeypatch.setattr("engine.takes.history.LARGEST_BYTES", 50)
    for record in (session.record, session.keep_last):
        with pytest.raises(TakeError, match="press play for a new performance"):
            record("jam")
    session.start(6, JAZZ)
    session.record("jam")


def test_nothing_can_be_recorded_before_play(session: Session) -> None:
    for record in (session.record, session.keep_last):
        with pytest.raises(TakeError, match="press play first"):
            record("jam")
