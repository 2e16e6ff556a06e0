"""What other threads put in arrives in order, soon, and at a pace that leaves the window room."""

from __future__ import annotations

import threading
import time

from pytestqt.qtbot import QtBot

from gui.remote.inbox import CAPACITY, PERIOD_MS, Inbox


def test_everything_arrives_in_order_on_the_gui_thread(qtbot: QtBot) -> None:
    got: list[int] = []
    threads: set[threading.Thread] = set()

    def deliver(batch: list[int]) -> None:
        threads.add(threading.current_thread())
        got.extend(batch)

    inbox = Inbox(deliver)

    def work() -> None:
        for number in range(3000):
            inbox.put(number)
            if number % 100 == 0:
                time.sleep(0.001)

    thread = threading.Thread(target=work)
    thread.start()
    qtbot.waitUntil(lambda: len(got) == 3000, timeout=30_000)
    thread.join()
    assert got == list(range(3000))
    assert threads == {threading.main_thread()}


def test_a_flood_is_delivered_at_a_pace(qtbot: QtBot) -> None:
    batches: list[float] = []
    inbox = Inbox(lambda _batch: batches.append(time.monotonic()))
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            inbox.put(0)
            time.sleep(0.0002)

    thread = threading.Thread(target=work)
    begun = time.monotonic()
    thread.start()
    qtbot.wait(300)
    stop.set()
    thread.join()
    taken_ms = 1000 * (time.monotonic() - begun)
    assert 3 <= len(batches) <= taken_ms / PERIOD_MS + 2


def test_more_than_it_holds_loses_the_oldest(qtbot: QtBot) -> None:
    got: list[int] = []
    inbox = Inbox(got.extend)
    for number in range(CAPACITY + 100):
        inbox.put(number)
    qtbot.waitUntil(lambda: bool(got), timeout=30_000)
    assert (got[0], got[-1], len(got)) == (100, CAPACITY + 99, CAPACITY)


def test_after_closing_nothing_arrives(qtbot: QtBot) -> None:
    got: list[int] = []
    inbox = Inbox(got.extend)
    inbox.put(1)
    inbox.close()
    inbox.put(2)
    qtbot.wait(30)
    assert got == []
