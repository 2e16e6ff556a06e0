"""Settings come back as they were kept; rubbish becomes the default, value by value."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from gui.settings import Settings


def reopened(store: QSettings) -> QSettings:
    store.sync()
    return QSettings(store.fileName(), QSettings.Format.IniFormat)


def test_what_is_saved_comes_back(store: QSettings) -> None:
    kept = Settings(
        model="/models/größer",
        pack="/packs/blues.safetensors",
        model_folders=("/models/größer", "/models/a, b"),
        output="Kopfhörer, links",
        buffer_ms=200.0,
        takes_folder="/music",
        take_name="jam",
        take_format="flac",
        retro_s=30.0,
        volume_db=-6.0,
        theme="light",
        scale=1.5,
        welcomed=True,
        idle_card_told=True,
        geometry=b"\x00\xff\x01",
        midi=False,
        osc=True,
        osc_host="0.0.0.0",
        osc_port=9001,
    )
    assert all(getattr(kept, field.name) != field.default for field in fields(Settings))
    kept.save(store)
    assert Settings.load(reopened(store)) == kept


@pytest.mark.parametrize("folders", [(), ("/one",), ("/one", "/two")])
def test_lists_of_any_length_come_back(store: QSettings, folders: tuple[str, ...]) -> None:
    Settings(model_folders=folders).save(store)
    assert Settings.load(reopened(store)).model_folders == folders


def test_an_empty_file_is_the_default(store: QSettings) -> None:
    assert Settings.load(store) == Settings()


@pytest.mark.parametrize(
    ("name", "rubbish"),
    [
        ("model", ["a", "b"]),
        ("model_folders", ["/a", "b\x00c"]),
        ("take_format", "mp3"),
        ("output", "x" * 100_000),
        ("takes_folder", "a\x00b"),
        ("takes_folder", "takes/beside/wherever/it/was/started"),
        ("buffer_ms", "nan"),
        ("buffer_ms", "-3"),
        ("retro_s", "soon"),
        ("volume_db", "1e9"),
        ("theme", "plaid"),
        ("scale", "0"),
        ("welcomed", "perhaps"),
        ("geometry", "not bytes"),
        ("midi", "maybe"),
        ("osc_host", "a\x00b"),
        ("osc_port", "70000"),
        ("osc_port", "x"),
    ],
)
def test_rubbish_in_one_place_spoils_no_other(store: QSettings, name: str, rubbish: object) -> None:
    kept = Settings(take_name="jam")
    kept.save(store)
    store.setValue(name, rubbish)
    assert Settings.load(reopened(store)) == kept


def test_a_file_full_of_noise_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "noise.ini"
    path.write_bytes(bytes(range(256)) * 40)
    assert Settings.load(QSettings(str(path), QSettings.Format.IniFormat)) == Settings()
