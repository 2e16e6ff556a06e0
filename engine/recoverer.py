"""Mends takes that a crash cut short, beside the music: a take is long, and a disk may be slow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from engine.errors import SegueError
from engine.messages import Notice, TakeRecovered
from engine.takes.recovery import recover

log = logging.getLogger(__name__)

CLOSING_WAIT_S = 5.0


class Recoverer:
    """Looks through folders of takes, each on a thread of its own.

    Args:
        tell: hears of every take that was mended, or could not be, on that thread.
    """

    def __init__(self, tell: Callable[[TakeRecovered | Notice], None]) -> None:
        self._tell = tell
        self._threads: list[threading.Thread] = []

    def start(self, folder: Path) -> None:
        """Look through a folder."""
        thread = threading.Thread(target=self._recover, args=(folder,), name="segue-recover", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _recover(self, folder: Path) -> None:
        try:
            for recovery in recover(folder):
                take, text = recovery.take, recovery.text
                self._tell(Notice(text) if take is None else TakeRecovered(take, text))
        except (SegueError, OSError) as error:
            log.warning("no recovery in %s: %s", folder, error)
        except Exception:
            log.exception("no recovery in %s", folder)

    def close(self) -> None:
        """Give what is being mended some time. What is not finished then is mended at the next start."""
        for thread in self._threads:
            thread.join(CLOSING_WAIT_S)
