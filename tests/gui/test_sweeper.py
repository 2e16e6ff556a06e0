"""Cycles end on the GUI thread, whatever the other threads do."""

from __future__ import annotations

import gc
import threading

from pytestqt.qtbot import QtBot

from gui.sweeper import Sweeper, sweep


class Cycle:
    """Says on which thread it ends."""

    ended: list[int]

    def __init__(self, ended: list[int]) -> None:
        self.itself, self.ended = self, ended

    def __del__(self) -> None:
        self.ended.append(threading.get_ident())


def crowd() -> list[list[int]]:
    """More objects than Python lets pass without a sweep."""
    return [[number] for number in range(20 * gc.get_threshold()[0])]


def test_cycles_end_on_the_gui_thread_alone(qtbot: QtBot) -> None:
    ended: list[int] = []
    gc.enable()  # as when a program starts
    sweeper = Sweeper()
    try:
        Cycle(ended)
        thread = threading.Thread(target=crowd)
        thread.start()
        thread.join()
        assert ended == []
        kept = crowd()
        qtbot.waitUntil(lambda: bool(ended), timeout=30_000)
        assert set(ended) == {threading.get_ident()}
        assert kept
    finally:
        sweeper.close()
        assert gc.isenabled()
        gc.disable()  # as for every test


def test_a_sweep_does_nothing_while_little_has_been_made() -> None:
    gc.collect()
    ended: list[int] = []
    Cycle(ended)
    sweep()
    assert ended == []
    gc.collect()
    assert len(ended) == 1
