"""The journal: what a take that is being recorded needs to be whole, should this process die within the next second.

One JSON object a line, only ever appended to, so a kill costs at most the last line and a long take's journal does not
grow more expensive. The journal's lock goes with the process that holds it: one that can be locked belongs to the dead.

    {"journal": 1, "file", "title", "created", "origin", "initial", "start_frame", "start_sample"}
    {"change": [frame, {fields that changed}]}      {"dropout": [sample, missing_samples]}
    {"mark": {"end_frame", "codes_sha256"}}         at every note
"""

import errno
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

from engine.errors import TakeError
from engine.takes.fields import Fields, parse_json
from engine.takes.history import History
from engine.takes.passage import CodesHash
from engine.takes.score import Origin, Score, read_changes, read_dropouts
from engine.takes.wav import write_all

SUFFIX = ".segue.journal"
VERSION = 1
_LOCK_AT = 1 << 30  # Windows locks bytes against reading too, so one that is never written
_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}


class Journal:
    """An open, locked journal. Raises `FileExistsError` from `create`, and `OSError`."""

    def __init__(self, path: Path, file: FileIO) -> None:
        self.path = path
        self._file = file
        self._changes = self._dropouts = 0

    @classmethod
    def create(cls, path: Path) -> "Journal | None":
        """A new journal, or None when another process's recovery took it for abandoned in this very moment."""
        file = FileIO(path, "x+")
        try:
            locked = _lock(file)
        except OSError:
            file.close()
            with suppress(OSError):  # the first failure is the one to tell of
                path.unlink()
            raise
        if locked and path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return cls(path, file)
        file.close()
        return None

    @classmethod
    def adopt(cls, path: Path) -> "Journal | None":
        """The journal of a process that died, or None while that one lives."""
        file = FileIO(path, "r+")
        try:
            locked = _lock(file)
        except OSError:
            file.close()
            raise
        if locked:
            return cls(path, file)
        file.close()
        return None

    def begin(self, file: str, title: str, created: str, history: History, start_frame: int, start_sample: int) -> None:
        head = {
            "journal": VERSION,
            "file": file,
            "title": title,
            "created": created,
            "origin": history.origin.to_json(),
            "initial": dict(history.initial),
            "start_frame": start_frame,
            "start_sample": start_sample,
        }
        self._append([head])

    def note(self, history: History, end_frame: int, codes: CodesHash) -> None:
        """Append what happened since the last note."""
        records: list[Mapping[str, Any]] = []
        for change in history.changes(self._changes):
            records.append({"change": list(change)})
            self._changes += 1
        for dropout in history.dropouts[self._dropouts :]:
            records.append({"dropout": list(dropout)})
            self._dropouts += 1
        records.append({"mark": {"end_frame": end_frame, "codes_sha256": codes.hexdigest()}})
        self._append(records)

    def sync(self) -> None:
        """Bring everything to the disk."""
        os.fsync(self._file.fileno())

    def read(self) -> "Unfinished | None":
        """What the journal holds; None when it was cut off before its first line was whole. Raises `TakeError`."""
        self._file.seek(0)
        lines = self._file.readall().split(b"\n")[:-1]
        return Unfinished.from_lines(lines, str(self.path)) if lines else None

    def close(self) -> None:
        """Let go of it; it stays for a recovery."""
        self._file.close()

    def discard(self) -> None:
        """The take is whole, or there is none: remove the journal."""
        if sys.platform == "win32":  # an open file cannot be removed there
            self._file.close()
        with suppress(FileNotFoundError):
            self.path.unlink()
        self._file.close()

    def _append(self, records: list[Mapping[str, Any]]) -> None:
        # ASCII alone: a path that is not Unicode, which the system hands over as lone surrogates, comes through whole.
        lines = "".join(json.dumps(record, allow_nan=False) + "\n" for record in records)
        write_all(self._file, lines.encode())


class Unfinished:
    """A take as its journal knows it."""

    def __init__(self, head: Fields, where: str) -> None:
        self.file = head.text("file")
        self.title = head.text("title")
        self.created = head.text("created")
        self._origin = Origin.from_json(head.mapping("origin"), where)
        self._initial = head.mapping("initial")
        self._start_frame = self._end_frame = head.whole("start_frame")
        self._start_sample = head.whole("start_sample")
        self._codes_sha256 = CodesHash().hexdigest()
        self._where = where
        self._changes: list[tuple[int, Any]] = []
        self._dropouts: list[tuple[int, Any]] = []

    @classmethod
    def from_lines(cls, lines: list[bytes], where: str) -> "Unfinished":
        """Raises `TakeError` for a head that is not a journal's; a damaged line ends the reading."""
        head = Fields(parse_json(lines[0].decode(errors="replace"), where), where)
        if head.whole("journal") != VERSION:
            raise TakeError(f"{where}: this journal is of another version of Segue; recover it with that one")
        unfinished = cls(head, where)
        for line in lines[1:]:
            try:
                record = Fields(parse_json(line.decode(errors="replace"), where), where)
                unfinished._take_in(record)
            except TakeError:
                break
        return unfinished

    def score(self, samples: int) -> Score:
        """The score up to the last mark, for the `samples` that the sound file holds. Raises `TakeError`."""
        end_sample = self._start_sample + samples
        changes = read_changes(self._initial, self._changes, self._where)
        dropouts = read_dropouts(self._dropouts, self._where)
        return Score(
            origin=self._origin,
            initial=self._initial,
            changes=tuple(change for change in changes if change.frame < self._end_frame),
            dropouts=tuple(gap for gap in dropouts if self._start_sample <= gap.sample < end_sample),
            start_frame=self._start_frame,
            end_frame=self._end_frame,
            start_sample=self._start_sample,
            codes_sha256=self._codes_sha256,
        )

    def _take_in(self, record: Fields) -> None:
        if record.has("change"):
            self._changes.append(record.pair("change"))
        elif record.has("dropout"):
            self._dropouts.append(record.pair("dropout"))
        elif record.has("mark"):
            mark = record.child("mark")
            self._end_frame, self._codes_sha256 = (
                mark.whole("end_frame", self._start_frame),
                mark.sha256("codes_sha256"),
            )


def _lock(file: FileIO) -> bool:
    """Lock the whole file for this process's life; False when another holds it.

    Raises `OSError` where the file system knows no locks: asking again, or under another name, would not end.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCK_AT)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _HELD:
            raise
        return False
    return True
