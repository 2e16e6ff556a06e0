"""The bridge publishes at once and passes on what the engine tells; the performer turns keys into commands."""

from __future__ import annotations

from dataclasses import fields

import pytest
from pytestqt.qtbot import QtBot

from engine.control import ControlState
from engine.messages import (
    Command,
    Event,
    Failure,
    KeepLast,
    LoadFailed,
    LoadModel,
    ModelLoaded,
    Notice,
    PackLoaded,
    Play,
    Record,
    SelectOutput,
    SetVolume,
    Stop,
    StopRecording,
)
from engine.status import State, Status
from gui.bridge import EngineBridge
from gui.control_model import ControlModel
from gui.play.performer import Performer


class RecordedEngine:
    """Takes down what it is told, and tells what a test puts in."""

    def __init__(self) -> None:
        self.controls: list[ControlState] = []
        self.commands: list[Command] = []
        self.waiting: list[Event] = []
        self.status = Status()
        self.waveform = None
        self.closed = 0

    def publish(self, control: ControlState) -> None:
        self.controls.append(control)

    def send(self, command: Command) -> None:
        self.commands.append(command)

    def events(self) -> list[Event]:
        waiting, self.waiting = self.waiting, []
        return waiting

    def close(self) -> None:
        self.closed += 1


class Rig:
    """Engine, bridge, controls and performer, polled by hand."""

    def __init__(self) -> None:
        self.engine, self.controls = RecordedEngine(), ControlModel()
        self.bridge = EngineBridge(self.engine, self.controls)  # type: ignore[arg-type]
        self.bridge._timer.stop()
        self.performer = Performer(self.bridge, self.controls, "jam")
        self.bridge.load_failed.connect(
            self.performer.give_up_waiting
        )  # as the window does where there is no other model

    def tell(self, *events: Event, **status: object) -> None:
        self.engine.waiting += events
        self.engine.status = Status(**status)  # type: ignore[arg-type]
        self.bridge.poll()

    def sent(self) -> list[Command]:
        sent, self.engine.commands = self.engine.commands, []
        return sent


@pytest.fixture
def rig(qapp: object) -> Rig:
    return Rig()


@pytest.fixture
def ready(rig: Rig, loaded: ModelLoaded) -> Rig:
    rig.tell(loaded, state=State.IDLE)
    rig.sent()
    return rig


def test_a_knob_reaches_the_engine_in_the_same_call(ready: Rig) -> None:
    ready.controls.turn_knob("jazz", 0.5)
    assert ready.engine.controls[-1] is ready.controls.state
    assert ready.engine.controls[-1].blend == (("jazz", 0.5),)


def test_events_become_signals(qtbot: QtBot, rig: Rig, loaded: ModelLoaded) -> None:
    told: list[object] = []
    for signal in (rig.bridge.model_loaded, rig.bridge.noticed, rig.bridge.failed):
        signal.connect(told.append)
    rig.tell(Notice("a"), loaded, Failure("b"))
    assert told == ["a", loaded, "b"]
    assert rig.controls.instrument is loaded


def test_output_and_volume_outlive_a_model(rig: Rig, loaded: ModelLoaded) -> None:
    rig.bridge.prefer("USB", -6.0)
    rig.tell(loaded)
    assert rig.sent() == [SelectOutput("USB"), SetVolume(-6.0)]
    rig.bridge.set_volume(-3.0)
    rig.bridge.select_output("")
    rig.tell(loaded)
    assert rig.sent() == [SetVolume(-3.0), SelectOutput(None), SetVolume(-3.0)]


def another_pack(loaded: ModelLoaded) -> PackLoaded:
    return PackLoaded(**{field.name: getattr(loaded, field.name) for field in fields(loaded)})


def test_another_pack_is_no_other_model(ready: Rig, loaded: ModelLoaded) -> None:
    """Its arrival opens no output anew, and takes nothing up that waits for the model that is still loading."""
    told: list[str] = []
    ready.bridge.model_loaded.connect(lambda _: told.append("model"))
    ready.bridge.pack_loaded.connect(lambda _: told.append("pack"))
    ready.bridge.prefer("USB", -6.0)
    ready.tell(state=State.PLAYING)
    ready.performer.load("other")
    ready.sent()
    pack = another_pack(loaded)
    ready.tell(pack, state=State.IDLE)
    assert ready.controls.instrument is pack
    assert ready.sent() == []
    assert ready.performer._waiting
    ready.tell(loaded, state=State.IDLE)
    assert [type(command) for command in ready.sent()] == [SelectOutput, SetVolume, Play]
    assert told == ["pack", "model"]


def test_a_pack_that_comes_before_a_model_that_fails_takes_nothing_up(ready: Rig, loaded: ModelLoaded) -> None:
    ready.tell(state=State.PLAYING)
    ready.performer.load("no-such-model")
    ready.tell(another_pack(loaded), LoadFailed("no such model"), state=State.IDLE)
    assert not ready.performer._waiting
    assert [type(command) for command in ready.sent()] == [LoadModel]


