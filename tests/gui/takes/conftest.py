"""A panel over a folder of two takes, under a real bridge to an engine that obeys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from invented_takes import ObedientEngine, make_take
from pytestqt.qtbot import QtBot

from engine.takes.library import Library
from gui.background import Background
from gui.bridge import EngineBridge
from gui.control_model import ControlModel
from gui.takes.panel import TakesPanel


@pytest.fixture
def engine() -> ObedientEngine:
    return ObedientEngine()


@pytest.fixture
def bridge(qtbot: QtBot, engine: ObedientEngine) -> Iterator[EngineBridge]:
    bridge = EngineBridge(engine, ControlModel())  # type: ignore[arg-type]
    bridge._timer.stop()  # tests poll themselves
    yield bridge
    bridge.close()


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path, bridge: EngineBridge) -> Iterator[TakesPanel]:
    make_take(tmp_path, 1, {"jazz": 0.7, "rock": 0.3}, lufs=-20.0)
    make_take(tmp_path, 2, {"jazz": 0.1, "rock": 0.9}, lufs=-14.0)
    background = Background()
    panel = TakesPanel(Library(tmp_path), background, bridge)
    qtbot.addWidget(panel)
    panel.resize(290, 620)
    panel.show()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2, timeout=30_000)
    yield panel
    panel.end()
    background.close()
