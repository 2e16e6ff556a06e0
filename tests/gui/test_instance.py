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
