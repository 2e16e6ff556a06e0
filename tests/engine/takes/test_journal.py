"""The journal belongs to one living process at a time."""

import errno
import sys
from io import FileIO
from pathlib import Path
from typing import Any

import pytest
from invented_performance import Tune, make_state

from engine.errors import TakeError
from engine.takes import journal as journal_module
from engine.takes.history import History
from engine.takes.journal import Journal
from engine.takes.naming import reserve_next
from engine.takes.passage import CodesHash


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jam-1.segue.journal"


def test_adopted_only_once_its_owner_has_let_go(path: Path) -> None:
    owner = Journal.create(path)
    assert owner is not None
    assert Journal.adopt(path) is None
    owner.close()
    heir = Journal.adopt(path)
    assert heir is not None
    assert heir.read() is None, "nothing had been recorded"
    heir.discard()
    assert not path.exists()


def test_an_existing_journal_is_not_replaced(path: Path) -> None:
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(FileExistsError):
        Journal.create(path)
    assert path.read_text(encoding="utf-8") == "precious"


def test_taken_for_abandoned_between_creating_and_locking(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = journal_module._lock

    def raced(file: object) -> bool:
        path.unlink()
        return lock(file)  # type: ignore[arg-type]

    monkeypatch.setattr(journal_module, "_lock", raced)
    assert Journal.create(path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="another call locks there")
@pytest.mark.parametrize("reason", [errno.ENOTSUP, errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_is_said_and_nothing_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    opened: list[FileIO] = []

    def refuse(file: int, _kind: int) -> None:
        assert len(opened) < 10, "it goes on for ever"
        raise OSError(reason, "no locks here")

    class Watched(FileIO):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            opened.append(self)

    monkeypatch.setattr("fcntl.flock", refuse)
    monkeypatch.setattr(journal_module, "FileIO", Watched)
    with pytest.raises(OSError, match="no locks here"):
        reserve_next(path.parent, "jam")
    assert not list(path.parent.iterdir())
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(OSError, match="no locks here"):
        Journal.adopt(path)
    assert path.read_text(encoding="utf-8") == "precious"
    assert len(opened) == 2
    assert all(file.closed for file in opened)


def test_what_is_noted_is_read(path: Path, history: History, tune: Tune) -> None:
    journal, codes = Journal.create(path), CodesHash()
    assert journal is not None
    journal.begin("jam-1.wav", "jam-1", "2026-01-02T03:04:05+00:00", history, 5, 3200)
    for frame in (4, 6, 9):
        history.change(frame, make_state(frame / 10))
        codes.update(tune.codes(frame, frame + 1))
        journal.note(history, frame + 1, codes)
    history.dropout(3300, 99)
    journal.note(history, 10, codes)
    unfinished = journal.read()
    assert unfinished is not None
    assert (unfinished.file, unfinished.title) == ("jam-1.wav", "jam-1")
    assert unfinished.score(640) == history.score(
        start_frame=5, end_frame=10, start_sample=3200, end_sample=3840, codes_sha256=codes.hexdigest()
    )
    assert unfinished.score(50).dropouts == ()
    journal.discard()


@pytest.mark.parametrize("mark", ['{"end_frame": 1, "codes_sha256": "x"}', '{"end_frame": "2"}', "3"])
def test_a_damaged_note_is_where_the_reading_ends(path: Path, history: History, mark: str) -> None:
    journal, codes = Journal.create(path), CodesHash()
    assert journal is not None
    journal.begin("jam-1.wav", "jam-1", "2026-01-02T03:04:05+00:00", history, 5, 3200)
    journal.note(history, 8, codes)
    journal.close()
    with open(path, "a", encoding="utf-8") as file:
        file.write(f'{{"mark": {mark}}}\n{{"mark": {{"end_frame": 99, "codes_sha256": "{"0" * 64}"}}}}\n')
    adopted = Journal.adopt(path)
    assert adopted is not None
    unfinished = adopted.read()
    adopted.close()
    assert unfinished is not None
    assert unfinished.score(640).end_frame == 8


def test_changes_that_are_none_are_refused(path: Path, history: History) -> None:
    journal = Journal.create(path)
    assert journal is not None
    journal.begin("jam-1.wav", "jam-1", "2026-01-02T03:04:05+00:00", history, 0, 0)
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"change": [1, {"unknown": 1}]}\n')
    unfinished = journal.read()
    journal.close()
    assert unfinished is not None
    with pytest.raises(TakeError, match="not one of the controls"):
        unfinished.score(640)
