"""The second start knocks at the first one's door."""

from __future__ import annotations

import uuid

from pytestqt.qtbot import QtBot

from gui.instance import Instance


def test_the_second_raises_the_first(qtbot: QtBot) -> None:
    name = f"segue-test-{uuid.uuid4().hex[:8]}"
    first, second, third = Instance(name), Instance(name), Instance(name)
    assert first.is_first()
    with qtbot.waitSignal(first.knocked, timeout=30_000):
        assert not second.is_first()
    first.close()
    assert third.is_first()
    third.close()


def test_a_window_that_is_closing_is_nobodys_first(qtbot: QtBot) -> None:
    """Knocked at, it would never open: a start from then on is a first one."""
    name = f"segue-test-{uuid.uuid4().hex[:8]}"
    closing, next_start = Instance(name), Instance(name)
    assert closing.is_first()
    closing.close()
    assert next_start.is_first()
    next_start.close()
