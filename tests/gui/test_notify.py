"""Messages come once; what nobody caught, in any thread, is told."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from gui import notify
from gui.notify import Kind, Message, Notifier


@pytest.fixture
def notifier(qapp: object) -> Iterator[Notifier]:
    notifier = Notifier()
    yield notifier
    notifier.uninstall()


def test_a_message_is_shown_once_until_it_is_old(notifier: Notifier, monkeypatch: pytest.MonkeyPatch) -> None:
    now, told = [0.0], list[Message]()
    monkeypatch.setattr(notify.time, "monotonic", lambda: now[0])
    notifier.told.connect(told.append)
    for text in ("a", "b", "a"):
        notifier.fail(text)
    notifier.tell("a", Kind.DONE)
    now[0] += notify.REPEAT_AFTER_S
    notifier.fail("a")
    assert [(message.text, message.kind) for message in told] == [
        ("a", Kind.FAILURE),
        ("b", Kind.FAILURE),
        ("a", Kind.DONE),
        ("a", Kind.FAILURE),
    ]


def test_an_error_in_a_thread_reaches_the_user(qtbot: QtBot, notifier: Notifier) -> None:
    notifier.install()
    with qtbot.waitSignal(notifier.told, timeout=30_000) as told:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
    assert told.args == [Message(notify.OURS, Kind.FAILURE)]


def test_the_hooks_are_given_back(notifier: Notifier) -> None:
    notifier.install()
    assert sys.excepthook == notifier._on_exception
    notifier.uninstall()
    assert sys.excepthook is sys.__excepthook__
