"""What lies in a study's folder while it is being made: what was asked for, so that its making can be gone on with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from engine.errors import StudyError

#: holds the sources' codes; it is there from the first clip to the last
UNFINISHED = "unfinished.safetensors"


def read_request(folder: Path) -> Mapping[str, Any]:
    """What an unfinished study was asked to be: ``transitions``, ``sources``, ``seed``, ``clip_s`` and who makes it.

    Raises:
        StudyError: it is missing or damaged.
    """
    path = folder / UNFINISHED
    try:
        with safe_open(path, "numpy") as file:
            asked = json.loads((file.metadata() or {}).get("request", "null"))
    except (OSError, SafetensorError, ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise StudyError(f"{path} is damaged: delete {folder} and begin again")
    return asked


def words_of(folder: Path) -> list[str]:
    """The words of ``segue study new`` that go on making it as it was begun.

    Raises:
        StudyError: it is missing or damaged.
    """
    asked = read_request(folder)
    try:
        pairs = ",".join(f"{source}:{target}" for source, target in asked["transitions"])
        words = ["--seed", str(int(asked["seed"])), "--sources", str(int(asked["sources"]))]
        return [*words, "--seconds", repr(float(asked["clip_s"])), "--transitions", pairs]
    except (KeyError, TypeError, ValueError):
        raise StudyError(f"{folder / UNFINISHED} is damaged: delete {folder} and begin again") from None
