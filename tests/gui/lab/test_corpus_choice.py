"""Which music to learn from: what is looked at, and that closing looks at nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.child import Child
from gui.lab.corpus_choice import CorpusChoice


def test_no_newer_folder_is_looked_at_while_the_window_closes(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[str] = []
    monkeypatch.setattr(Child, "running", property(lambda _child: bool(started)))
    monkeypatch.setattr(Child, "start", lambda _child, words: started.append(words[-1]))
    monkeypatch.setattr(Child, "stop", lambda _child: None)
    monkeypatch.setattr(Child, "close", lambda child: child.stopped.emit())
    choice = CorpusChoice()
    qtbot.addWidget(choice)
    for name in ("one", "two"):
        choice.folder.chosen.emit(tmp_path / name)
    choice.end()
    assert started == [str(tmp_path / "one")]
