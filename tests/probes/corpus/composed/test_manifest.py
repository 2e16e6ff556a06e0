from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from probes.corpus.composed.manifest import MANIFEST_NAME, Manifest


def entry(name: str) -> dict[str, object]:
    return {"id": name, "file": f"{name}.flac", "seconds": 1.0, "seed": 1, "style": "naïve"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.flac").touch()
    manifest = Manifest(tmp_path)
    for name in ("a", "b"):
        manifest.append(entry(name))
    return tmp_path


def lines(folder: Path) -> list[Any]:
    return [json.loads(line) for line in (folder / MANIFEST_NAME).read_text(encoding="utf-8").splitlines()]


def test_entries_are_read_back(folder: Path) -> None:
    assert Manifest(folder).entries == {"a": entry("a"), "b": entry("b")}
    assert lines(folder) == [entry("a"), entry("b")]


@pytest.mark.parametrize("torn", ['{"id": "c", "fi', "[1]\n", '{"id": "c"}\n', "\x00\x00"])
def test_a_torn_line_is_dropped_and_the_file_mended(folder: Path, torn: str) -> None:
    with (folder / MANIFEST_NAME).open("a", encoding="utf-8") as file:
        file.write(torn)
    manifest = Manifest(folder)
    manifest.append(entry("c"))
    assert [line["id"] for line in lines(folder)] == ["a", "b", "c"]


def test_an_entry_whose_clip_is_gone_is_dropped(folder: Path) -> None:
    (folder / "a.flac").unlink()
    assert list(Manifest(folder).entries) == ["b"]
    assert [line["id"] for line in lines(folder)] == ["b"]


def test_a_full_disk_leaves_the_manifest_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = Manifest(folder)
    path = folder / MANIFEST_NAME
    before = path.read_bytes()
    original = Path.open

    def filling(self: Path, mode: str = "r", **settings: Any) -> Any:
        if mode != "a":
            return original(self, mode, **settings)
        with original(self, "a", **settings) as file:
            file.write('{"id": "c", "fi')
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", filling)
    with pytest.raises(OSError, match="No space left"):
        manifest.append(entry("c"))
    assert path.read_bytes() == before
    assert "c" not in manifest.entries
