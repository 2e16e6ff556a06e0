"""How a process of ours is asked to stop, so that its files are closed whole: by a signal, or by a parent that lets go."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: set in the environment by a parent that holds the child's standard input, and reads its output as UTF-8
LEASH = "SEGUE_ENDS_WITH_STDIN"


def stop_signals() -> list[int]:
    """The signals beside Ctrl-C's that ask for it; that of a closed terminal not when nohup has it ignored."""
    names = ["SIGTERM", "SIGBREAK"]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        names.append("SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


@contextmanager
def stopping_later() -> Iterator[None]:
    """A Ctrl-C waits for the end of the block: no exception gets through the callbacks of a library written in C."""
    asked: list[int] = []
    held: list[int] = []
    try:
        if threading.current_thread() is threading.main_thread():  # signals reach no other
            for number in (signal.SIGINT, *stop_signals()):
                if signal.getsignal(number) is signal.default_int_handler:
                    held.append(number)
                    signal.signal(number, lambda number, _frame: asked.append(number))
        yield
    finally:
        for number in held:
            signal.signal(number, signal.default_int_handler)
    if asked:
        raise KeyboardInterrupt


def follow_parent() -> None:
    """Stop, as after a Ctrl-C, when standard input ends: Windows can ask a child in no other way, and none may be orphaned."""

    def watch() -> None:
        while os.read(0, 4096):  # not through sys.stdin, whose lock would be held at exit
            pass
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=watch, name="segue-leash", daemon=True).start()
