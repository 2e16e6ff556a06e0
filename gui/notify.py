"""One way for every message to the user: shown once, logged always, from any thread."""

from __future__ import annotations

import logging
import sys
import threading
import time
from dataclasses import dataclass
from enum import Enum
from types import TracebackType

from PySide6.QtCore import QObject, Signal

REPEAT_AFTER_S = 10.0
OURS = "something failed inside Segue; the log has the details"

log = logging.getLogger(__name__)


class Kind(Enum):
    """How much a message matters; shown by its sign and its words, not by colour alone."""

    DONE = "done"
    NOTICE = "notice"
    FAILURE = "failure"


@dataclass(frozen=True)
class Message:
    """One line for the user."""

    text: str
    kind: Kind


class Notifier(QObject):
    """Passes messages on to whoever shows them. :meth:`tell` may be called from any thread."""

    told = Signal(object)  #: Message

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told_at: dict[Message, float] = {}

    def tell(self, text: str, kind: Kind = Kind.NOTICE) -> None:
        """Say it, unless it has just been said."""
        message, now = Message(text, kind), time.monotonic()
        log.log(logging.WARNING if kind is Kind.FAILURE else logging.INFO, "%s", text)
        self._told_at = {old: at for old, at in self._told_at.items() if now - at < REPEAT_AFTER_S}
        if message not in self._told_at:
            self._told_at[message] = now
            self.told.emit(message)

    def fail(self, text: str) -> None:
        """Say that something did not work."""
        self.tell(text, Kind.FAILURE)

    def install(self) -> None:
        """Catch what nobody caught, in every thread: it is logged whole, and the user is told that it happened."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def uninstall(self) -> None:
        """Give Python its own hooks back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None, where: str = "the window"
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("uncaught in %s", where, exc_info=(kind, error, trace))
        self.fail(OURS)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            name = args.thread.name if args.thread is not None else "a thread"
            self._on_exception(args.exc_type, args.exc_value, args.exc_traceback, name)
