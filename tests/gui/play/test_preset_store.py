"""Presets on disk: what is saved comes back; nothing is overwritten unasked; rubbish is named and left alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.control import ControlState, Law
from engine.messages import ModelLoaded
from gui.play.preset import Preset, PresetError
from gui.play.preset_store import FACTORY, PresetStore, preset_name

STATE = ControlState(
    number=7,
    blend=(("jazz", 0.8), ("rock", -0.25)),
    strength=0.9,
    law=Law.ADD,
    layers=((2, 0.5), (3, 0.5)),
    guidance=2.5,
    temperature=0.8,
    top_k=64,
    top_p=0.9,
    prompt="brushed drums",
)


@pytest.fixture
def presets(tmp_path: Path) -> PresetStore:
    factory = tmp_path / "factory"
    factory.mkdir()
    (factory / "Plain.json").write_text(
        '{"format": "segue-preset", "version": 1, "controls": {"blend": [["jazz", 1]]}}', encoding="utf-8"
    )
    return PresetStore(tmp_path / "mine", factory)


def names(store: PresetStore) -> list[str]:
    return [preset.name for preset in store.scan().presets]


@pytest.mark.parametrize("with_prompt", [True, False])
def test_what_is_saved_comes_back(presets: PresetStore, loaded: ModelLoaded, with_prompt: bool) -> None:
    saved = presets.save(Preset.of("Blue hour", STATE, with_prompt, loaded))
    assert presets.find("blue HOUR") == saved
    assert saved.layers_in_model == 6
    changes, left_out = saved.fit(loaded)
    assert left_out == ""
    assert changes.get("prompt") == ("brushed drums" if with_prompt else None)
    before = ControlState(prompt="mine", number=3)
    after = replace(before, **changes)
    assert dict(after.blend) == dict(STATE.blend)
    kept = STATE.prompt if with_prompt else "mine"
    assert replace(after, blend=STATE.blend) == replace(STATE, prompt=kept, number=3)
    assert saved.fit(loaded).is_what(after)
    assert not saved.fit(loaded).is_what(after.changed(temperature=0.81))


def test_another_instrument_plays_what_it_can(loaded: ModelLoaded) -> None:
    preset = Preset.of("x", STATE, False, loaded)
    changes, words = preset.fit(replace(loaded, genres=("jazz", "ska"), layers=24))
    assert changes["blend"] == (("jazz", 0.8),)
    assert changes["layers"] is None
    assert "no knob here for rock" in words
    assert "another model's" in words
    assert preset.fit(replace(loaded, genres=())).changes["blend"] == ()


def test_nothing_is_overwritten_unasked(presets: PresetStore, loaded: ModelLoaded) -> None:
    presets.save(Preset.of("Mine", STATE, False, loaded))
    other = Preset.of("mine", ControlState(), False, loaded)
    with pytest.raises(PresetError, match="already a preset Mine"):
        presets.save(other)
    assert presets.find("Mine").state.strength == 0.9  # type: ignore[union-attr]
    assert presets.save(other, replace=True).name == "Mine", "the file that is there, whatever its case"
    assert names(presets) == ["Plain", "Mine"]
    assert presets.find("Mine").state.strength == 1.0  # type: ignore[union-attr]
    with pytest.raises(PresetError, match="Segue's own"):
        presets.save(replace(other, name="plain"), replace=True)
    (presets.folder / "Broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(PresetError, match="no preset: choose another name"):
        presets.save(replace(other, name="Broken"))
    assert (presets.folder / "Broken.json").read_text(encoding="utf-8") == "{"


def test_rename(presets: PresetStore, loaded: ModelLoaded) -> None:
    mine = presets.save(Preset.of("Mine", STATE, True, loaded))
    presets.save(Preset.of("Other", STATE, True, loaded))
    for taken in ("other", "Plain"):
        with pytest.raises(PresetError, match=r"already|own"):
            presets.rename(mine, taken)
    renamed = presets.rename(presets.rename(mine, "MINE"), "Night/drive?")
    assert renamed.name == "Night drive"
    assert names(presets) == ["Plain", "Night drive", "Other"]
    assert presets.find("Night drive") == renamed
    presets.path(renamed).unlink()
    with pytest.raises(PresetError, match="cannot be renamed"):
        presets.rename(renamed, "gone")


@pytest.mark.parametrize("text", ["", "  ", "..", "x" * 41])
def test_names_that_are_none(text: str) -> None:
    with pytest.raises(PresetError):
        preset_name(text)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 50_000,
        b"[]",
        b'{"format": "segue-preset", "version": 2, "controls": {}}',
        b'{"format": "segue-preset", "version": 1}',
        b'{"format": "segue-preset", "version": 1, "controls": {"volume": 3}}',
        b'{"format": "segue-preset", "version": 1, "controls": {"number": 3}}',
        b'{"format": "segue-preset", "version": 1, "controls": {"strength": NaN}}',
        b'{"format": "segue-preset", "version": 1, "controls": {"blend": {"jazz": 1}}}',
        b'{"format": "segue-preset", "version": 1, "controls": {"law": "mine"}}',
        b'{"format": "segue-preset", "version": 1, "controls": {}, "layers_in_model": true}',
        b" " * 2_000_000,
    ],
    ids=lambda content: content[:70],
)
def test_rubbish_is_named_and_left_alone(presets: PresetStore, loaded: ModelLoaded, content: bytes) -> None:
    presets.save(Preset.of("Whole", STATE, False, loaded))
    (presets.folder / "Rubbish.json").write_bytes(content)
    found = presets.scan()
    assert [preset.name for preset in found.presets] == ["Plain", "Whole"]
    assert len(found.problems) == 1
    assert "Rubbish" in found.problems[0]
    assert (presets.folder / "Rubbish.json").read_bytes() == content


def test_a_folder_that_cannot_be_written_is_said(presets: PresetStore, loaded: ModelLoaded, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(PresetError, match="cannot be written"):
        presets.save(Preset.of("Mine", STATE, False, loaded))
    assert names(presets) == ["Plain"]


def test_the_factory_presets_are_sound() -> None:
    found = PresetStore(FACTORY / "none", FACTORY).scan()
    assert found.problems == ()
    assert len(found.presets) >= 6
    for preset in found.presets:
        data: Any = json.loads((FACTORY / f"{preset.name}.json").read_text(encoding="utf-8"))
        assert {genre for genre, _ in preset.state.blend} <= {"classical", "electronic", "jazz", "rock"}
        assert not preset.with_prompt, "whoever has typed a prompt keeps it"
        assert preset.state.layers is None
        assert preset_name(preset.name) == preset.name
        assert data["format"] == "segue-preset"
