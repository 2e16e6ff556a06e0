"""A file is replaced whole, or stays as it was; also where somebody is reading the old one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.replacing import replace_text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.json"
    path.write_text("old", encoding="utf-8")
    return path


def test_a_reader_that_is_about_to_finish_is_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace a file that is open."""
    replace, refusals = os.replace, iter(range(3))

    def busy(draft: Path, path: Path) -> None:
        if next(refusals, None) is not None:
            raise PermissionError(13, "being used by another process")
        replace(draft, path)

    monkeypatch.setattr(os, "replace", busy)
    replace_text(file, "new")
    assert file.read_text(encoding="utf-8") == "new"


def test_one_that_never_ends_is_said_and_nothing_changes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise PermissionError(13, "being used by another process")

    monkeypatch.setattr(os, "replace", busy)
    with pytest.raises(PermissionError):
        replace_text(file, "new")
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.read_text(encoding="utf-8") == "old"
