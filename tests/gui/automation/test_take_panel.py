"""The desk of a take's moves: it keeps what has been edited, follows the take, and writes long lanes beside the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from engine.automation import Automation
from engine.control import ControlState
from engine.takes.history import History
from engine.takes.library import Library
from engine.takes.pcm import Measurement
from engine.takes.score import Origin
from engine.takes.take import Heading, Take, save_take
from gui.automation.take_panel import TakeMovesPanel
from gui.automation.variation_job import VariationJob
from gui.background import Background
from gui.control_model import ControlModel

RATE_HZ = 8000


@pytest.fixture
def take(tmp_path: Path) -> Heading:
    """Ten seconds in which jazz is turned for six."""
    origin = Origin("Segue", "m", "a" * 64, "", "", "", "cpu", "fp32", 0, RATE_HZ, 1, 4, RATE_HZ // 50)
    history = History(origin, ControlState().to_json())
    for frame in range(1, 300):
        history.change(frame, ControlState(blend=(("jazz", round(frame / 300, 3)),)).to_json())
    samples = 10 * RATE_HZ
    score = history.score(start_frame=0, end_frame=500, start_sample=0, end_sample=samples, codes_sha256="0" * 64)
    path = tmp_path / "jam-1.wav"
    soundfile.write(path, np.zeros(samples), RATE_HZ, subtype="PCM_24")
    take = Take(path, "jam-1", "now", RATE_HZ, 1, Measurement(samples, 0.0, -14.0, "0" * 64), score=score)
    save_take(take)
    return Library(tmp_path).scan().takes[0]


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


@pytest.fixture
def panel(qtbot: QtBot, background: Background, take: Heading) -> TakeMovesPanel:
    panel = TakeMovesPanel(ControlModel(), background)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.opened, timeout=30_000):
        panel.edit_take(take)
    return panel


def test_the_take_that_is_on_the_desk_stays_as_it_is_edited(panel: TakeMovesPanel, take: Heading) -> None:
    panel.lanes.edit("jazz", ((0.0, 0.5),))
    opened = QSignalSpy(panel.opened)
    panel.edit_take(take)
    assert opened.count() == 1
    assert panel.lanes.lane("jazz") == ((0.0, 0.5),)
    assert panel.lanes.can_undo


def test_a_take_that_is_renamed_is_followed(panel: TakeMovesPanel, take: Heading) -> None:
    renamed = replace(take, path=take.path.with_name("opener.wav"), title="opener")
    panel.follow_take(take.path, renamed)
    assert (panel.take, panel.title.text()) == (renamed, "opener")
    panel.follow_take(take.path, replace(take, title="another one"))
    assert panel.take == renamed


def test_a_drag_asks_only_whether_something_differs(
    panel: TakeMovesPanel, take: Heading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.automation.take_moves.spliced", lambda *_: pytest.fail("it was made for nobody"))
    assert not panel.render_button.isEnabled()
    panel.lanes.edit("jazz", ((0.0, 0.5), (3.0, 0.0)))
    assert panel.render_button.isEnabled()


def test_long_lanes_are_written_beside_the_window(
    qtbot: QtBot, background: Background, take: Heading, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = VariationJob(background)
    threads, started, write = [], [], Path.write_text

    def slow(path: Path, text: str, **options: str) -> int:
        threads.append(threading.get_ident())
        return write(path, text, **options)

    monkeypatch.setattr(Path, "write_text", slow)
    monkeypatch.setattr(job, "make", lambda _take, words, _names: started.append(Path(words[1])))
    lanes = {f"genre {n}": tuple((k / 50, k / 31_000) for k in range(30_000)) for n in range(4)}
    job.start(take, Automation(lanes))
    assert job.running
    qtbot.waitUntil(lambda: bool(started), timeout=30_000)
    assert threads != [threading.get_ident()]
    assert started[0].stat().st_size < 30 * 4 * 30_000
    assert Automation.load(started[0]).lanes == lanes
    job.tidy()
    assert not job.running


def test_it_can_be_stopped_while_the_lanes_are_written(qtbot: QtBot, background: Background, take: Heading) -> None:
    job = VariationJob(background)
    job.start(take, Automation({"jazz": ((0.0, 0.5),)}))
    with qtbot.waitSignal(job.stopped, timeout=30_000):
        job.stop()
    qtbot.wait(100)
    assert not job.running
