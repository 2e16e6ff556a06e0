"""Settings of their own for every test, the theme that painters ask for, and whole windows with a real engine."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gui_thread import GuiThread
from PySide6.QtCore import QLocale, QSettings
from pytestqt.qtbot import QtBot

from engine.control import Law
from engine.messages import ModelLoaded
from engine.model.checkpoint_files import find
from engine.steering.pack import ModelIdentity, PackDefaults, ProbePack
from gui import theme
from gui.app import open_window
from gui.control_model import ControlModel
from gui.main_window import MainWindow
from gui.notify import Notifier
from gui.settings import Settings

RING = ("classical", "electronic", "jazz", "rock")
GENRES = ("rock", "jazz", "electronic", "classical")  # a pack's order is not the ring's


@pytest.fixture(autouse=True)
def swept_between_tests() -> Iterator[None]:
    """As in the window, no thread but the GUI's sweeps for cycles: they hold Qt objects of earlier tests."""
    gc.disable()
    yield
    gc.enable()


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
def american() -> Iterator[None]:
    """A system on which thousands are set apart by commas."""
    before = QLocale()
    QLocale.setDefault(QLocale("en_US"))
    yield
    QLocale.setDefault(before)


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


@pytest.fixture(scope="session")
def checkpoint(tiny_spectral: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with a pack of random directions beside it."""
    folder = tmp_path_factory.mktemp("steerable")
    for file in tiny_spectral.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    files = find(str(folder))
    layers, hidden = files.config["decoder"]["num_hidden_layers"], files.config["decoder"]["hidden_size"]
    directions = np.random.default_rng(0).normal(size=(layers, 4, hidden)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    ProbePack(
        ModelIdentity(files.name, files.digest, layers, hidden),
        RING,
        directions,
        directions,
        np.zeros((layers, 4), np.float32),
        np.linspace(0.5, 0.9, layers, dtype=np.float32),
        np.full(4, 1.2, np.float32),
        PackDefaults(((1, 1.0),)),
        meter_layer=1,
        method="random",
    ).save(folder / "probes.safetensors")
    return folder


@pytest.fixture
def open_one(qtbot: QtBot, store: QSettings, tmp_path: Path) -> Iterator[Callable[..., MainWindow]]:
    """Opens windows on a model, with settings by name; each is closed at the end."""
    windows: list[MainWindow] = []

    def open_one(model: str, **choices: object) -> MainWindow:
        chosen = {"takes_folder": str(tmp_path / "takes"), "welcomed": True, **choices}
        settings = Settings(model=model, **chosen)  # type: ignore[arg-type]
        window = open_window(settings, store, Notifier())
        windows.append(window)
        window.show()
        return window

    yield open_one
    for window in windows:
        window.close()
        window.deleteLater()


@pytest.fixture
def thread(qapp: object) -> Iterator[GuiThread]:
    """The GUI thread, watched, without what all tests before this one left: sweeps for cycles would go over it."""
    gc.collect()
    gc.freeze()
    thread = GuiThread()
    thread.watch()
    yield thread
    thread.unwatch()
    gc.unfreeze()
