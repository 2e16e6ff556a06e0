"""Takes are mended beside the music, and what goes wrong there is no more than a line in the log."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from engine.messages import Notice, TakeRecovered
from engine.recoverer import Recoverer
from engine.takes.take import Take


def test_nobody_waits_for_a_slow_folder_but_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on, told = threading.Event(), list[TakeRecovered | Notice]()

    def slow(_folder: Path) -> Iterator[SimpleNamespace]:
        may_go_on.wait(10)
        yield SimpleNamespace(text="mended", take=take)
        yield SimpleNamespace(text="nothing is left of it", take=None)

    take = cast(Take, object())
    monkeypatch.setattr("engine.recoverer.recover", slow)
    recoverer = Recoverer(told.append)
    recoverer.start(tmp_path)
    assert told == []
    may_go_on.set()
    recoverer.close()
    assert told == [TakeRecovered(take, "mended"), Notice("nothing is left of it")]


@pytest.mark.parametrize("failure", [OSError("no disk"), ZeroDivisionError()])
def test_a_failure_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    def broken(_folder: Path) -> Iterator[SimpleNamespace]:
        raise failure

    monkeypatch.setattr("engine.recoverer.recover", broken)
    recoverer = Recoverer(lambda _: None)
    recoverer.start(tmp_path)
    recoverer.close()
    assert str(tmp_path) in caplog.text
