"""Commands wait for an errand; what brings silence does not, and nothing sounds after it that was asked for before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest

from engine.errand import Errand
from engine.messages import Command, Play, Record, Shutdown, Stop, StopRecording


@pytest.fixture
def commands() -> queue.SimpleQueue[Command]:
    return queue.SimpleQueue()


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_without_an_errand_all_come_in_order(commands: queue.SimpleQueue[Command]) -> None:
    errand = Errand(commands)
    asked: list[Command] = [Play(1), Stop(), Record("jam"), Shutdown()]
    for command in asked:
        commands.put(command)
    assert [errand.next() for _ in range(5)] == [*asked, None]


def test_what_follows_an_errand_waits_for_it(commands: queue.SimpleQueue[Command], go_on: threading.Event) -> None:
    errand = Errand(commands)
    errand.start(go_on.wait)
    commands.put(Play(1))
    commands.put(Record("jam"))
    assert errand.next() is None
    go_on.set()
    assert errand._thread is not None
    errand._thread.join()
    assert [errand.next() for _ in range(3)] == [Play(1), Record("jam"), None]


@pytest.mark.parametrize("silence", [Stop(), Shutdown()])
def test_silence_waits_for_nobody(
    silence: Command, commands: queue.SimpleQueue[Command], go_on: threading.Event
) -> None:
    errand = Errand(commands)
    errand.start(go_on.wait)
    asked: list[Command] = [Play(1), StopRecording(), silence, Play(2)]
    for command in asked:
        commands.put(command)
    assert errand.next() is silence
    assert errand.next() is None
    go_on.set()
    assert errand._thread is not None
    errand._thread.join()
    assert [errand.next() for _ in range(3)] == [StopRecording(), Play(2), None]
