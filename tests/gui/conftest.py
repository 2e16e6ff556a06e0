"""Settings of their own for every test, and the theme that painters ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from engine.control import Law
from engine.messages import ModelLoaded
from gui import theme
from gui.control_model import ControlModel

GENRES = ("rock", "jazz", "electronic", "classical")  # a pack's order is not the ring's


@pytest.fixture(autouse=True)
def dark(qapp: object) -> None:
    """Every test begins in the dark theme at its design's size."""
    theme.apply(qapp, "dark")  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def presets_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees the user's presets, or leaves one."""
    folder = tmp_path / "presets"
    monkeypatch.setattr("gui.play.preset_store.default_folder", lambda: folder)
    return folder


@pytest.fixture(autouse=True)
def no_controllers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No window opens the MIDI inputs of whoever runs the tests."""
    monkeypatch.setattr("gui.remote.ports.installed", lambda: False)


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    """An empty settings file."""
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def loaded() -> ModelLoaded:
    """A model of six layers with a pack of four genres."""
    return ModelLoaded(
        "toy",
        "CC0-1.0",
        6,
        24_000,
        480,
        GENRES,
        (1.5, 1.4, 1.3, 1.2),
        (0.5, 0.6, 0.7, 0.8, 0.7, 0.6),
        ((3, 1.0),),
        Law.UNIT,
    )


@pytest.fixture
def controls(qapp: object, loaded: ModelLoaded) -> ControlModel:
    """A model that has taken up that instrument."""
    model = ControlModel()
    model.adopt(loaded)
    return model