def test_play_while_another_model_loads_is_taken_up_by_it(ready: Rig, loaded: ModelLoaded) -> None:
    ready.performer.load("other")
    ready.performer.toggle_play()  # the old one plays meanwhile
    ready.tell(state=State.PLAYING)
    ready.tell(loaded, state=State.IDLE)
    assert [type(command) for command in ready.sent()] == [LoadModel, Play, SetVolume, Play]
    ready.performer.load("third")
    ready.tell(state=State.PLAYING)
    ready.performer.toggle_play()
    ready.tell(loaded, state=State.IDLE)
    assert [type(command) for command in ready.sent()] == [LoadModel, Stop, SetVolume], "what was stopped stays so"


def test_play_begins_stops_and_goes_on(ready: Rig) -> None:
    ready.performer.seed.choose(7)
    ready.performer.toggle_play()
    ready.tell(state=State.PLAYING, seed=7)
    ready.performer.toggle_play()
    ready.tell(state=State.IDLE, seed=7)
    ready.performer.toggle_play()
    ready.performer.restart_same()
    assert ready.sent() == [Play(7), Stop(), Play(None), Play(7)]


def test_a_new_seed_is_drawn_unless_it_is_locked(ready: Rig) -> None:
    ready.performer.restart_new()
    ready.performer.restart_new()
    one, other = ready.sent()
    assert one != other
    ready.performer.seed.lock(True)
    ready.performer.restart_new()
    assert ready.sent() == [other]


def test_play_before_there_is_a_model_waits_for_it(rig: Rig, loaded: ModelLoaded) -> None:
    waiting: list[bool] = []
    rig.performer.waiting_changed.connect(waiting.append)
    rig.performer.toggle_play()
    assert rig.sent() == []
    rig.tell(loaded, state=State.IDLE)
    assert [type(command) for command in rig.sent()] == [SetVolume, Play]
    assert waiting == [True, False]


def test_a_load_that_fails_does_not_keep_play_waiting(rig: Rig, loaded: ModelLoaded) -> None:
    rig.performer.toggle_play()
    rig.tell(LoadFailed("no such model"))
    rig.tell(loaded, state=State.IDLE)
    assert rig.sent() == [SetVolume(0.0)]


def test_a_load_that_fails_while_the_old_model_plays_leaves_nothing_waiting(ready: Rig, loaded: ModelLoaded) -> None:
    ready.tell(state=State.PLAYING)
    ready.performer.load("no-such-model")
    ready.tell(LoadFailed("no such model"), state=State.PLAYING)
    assert not ready.performer._waiting
    ready.tell(loaded, state=State.IDLE)
    assert [type(command) for command in ready.sent()] == [LoadModel, SetVolume]


def test_a_play_that_waits_outlives_other_failures_and_another_choice(rig: Rig, loaded: ModelLoaded) -> None:
    rig.performer.toggle_play()
    rig.tell(Failure("no model is loaded yet"))
    rig.performer.load("another")
    rig.tell(loaded, state=State.IDLE)
    assert [type(command) for command in rig.sent()] == [LoadModel, SetVolume, Play]


def test_a_failed_load_is_told_once(rig: Rig) -> None:
    told: list[object] = []
    rig.bridge.failed.connect(told.append)
    rig.bridge.load_failed.connect(lambda: told.append("load"))
    rig.tell(LoadFailed("no such model"), Failure("no prompt"))
    assert told == ["no such model", "load", "no prompt"]


def test_the_status_is_of_the_model_that_is_told_of(rig: Rig, loaded: ModelLoaded) -> None:
    """The engine goes on between two readings: here it publishes with the event, as if just after the first."""
    events = rig.engine.events

    def publish_and_tell() -> list[Event]:
        rig.engine.status = Status(state=State.IDLE)
        return [*events(), loaded]

    rig.engine.status = Status(state=State.PLAYING, heard=(0.5, 0.5))
    rig.engine.events = publish_and_tell  # type: ignore[method-assign]
    rig.bridge.poll()
    assert rig.bridge.status.heard == ()


def test_what_plays_is_taken_up_with_the_new_model(ready: Rig, loaded: ModelLoaded) -> None:
    ready.tell(state=State.PLAYING)
    ready.performer.load("other")
    ready.tell(loaded, state=State.IDLE)
    assert [type(command) for command in ready.sent()] == [LoadModel, SetVolume, Play]


def test_record_starts_the_music_and_ends_the_take(ready: Rig) -> None:
    ready.performer.toggle_record()
    ready.tell(state=State.PLAYING, recording=True)
    ready.performer.toggle_record()
    ready.performer.keep_last()
    assert [type(command) for command in ready.sent()] == [Play, Record, StopRecording, KeepLast]


def test_panic_is_silence_and_no_knobs_and_can_be_undone(ready: Rig) -> None:
    ready.controls.turn_knobs("pad", {"jazz": 1.0, "rock": -1.0})
    ready.performer.panic()
    assert ready.sent() == [Stop()]
    assert ready.controls.state.blend == ()
    ready.controls.undo()
    assert dict(ready.controls.state.blend) == {"jazz": 1.0, "rock": -1.0}


def test_after_closing_nothing_is_sent(ready: Rig) -> None:
    ready.bridge.close()
    ready.bridge.close()
    ready.bridge.play(1)
    ready.controls.turn_knob("jazz", 1.0)
    assert ready.engine.closed == 1
    assert ready.sent() == []
    assert ready.engine.controls[-1].blend == ()
