"""Work of minutes beside the window: a command of ours as a child process; its progress, its result, a way to stop it."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from engine.stopping import LEASH

MAIN = Path(__file__).resolve().parent.parent / "main.py"
PATIENCE_MS = 5000
NICENESS = 19
PROCESS_SET_INFORMATION, BELOW_NORMAL_PRIORITY_CLASS = 0x0200, 0x4000  # of Windows


class Child(QObject):
    """One command at a time: ``segue WORDS --json``. Exactly one of ``finished``, ``failed`` and ``stopped`` ends each.

    A command that had done its work when it was asked to stop has finished.

    The command's progress comes as lines of JSON on standard error, see :mod:`engine.progress`; other objects there are what it
    finds on its way. What it has to say in words is whatever else stands there, and the last of it is what is told when it
    fails. It gives way to the music: where the system lets us, it has a lower priority. Should this process die, it ends too.

    Attributes:
        crashed: the last one ended without a chance to remove what it had begun; process_id: of the last one.
    """

    progressed = Signal(str, float, float)  #: stage, how much is done, of how much (0: unknown)
    told = Signal(object)  #: an object that is no progress
    finished = Signal(object)  #: the object that the command printed
    failed = Signal(str)  #: in words for the player
    stopped = Signal()  #: because we asked

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._asked_to_stop = False
        self._unread = b""
        self._last_words = ""
        self.crashed = False
        self.process_id = 0
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._kill)

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self, words: Sequence[str]) -> None:
        """Run a command; without ``--json``, which is added here."""
        assert self._process is None, "one command at a time"
        self._asked_to_stop, self._unread, self._last_words = False, b"", ""
        self.crashed, self.process_id = False, 0
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert(LEASH, "1")
        process.setProcessEnvironment(environment)
        process.readyReadStandardError.connect(self._read)
        process.errorOccurred.connect(self._on_error)
        process.started.connect(self._on_started)
        process.finished.connect(self._on_finished)
        self._process = process
        process.start(sys.executable, [str(MAIN), *words, "--json"])

    def _on_started(self) -> None:
        if self._process is not None:
            self.process_id = self._process.processId()
            give_way(self.process_id)

    def stop(self) -> None:
        """Ask it to end; it closes its files whole, and is ended the hard way if that takes too long."""
        process = self._process
        if process is None or self._asked_to_stop:
            return  # asked twice, it might be cut short while it closes its files
        self._asked_to_stop = True
        if sys.platform == "win32":
            process.closeWriteChannel()  # terminate() asks windows, and a command has none
        else:
            process.terminate()
        self._patience.start()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _read(self) -> None:
        assert self._process is not None
        self._unread += bytes(self._process.readAllStandardError().data())
        *whole, self._unread = self._unread.split(b"\n")  # a letter may be cut in two, but not a line
        for line in whole:
            self._hear(line.decode("utf-8", "replace").strip())

    def _hear(self, line: str) -> None:
        try:
            told: Any = json.loads(line)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            if line:
                self._last_words = line.removeprefix("segue: ")
            return
        try:
            progress = str(told["stage"]), float(told["done"]), float(told["total"])
        except (ValueError, KeyError, TypeError):
            self.told.emit(told)
        else:
            self.progressed.emit(*progress)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            self._end()
            self.failed.emit("Segue could not be started a second time for this work: install it again")

    def _on_finished(self, status: int, how: QProcess.ExitStatus) -> None:
        process = self._process
        if process is None:
            return
        self._read()
        self._hear(self._unread.decode("utf-8", "replace").strip())
        printed = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace")
        self._end()
        self.crashed = how is QProcess.ExitStatus.CrashExit
        if self._asked_to_stop and (self.crashed or status != 0):
            self.stopped.emit()
        elif self.crashed or status != 0:
            self.failed.emit(self._last_words or "that work ended without a word; the log has the details")
        else:
            try:
                self.finished.emit(json.loads(printed))
            except ValueError:
                self.failed.emit("that work gave no result that can be read; the log has the details")

    def _end(self) -> None:
        assert self._process is not None
        self._patience.stop()
        self._process.deleteLater()
        self._process = None

    def close(self) -> None:
        """End it with the window: asked first, then not."""
        process = self._process
        if process is not None:
            self.stop()
            if not process.waitForFinished(PATIENCE_MS):
                process.kill()
                process.waitForFinished(1000)


def give_way(process_id: int) -> None:
    """Let a process that has just begun wait for those that play; the threads that it will start inherit that."""
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = ctypes.c_void_p(kernel.OpenProcess(PROCESS_SET_INFORMATION, False, process_id))
        if handle:
            kernel.SetPriorityClass(handle, BELOW_NORMAL_PRIORITY_CLASS)
            kernel.CloseHandle(handle)
    else:
        with contextlib.suppress(OSError):  # it may have ended already
            os.setpriority(os.PRIO_PROCESS, process_id, NICENESS)
