"""Music of three kinds that a probe can tell apart, and a page with a real engine on a tiny model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from engine.engine import Engine
from gui.background import Background
from gui.bridge import EngineBridge
from gui.control_model import ControlModel
from gui.lab.page import LabPage
from gui.notify import Notifier

RATE_HZ = 24_000
SECONDS = 6.0


def sound(kind: str, song: int) -> np.ndarray:
    """Drone, hiss, clicks, or siren."""
    rng = np.random.default_rng([song, len(kind)])
    time_s = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    if kind == "drone":
        return 0.3 * np.sin(2 * np.pi * rng.uniform(100, 200) * time_s)
    if kind == "hiss":
        return 0.1 * rng.standard_normal(len(time_s))
    if kind == "clicks":
        return 0.8 * np.exp(-60 * (time_s * rng.uniform(2, 4) % 1)) * rng.standard_normal(len(time_s))
    hz = 1500 + 800 * np.sin(2 * np.pi * rng.uniform(0.3, 0.6) * time_s + rng.uniform(0, 6))
    return 0.3 * np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ)


def write_songs(folder: Path, kind: str, songs: int) -> Path:
    """``folder/3.wav`` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for song in range(songs):
        soundfile.write(folder / f"{song}.wav", sound(kind, song), RATE_HZ)
    return folder


@pytest.fixture(scope="session")
def songs() -> Callable[[Path, str, int], Path]:
    """:func:`write_songs`, for tests that need music of their own."""
    return write_songs


@pytest.fixture(scope="session")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of genre folders, with one file that is no sound."""
    folder = tmp_path_factory.mktemp("corpus") / "three kinds"
    for kind in ("clicks", "drone", "hiss"):
        write_songs(folder / kind, kind, 15)
    (folder / "drone" / "notes.wav").write_text("no sound", encoding="utf-8")
    return folder


class Rig:
    """A page as the window would hold it."""

    def __init__(self, tmp_path: Path) -> None:
        self.controls, self.background, self.notifier = ControlModel(), Background(), Notifier()
        self.bridge = EngineBridge(Engine(str(tmp_path)), self.controls)
        self.told: list[str] = []
        self.notifier.told.connect(lambda message: self.told.append(message.text))
        self.bridge.failed.connect(self.notifier.fail)
        self.page = LabPage(self.bridge, self.controls, self.background, self.notifier, tmp_path / "packs")
        self.page.resize(1250, 660)

    def close(self) -> None:
        self.page.close()
        self.bridge.close()
        self.background.close()
        self.page.deleteLater()
        QCoreApplication.sendPostedEvents(self.page, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def rig(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Rig]]:
    """Makes a page and waits until it is filled; children keep their recordings under the test's folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rigs: list[Rig] = []

    def make() -> Rig:
        rig = Rig(tmp_path)
        rigs.append(rig)
        with qtbot.waitSignal(rig.page.opened, timeout=30_000):
            rig.page.show()
        return rig

    yield make
    for each in rigs:
        each.close()
