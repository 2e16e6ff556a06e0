"""Small JSON files of the user's: read with care, replaced whole or not at all."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

LARGEST_BYTES = 1 << 20


def read(path: Path) -> Any:
    """The value in a file.

    Raises:
        OSError: not there, or not to be read.
        ValueError: not JSON of a sensible size.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise ValueError(f"{path} is too large")
    try:
        return json.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError(f"{path} is nested too deeply") from None


def write(path: Path, value: Any) -> None:
    """Replace a file, and make its folder where there is none.

    Raises:
        OSError: the disk or the folder does not allow it; the old file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
