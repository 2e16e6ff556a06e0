"""Inputs are opened when they come, closed when they go or are refused, and never twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import mido
import pytest
from pytestqt.qtbot import QtBot

from engine.extras import how_to_install
from gui.remote.ports import PortState, PortStatus, PortWatcher

KORG = "nanoKONTROL2:nanoKONTROL2 _ CTRL 24:0"
KEYS = "KeyStep:KeyStep MIDI 1 28:0"


@pytest.fixture
def got() -> list[tuple[str, Any]]:
    return []


@pytest.fixture
def watcher(qapp: object, backend: Any, got: list[tuple[str, Any]]) -> Iterator[PortWatcher]:
    watcher = PortWatcher(lambda: backend, lambda port, message: got.append((port, message)))
    yield watcher
    watcher.close()


def last(watcher: PortWatcher) -> list[tuple[PortStatus, ...]]:
    told: list[tuple[PortStatus, ...]] = []
    watcher.changed.connect(told.append)
    return told


def make_hung(backend: Any) -> tuple[Any, threading.Event, threading.Event]:
    """That backend, whose list of ports does not come before it is let on; and the event that says that it is asked for."""
    hangs, let_on = threading.Event(), threading.Event()

    def get_input_names() -> list[str]:
        hangs.set()
        let_on.wait(60.0)
        names: list[str] = backend.get_input_names()
        return names

    return SimpleNamespace(get_input_names=get_input_names, open_input=backend.open_input), hangs, let_on


def test_a_device_comes_goes_and_comes_back(qtbot: QtBot, watcher: PortWatcher, backend: Any, got: list[Any]) -> None:
    told = last(watcher)
    watcher.start()
    qtbot.wait(30)
    assert told == [], "nothing has changed"
    backend.names = [KORG]
    qtbot.waitUntil(lambda: told == [(PortStatus(KORG, PortState.OPEN),)], timeout=30_000)
    port = backend.open[KORG]
    port.send(mido.Message("control_change", control=1, value=5), mido.Message("clock"))
    assert got == [(KORG, mido.Message("control_change", control=1, value=5))], "a clock is of no use"
    backend.names = []
    qtbot.waitUntil(lambda: told[-1] == (), timeout=30_000)
    assert backend.open == {}
    backend.names = [KEYS, KORG]
    qtbot.waitUntil(lambda: len(told[-1]) == 2, timeout=30_000)
    qtbot.wait(30)
    assert backend.opened == [KORG, KEYS, KORG]


def test_an_input_that_another_program_holds_is_taken_when_it_is_free(
    qtbot: QtBot, watcher: PortWatcher, backend: Any
) -> None:
    told = last(watcher)
    backend.names, backend.busy = [KORG], {KORG}
    watcher.start()
    qtbot.waitUntil(lambda: told == [(PortStatus(KORG, PortState.BUSY),)], timeout=30_000)
    backend.busy = set()
    qtbot.waitUntil(lambda: told[-1] == (PortStatus(KORG, PortState.OPEN),), timeout=30_000)


def test_a_refused_device_is_never_opened_until_it_is_wanted(qtbot: QtBot, watcher: PortWatcher, backend: Any) -> None:
    told = last(watcher)
    backend.names = [KORG, "Midi Through:Midi Through Port-0 14:0"]
    device = PortStatus(KORG, PortState.OFF).device
    watcher.start([device])
    qtbot.waitUntil(lambda: told == [(PortStatus(KORG, PortState.OFF),)], timeout=30_000)
    assert backend.opened == []
    watcher.refuse([])
    qtbot.waitUntil(lambda: list(backend.open) == [KORG], timeout=30_000)
    watcher.refuse([device])
    qtbot.waitUntil(lambda: backend.open == {}, timeout=30_000)


def test_a_midi_system_that_fails_is_no_device(qtbot: QtBot, watcher: PortWatcher, backend: Any) -> None:
    told = last(watcher)
    backend.names = [KORG]
    watcher.start()
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    backend.broken = True
    qtbot.waitUntil(lambda: told[-1] == (), timeout=30_000)
    backend.broken = False
    qtbot.waitUntil(lambda: len(told[-1]) == 1, timeout=30_000)


def test_stopping_closes_everything_and_it_can_start_again(qtbot: QtBot, watcher: PortWatcher, backend: Any) -> None:
    backend.names = [KORG]
    watcher.start()
    qtbot.waitUntil(lambda: KORG in backend.open, timeout=30_000)
    watcher.close()
    assert backend.open == {}
    watcher.close()
    watcher.start()
    qtbot.waitUntil(lambda: KORG in backend.open, timeout=30_000)


def test_a_driver_that_hangs_holds_up_nobody_and_comes_back_to_nothing(
    qtbot: QtBot, backend: Any, got: list[tuple[str, Any]]
) -> None:
    backend.names = [KORG]
    hung, hangs, let_on = make_hung(backend)
    backends = iter((hung, backend))
    watcher = PortWatcher(lambda: next(backends), lambda port, message: got.append((port, message)))
    told = last(watcher)
    watcher.start()
    assert hangs.wait(30.0)
    before, begun = watcher._thread, time.monotonic()
    watcher.stop()
    assert time.monotonic() - begun < 0.5
    assert before is not None
    watcher.start()
    qtbot.waitUntil(lambda: told == [(PortStatus(KORG, PortState.OPEN),)], timeout=30_000)
    let_on.set()
    before.join(30.0)
    assert not before.is_alive()
    qtbot.wait(30)
    assert backend.opened == [KORG], "the one left behind opens nothing"
    assert KORG in backend.open, "and closes nothing of the other's"
    assert told == [(PortStatus(KORG, PortState.OPEN),)]
    watcher.close()
    assert backend.open == {}


def test_nothing_is_received_once_it_is_stopped(
    qtbot: QtBot, watcher: PortWatcher, backend: Any, got: list[tuple[str, Any]]
) -> None:
    backend.names = [KORG]
    watcher.start()
    qtbot.waitUntil(lambda: KORG in backend.open, timeout=30_000)
    port = backend.open[KORG]
    watcher.stop()
    port.send(mido.Message("control_change", control=1, value=5))
    assert got == []
    qtbot.waitUntil(lambda: backend.open == {}, timeout=30_000)


def test_a_library_that_cannot_be_loaded_is_told(qtbot: QtBot) -> None:
    def broken() -> Any:
        raise ImportError("libasound.so.2: not found")

    watcher = PortWatcher(broken, lambda *_: None)
    with qtbot.waitSignal(watcher.failed, timeout=30_000) as told:
        watcher.start()
    watcher.close()
    assert "libasound" in told.args[0]
    assert how_to_install("midi") in told.args[0]
