"""The player's own defaults outlive the window, and rubbish in their file does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from gui.play.knob_defaults import KnobDefaults


def test_a_default_is_kept_and_given_back(tmp_path: Path) -> None:
    path = tmp_path / "defaults.json"
    KnobDefaults(path).choose("strength", 0.8)
    assert KnobDefaults(path).of("strength") == 0.8
    assert KnobDefaults(path).of("guidance") is None
    KnobDefaults(path).choose("strength", None)
    assert KnobDefaults(path).of("strength") is None


def test_one_bad_value_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "defaults.json"
    path.write_text(f'{{"a": 0.5, "b": "x", "c": NaN, "d": true, "e": {"9" * 400}, "f": 1e999, "g": null}}', "utf-8")
    defaults = KnobDefaults(path)
    assert [defaults.of(key) for key in "abcdefg"] == [0.5, *[None] * 6]


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"{", b"\xff"])
def test_a_file_of_rubbish_is_no_default(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "defaults.json"
    path.write_bytes(content)
    defaults = KnobDefaults(path)
    assert defaults.of("strength") is None
    defaults.choose("strength", 0.5)
    assert KnobDefaults(path).of("strength") == 0.5
