"""Small JSON files of the user's: read with care, replaced whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.replacing import replace_text

LARGEST_BYTES = 1 << 20


def read(path: Path, largest_bytes: int = LARGEST_BYTES) -> Any:
    """The value in a file.

    Raises:
        OSError: not there, or not to be read.
        ValueError: not JSON of a sensible size.
    """
    with path.open("rb") as file:
        data = file.read(largest_bytes + 1)
    if len(data) > largest_bytes:
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
    replace_text(path, json.dumps(value, ensure_ascii=False, indent=1))
