"""A file that is replaced whole, or stays as it was."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

PATIENCE_S, PAUSE_S = 0.1, 0.005


def replace_file(draft: Path, path: Path) -> None:
    """Let a finished draft take a file's place. Windows refuses that while anybody reads the old one: then again, for a moment.

    Raises:
        OSError: the disk or the folder does not allow it; both files are as they were.
    """
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            os.replace(draft, path)
            return
        except PermissionError:
            if time.monotonic() >= end:
                raise
            time.sleep(PAUSE_S)


def replace_text(path: Path, text: str) -> None:
    """Put a text on the disk in a file's place; whoever reads it, and whenever the power goes, finds the old or the new.

    Raises:
        OSError: the disk or the folder does not allow it; the old file is as it was.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        replace_file(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
