"""From a controller's message to a knob: learning, taking over, buttons, encoders, floods, coming and going."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from engine.control import ControlState
from gui.control_model import ControlModel
from gui.notify import Notifier
from gui.remote.decoder import Kind, Source
from gui.remote.device_map import Binding, DeviceMap, MapFolder
from gui.remote.midi import Midi
from gui.remote.relative import Encoder
from gui.remote.targets import Targets

PORT, DEVICE = "Korg:Korg CTRL 24:0", "Korg:Korg CTRL"


def cc(control: int, value: int) -> mido.Message:
    return mido.Message("control_change", control=control, value=value)


@pytest.fixture
def maps(tmp_path: Path) -> MapFolder:
    return MapFolder(tmp_path / "midi")


@pytest.fixture
def notifier(qapp: object) -> Notifier:
    return Notifier()


@pytest.fixture
def midi(targets: Targets, maps: MapFolder, notifier: Notifier, backend: Any, qtbot: QtBot) -> Iterator[Midi]:
    """With one device plugged in."""
    backend.names = [PORT]
    midi = Midi(targets, maps, notifier, lambda: backend)
    midi.start()
    qtbot.waitUntil(lambda: midi.devices == (DEVICE,), timeout=30_000)
    yield midi
    midi.close()


def bind(midi: Midi, maps: MapFolder, *bindings: Binding) -> None:
    maps.save(DeviceMap(DEVICE, bindings))


KNOB = Binding(Source(Kind.CC, 0, 74), "knob/jazz")


def test_learning_binds_the_control_that_moves(
    qtbot: QtBot, midi: Midi, backend: Any, controls: ControlModel, notifier: Notifier, tmp_path: Path
) -> None:
    told: list[str] = []
    notifier.told.connect(lambda message: told.append(message.text))
    states: list[str] = []
    midi.learning_changed.connect(states.append)
    midi.learn("knob/jazz")
    backend.open[PORT].send(cc(74, 40), cc(74, 41), cc(7, 3), cc(74, 42))
    qtbot.waitUntil(lambda: midi.learning_key == "", timeout=30_000)
    assert states == ["knob/jazz", ""]
    assert controls.knob("jazz") == 0.0, "showing a control plays nothing"
    assert "CC 74" in told[-1]
    assert "jazz" in told[-1]
    (bound,) = midi.bindings("knob/jazz")
    assert bound.binding == KNOB
    assert MapFolder(tmp_path / "midi").of(DEVICE).bindings == (KNOB,), "and it is on the disk"
    backend.open[PORT].send(cc(74, 30), cc(74, 90))
    qtbot.waitUntil(lambda: controls.knob("jazz") != 0.0, timeout=30_000)


@pytest.mark.parametrize(
    ("messages", "source", "encoder"),
    [
        ([cc(3, 10), cc(35, 20), cc(3, 10), cc(35, 30)], Source(Kind.CC14, 0, 3), Encoder.ABSOLUTE),
        ([cc(99, 1), cc(98, 2), cc(6, 3), cc(38, 4)], Source(Kind.NRPN, 0, 130), Encoder.ABSOLUTE),
        ([cc(16, 1), cc(16, 1), cc(16, 1)], Source(Kind.CC, 0, 16), Encoder.TWOS_COMPLEMENT),
        ([mido.Message("pitchwheel", channel=4, pitch=100)], Source(Kind.BEND, 4), Encoder.ABSOLUTE),
        ([mido.Message("note_on", note=1), cc(40, 9), cc(40, 10)], Source(Kind.CC, 0, 40), Encoder.ABSOLUTE),
    ],
)
def test_learning_finds_out_how_a_control_speaks(
    qtbot: QtBot, midi: Midi, backend: Any, messages: list[mido.Message], source: Source, encoder: Encoder
) -> None:
    midi.learn("strength")
    backend.open[PORT].send(*messages)
    qtbot.waitUntil(lambda: midi.learning_key == "", timeout=30_000)
    (bound,) = midi.bindings("strength")
    assert (bound.binding.source, bound.binding.encoder) == (source, encoder)


def test_a_key_plays_an_action_and_a_fader_waits_for_none(qtbot: QtBot, midi: Midi, backend: Any, bridge: Any) -> None:
    midi.learn("record")
    port = backend.open[PORT]
    port.send(mido.Message("note_off", note=36), mido.Message("pitchwheel", pitch=5), cc(5, 10))
    port.send(mido.Message("note_on", note=36))
    qtbot.waitUntil(lambda: midi.learning_key == "", timeout=30_000)
    assert bridge.asked == []
    for _ in range(2):
        port.send(mido.Message("note_on", note=36), mido.Message("note_off", note=36))
    qtbot.waitUntil(lambda: bridge.asked.count("record") == 2, timeout=30_000)


def test_learning_can_be_cancelled_and_a_knob_that_goes_cancels_it(
    qtbot: QtBot, midi: Midi, backend: Any, targets: Targets, controls: ControlModel, loaded: Any
) -> None:
    midi.learn("knob/jazz")
    midi.cancel_learning()
    backend.open[PORT].send(cc(74, 40))
    qtbot.wait(30)
    assert midi.bindings("knob/jazz") == []
    midi.learn("knob/jazz")
    backend.open[PORT].send(cc(74, 40))
    qtbot.wait(30)
    controls.adopt(type(loaded)("other", "CC0-1.0", 4, 24_000, 480, ("folk",)))
    assert midi.learning_key == ""
    qtbot.wait(500)
    assert midi.count(DEVICE) == 0


def test_a_control_that_is_learnt_anew_leaves_its_old_target(
    qtbot: QtBot, midi: Midi, maps: MapFolder, backend: Any, notifier: Notifier
) -> None:
    bind(midi, maps, KNOB)
    told: list[str] = []
    notifier.told.connect(lambda message: told.append(message.text))
    midi.learn("strength")
    backend.open[PORT].send(cc(74, 1))
    qtbot.waitUntil(lambda: midi.learning_key == "", timeout=30_000)
    assert midi.bindings("knob/jazz") == []
    assert "no longer jazz" in told[-1]


def test_a_knob_waits_until_the_control_meets_it_and_says_where_that_stands(
    qtbot: QtBot, midi: Midi, maps: MapFolder, backend: Any, controls: ControlModel
) -> None:
    bind(midi, maps, KNOB)
    controls.turn_knob("jazz", 1.0)
    waiting: list[tuple[str, float]] = []
    midi.waiting.connect(lambda key, value: waiting.append((key, value)))
    backend.open[PORT].send(cc(74, 0))
    qtbot.waitUntil(lambda: bool(waiting), timeout=30_000)
    assert waiting == [("knob/jazz", -2.0)]
    assert controls.knob("jazz") == 1.0
    backend.open[PORT].send(cc(74, 110))
    qtbot.waitUntil(lambda: controls.knob("jazz") != 1.0, timeout=30_000)
    assert controls.knob("jazz") == pytest.approx(2 * (110 / 127 - 0.515) / 0.485, abs=0.002)
    for value in (63, 64):
        backend.open[PORT].send(cc(74, value))
        qtbot.waitUntil(lambda: controls.knob("jazz") == 0.0, timeout=30_000)
    controls.turn_knob("jazz", -1.5)  # by hand
    backend.open[PORT].send(cc(74, 70))
    qtbot.wait(40)
    assert controls.knob("jazz") == -1.5


def test_a_control_that_was_away_has_to_meet_its_value_again(
    qtbot: QtBot, midi: Midi, maps: MapFolder, backend: Any, controls: ControlModel
) -> None:
    bind(midi, maps, KNOB)
    backend.open[PORT].send(cc(74, 64), cc(74, 70))
    qtbot.waitUntil(lambda: controls.knob("jazz") != 0.0, timeout=30_000)
    before = controls.knob("jazz")
    backend.names = []
    qtbot.waitUntil(lambda: midi.devices == (), timeout=30_000)
    backend.names = [PORT.replace("24:0", "28:0")]  # plugged in elsewhere
    qtbot.waitUntil(lambda: midi.devices == (DEVICE,), timeout=30_000)
    backend.open[backend.names[0]].send(cc(74, 120))
    qtbot.wait(40)
    assert controls.knob("jazz") == before


def test_a_coarse_scale_follows_a_fine_control(
    qtbot: QtBot, midi: Midi, maps: MapFolder, backend: Any, targets: Targets
) -> None:
    """The volume has 41 places, the fader 128: rounding must not look like another hand."""
    bind(midi, maps, Binding(Source(Kind.CC, 0, 7), "volume"))
    volume = targets.parameters["volume"]
    for value in (127, *range(126, 60, -1)):
        backend.open[PORT].send(cc(7, value))
        qtbot.waitUntil(lambda value=value: volume.read() == volume.scale.at(value / 127), timeout=30_000)


def test_an_encoder_moves_from_where_the_value_stands(
    qtbot: QtBot, midi: Midi, maps: MapFolder, backend: Any, controls: ControlModel
) -> None:
    bind(midi, maps, Binding(Source(Kind.CC, 0, 16), "strength", Encoder.TWOS_COMPLEMENT))
    backend.open[PORT].send(*[cc(16, 1)] * 10)
    qtbot.waitUntil(lambda: controls.state.strength == pytest.approx(1.2), timeout=30_000)
    backend.open[PORT].send(cc(16, 127), cc(16, 124))
    qtbot.waitUntil(lambda: controls.state.strength == pytest.approx(1.1), timeout=30_000)
    backend.open[PORT].send(*[cc(16, 63)] * 5)
    qtbot.waitUntil(lambda: controls.state.strength == 2.0, timeout=30_000)
    (bound,) = midi.bindings("strength")
    midi.choose_encoder(bound, Encoder.ABSOLUTE)
    assert midi.bindings("strength")[0].binding.encoder is Encoder.ABSOLUTE


def test_buttons_that_send_ccs(qtbot: QtBot, midi: Midi, maps: MapFolder, backend: Any, bridge: Any) -> None:
    bind(midi, maps, Binding(Source(Kind.CC, 0, 41), "keep"))
    port = backend.open[PORT]
    port.send(cc(41, 127), cc(41, 0), cc(41, 127))
    port.send(cc(41, 127))  # one that does not say that it was let go
    port.send(cc(41, 0))
    qtbot.waitUntil(lambda: bridge.asked.count("keep") == 3, timeout=30_000)
    port.send(*[cc(41, value) for value in range(0, 128, 3)])  # a fader: once, on its way up
    qtbot.waitUntil(lambda: bridge.asked.count("keep") == 4, timeout=30_000)
    qtbot.wait(20)
    assert bridge.asked.count("keep") == 4


def test_a_device_that_is_switched_off_is_left_alone_also_after_a_restart(
    qtbot: QtBot, midi: Midi, maps: MapFolder, backend: Any, targets: Targets, notifier: Notifier, tmp_path: Path
) -> None:
    midi.enable(DEVICE, False)
    qtbot.waitUntil(lambda: backend.open == {}, timeout=30_000)
    midi.stop()
    backend.opened.clear()
    again = Midi(targets, MapFolder(tmp_path / "midi"), notifier, lambda: backend)
    again.start()
    qtbot.waitUntil(lambda: again.devices == (DEVICE,), timeout=30_000)
    assert not again.enabled(DEVICE)
    assert backend.opened == []
    again.enable(DEVICE, True)
    qtbot.waitUntil(lambda: list(backend.open) == [PORT], timeout=30_000)
    again.close()


def test_forgetting(qtbot: QtBot, midi: Midi, maps: MapFolder, backend: Any, controls: ControlModel) -> None:
    bind(midi, maps, KNOB, Binding(Source(Kind.CC, 0, 1), "strength"))
    midi.forget(DEVICE, "knob/jazz")
    backend.open[PORT].send(cc(74, 64), cc(74, 100))
    qtbot.wait(40)
    assert controls.knob("jazz") == 0.0
    assert midi.count(DEVICE) == 1
    midi.forget_all(DEVICE)
    assert midi.count(DEVICE) == 0


def test_a_map_that_cannot_be_kept_holds_and_is_told(
    qtbot: QtBot, targets: Targets, notifier: Notifier, backend: Any, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    midi = Midi(targets, MapFolder(tmp_path / "taken"), notifier, lambda: backend)
    backend.names = [PORT]
    midi.start()
    qtbot.waitUntil(lambda: midi.devices == (DEVICE,), timeout=30_000)
    told: list[str] = []
    notifier.told.connect(lambda message: told.append(message.text))
    midi.learn("strength")
    backend.open[PORT].send(cc(1, 1))
    qtbot.waitUntil(lambda: midi.learning_key == "", timeout=30_000)
    assert "cannot be kept" in told[0]
    assert len(midi.bindings("strength")) == 1
    midi.close()


def test_a_move_is_published_within_twenty_milliseconds(
    qtbot: QtBot, midi: Midi, maps: MapFolder, backend: Any, controls: ControlModel
) -> None:
    bind(midi, maps, KNOB)
    backend.open[PORT].send(cc(74, 64))
    published: list[float] = []
    controls.changed.connect(lambda _state: published.append(time.monotonic()))
    waits_ms = []
    for value in [*range(66, 120, 2), *range(119, 67, -2)]:
        count, sent = len(published), time.monotonic()
        midi.receive(PORT, cc(74, value))
        qtbot.waitUntil(lambda count=count: len(published) > count, timeout=30_000)
        waits_ms.append(1000 * (published[-1] - sent))
    assert np.median(waits_ms) < 20.0


def test_a_flood_never_holds_up_the_window_and_its_last_word_counts(
    qtbot: QtBot, midi: Midi, maps: MapFolder, backend: Any, controls: ControlModel
) -> None:
    """Eight faders at thousands of messages a second: between two beats of a timer the window works for 50 ms at most."""
    keys = ("knob/jazz", "knob/rock", "knob/classical", "strength", "guidance", "temperature", "top_p", "pad/x")
    bind(midi, maps, *(Binding(Source(Kind.CC, 0, 20 + n), key) for n, key in enumerate(keys)))
    changes: list[ControlState] = []
    controls.changed.connect(changes.append)
    beats: list[float] = []
    watchdog = QTimer()
    watchdog.timeout.connect(lambda: beats.append(time.thread_time()))
    watchdog.start(5)

    def flood() -> None:
        for sweep in range(12):
            for value in [*range(128), *range(127, -1, -1)]:
                for n in range(len(keys) - 1):
                    midi.receive(PORT, cc(20 + n, value))
            time.sleep(0.002 * (sweep % 2))
        midi.receive(PORT, cc(20, 100))

    gc.freeze()  # what the test run has piled up is not the window's to look through
    thread = threading.Thread(target=flood)
    begun = time.monotonic()
    thread.start()
    try:
        qtbot.waitUntil(lambda: not thread.is_alive(), timeout=30_000)
    finally:
        gc.unfreeze()
    taken_ms = 1000 * (time.monotonic() - begun)
    qtbot.waitUntil(lambda: controls.knob("jazz") == pytest.approx(1.15, abs=0.05), timeout=30_000)
    assert len(changes) <= 2 * (taken_ms / 8 + 3), "two edits a batch: knobs, and the rest"
    assert np.diff(beats).max() < 0.05
