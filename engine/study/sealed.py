"""JSON files that are replaced whole and tell whether anybody but us has changed them since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import StudyError, TakeError
from engine.replacing import replace_text
from engine.takes.fields import parse_json

LARGEST_BYTES = 64 * 1024 * 1024
SEAL = "seal"


def seal(content: Mapping[str, Any]) -> str:
    """SHA-256 of JSON content, whatever its layout and the order of its keys."""
    plain = {key: value for key, value in content.items() if key != SEAL}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write_sealed(path: Path, content: Mapping[str, Any]) -> str:
    """Replace the file whole, or leave it as it was; returns the seal.

    Raises:
        StudyError: the disk does not take it.
    """
    mark = seal(content)
    try:
        replace_text(path, json.dumps({**content, SEAL: mark}, indent=1, ensure_ascii=False, allow_nan=False))
    except OSError as error:
        raise StudyError(f"{path} cannot be written ({error.strerror}): check the folder and the disk") from None
    return mark


def read_sealed(path: Path, kind: str, version: int, remedy: str) -> dict[str, Any]:
    """The content of a file that :func:`write_sealed` wrote; its seal is under :data:`SEAL`.

    Args:
        path: the file.
        kind, version: what its ``format`` and ``version`` must say.
        remedy: what to do about a file that cannot be used.

    Raises:
        StudyError: it is missing, not ours, of another version, damaged or edited by hand.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise StudyError(f"{path} is too large to be one of Segue's: {remedy}")
        content = parse_json(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error})"
        raise StudyError(f"{path} {reason}: {remedy}") from None
    except TakeError:
        raise StudyError(f"{path} is damaged: {remedy}") from None
    if not isinstance(content, dict) or content.get("format") != kind:
        raise StudyError(f"{path} is no {kind} file: {remedy}")
    if content.get("version") != version:
        raise StudyError(f"{path} is of version {content.get('version')!r}, this Segue reads {version}: {remedy}")
    if content.get(SEAL) != seal(content):
        raise StudyError(f"{path} has been changed since Segue wrote it: {remedy}")
    return content
