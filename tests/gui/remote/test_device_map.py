"""Maps come back as they were kept; rubbish is survived, and not destroyed."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gui.remote.decoder import Kind, Source
from gui.remote.device_map import Binding, DeviceMap, MapFolder, device_name
from gui.remote.relative import Encoder

JAZZ = Binding(Source(Kind.CC, 0, 74), "knob/jazz")
BEND = Binding(Source(Kind.BEND, 15), "strength")
NRPN = Binding(Source(Kind.NRPN, 3, 16383), "volume")
KEEP = Binding(Source(Kind.NOTE, 9, 36), "keep")
ENDLESS = Binding(Source(Kind.CC, 1, 10), "guidance", Encoder.SIGN_BIT)


def test_a_map_comes_back_from_the_disk(tmp_path: Path) -> None:
    kept = DeviceMap("nanoKONTROL2 größer/…", (JAZZ, BEND, NRPN, KEEP, ENDLESS), enabled=False)
    MapFolder(tmp_path / "midi").save(kept)
    assert MapFolder(tmp_path / "midi").of(kept.device) == kept
    assert MapFolder(tmp_path / "midi").disabled() == {kept.device}
    assert [file.suffix for file in (tmp_path / "midi").iterdir()] == [".json"], "no leftovers"


def test_two_devices_have_two_files(tmp_path: Path) -> None:
    maps = MapFolder(tmp_path)
    maps.save(DeviceMap("a/b", (JAZZ,)))
    maps.save(DeviceMap("a b", (BEND,)))
    again = MapFolder(tmp_path)
    assert again.of("a/b").bindings == (JAZZ,)
    assert again.of("a b").bindings == (BEND,)
    assert again.of("never seen") == DeviceMap("never seen")
    assert again.disabled() == frozenset()


def test_a_control_moves_one_target_and_a_target_has_one_control() -> None:
    whole = DeviceMap("d").bound(JAZZ).bound(BEND)
    moved = whole.bound(replace(JAZZ, target="knob/rock"))
    assert [binding.target for binding in moved.bindings] == ["strength", "knob/rock"]
    other = whole.bound(replace(JAZZ, source=Source(Kind.CC, 0, 1)))
    assert [binding.source.kind for binding in other.bindings] == [Kind.BEND, Kind.CC]
    assert whole.without("strength").bindings == (JAZZ,)
    assert whole.by_source[JAZZ.source] is JAZZ
    assert whole.by_target["strength"] is BEND


@pytest.mark.parametrize(
    "rubbish",
    [
        {"channel": 16},
        {"channel": True},
        {"channel": -1},
        {"number": 128},
        {"number": "74"},
        {"number": 1.5},
        {"kind": "theremin"},
        {"kind": ["cc"]},
        {"target": 5},
        {"target": "x" * 1000},
        {"encoder": "quantum"},
        {"encoder": {}},
    ],
)
def test_a_bad_binding_spoils_no_other(tmp_path: Path, rubbish: dict[str, object]) -> None:
    maps = MapFolder(tmp_path)
    data = DeviceMap("d", (JAZZ, BEND)).to_json()
    data["bindings"][0] |= rubbish
    data["bindings"] += [None, 7, "cc", {}, []]
    maps.path("d").write_text(json.dumps(data), encoding="utf-8")
    assert maps.of("d").bindings == (BEND,)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"version": 99}', b"[" * 100_000, b" " * (2 << 20)]
)
def test_a_file_that_is_no_map_is_kept_aside_before_it_is_replaced(tmp_path: Path, content: bytes) -> None:
    maps = MapFolder(tmp_path)
    path = maps.path("d")
    path.write_bytes(content)
    assert maps.of("d") == DeviceMap("d")
    assert maps.disabled() == frozenset()
    assert path.read_bytes() == content, "reading destroys nothing"
    maps.save(DeviceMap("d", (JAZZ,)))
    assert MapFolder(tmp_path).of("d").bindings == (JAZZ,)
    assert path.with_suffix(".unreadable").read_bytes() == content


def test_a_folder_that_cannot_be_written_leaves_the_map_in_force(tmp_path: Path) -> None:
    (tmp_path / "midi").write_text("a file", encoding="utf-8")
    maps = MapFolder(tmp_path / "midi")
    with pytest.raises(OSError, match="midi"):
        maps.save(DeviceMap("d", (JAZZ,)))
    assert maps.of("d").bindings == (JAZZ,)


def test_the_numbers_that_change_are_no_part_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert device_name("nanoKONTROL2:nanoKONTROL2 _ CTRL 24:0") == "nanoKONTROL2:nanoKONTROL2 _ CTRL"
    assert device_name("KeyStep 37") == "KeyStep 37"
    monkeypatch.setattr(sys, "platform", "win32")
    assert device_name("nanoKONTROL2 1") == "nanoKONTROL2"
