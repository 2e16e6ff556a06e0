"""A small file is replaced whole or not at all, and read with care."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gui import json_file


def test_what_is_written_is_read_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new" / "größer.json"
    json_file.write(path, {"name": "größer"})
    json_file.write(path, {"name": "am größten"})
    assert json_file.read(path) == {"name": "am größten"}
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    json_file.write(path, 1)

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        json_file.write(path, 2)
    assert json_file.read(path) == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b" " * (json_file.LARGEST_BYTES + 1)])
def test_rubbish_is_a_value_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(ValueError):  # noqa: PT011  (the words are json's own)
        json_file.read(path)
