"""``manifest.jsonl``: one JSON object a line, appended only when its clip is whole on the disk."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from engine.errors import CorpusError

MANIFEST_NAME = "manifest.jsonl"


class Manifest:
    """The manifest of a corpus folder. A line that was cut by a crash, or whose clip is gone, is dropped on opening."""

    def __init__(self, folder: Path) -> None:
        """Open, mending what a killed run left.

        Raises:
            CorpusError: the manifest cannot be read or mended.
        """
        self._path = folder / MANIFEST_NAME
        self.entries: dict[str, dict[str, object]] = {}
        try:
            text = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
            for line in text.splitlines():
                entry = _parse(line)
                if entry is not None and (folder / str(entry["file"])).is_file():
                    self.entries[str(entry["id"])] = entry
            mended = "".join(_line(entry) for entry in self.entries.values())
            if mended != text:
                part = self._path.with_suffix(".part")
                part.write_text(mended, encoding="utf-8", newline="\n")
                os.replace(part, self._path)
        except OSError as error:
            raise CorpusError(f"cannot read or mend {self._path}: {error.strerror or error}") from error

    def append(self, entry: Mapping[str, object]) -> None:
        """Add a clip.

        Raises:
            OSError: the disk is full; the manifest is as it was.
        """
        before = self._path.stat().st_size if self._path.exists() else 0
        try:
            with self._path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(_line(entry))
        except OSError:
            os.truncate(self._path, before)
            raise
        self.entries[str(entry["id"])] = dict(entry)


def _line(entry: Mapping[str, object]) -> str:
    return json.dumps(entry, ensure_ascii=False) + "\n"


def _parse(line: str) -> dict[str, object] | None:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return None
    return entry if isinstance(entry, dict) and {"id", "file", "seconds", "seed"} <= entry.keys() else None
