"""The chooser: what there is, a real download from a hub on this machine, packs; nothing is fetched unasked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.messages import ModelLoaded
from engine.model import catalogue
from engine.model.catalogue import Entry, Machine
from engine.model.precision import Precision
from gui.background import Background
from gui.models.chooser import ModelChooser
from gui.models.row import ModelRow
from gui.models.speeds import Speeds
from gui.models.work import Phase

HUB_ID = "someone/tiny"
TIMEOUT_MS = 60_000


class Survey:
    """What the chooser finds; a test says what is here."""

    def __init__(self) -> None:
        self.here = False

    def __call__(self, folders: tuple[str, ...], machine: Machine) -> tuple[Entry, ...]:
        return (
            Entry("pocket", "CC0-1.0", 23_000_000, 350_000_000, here=True, fits=True),
            Entry(HUB_ID, "cc-by-nc-4.0", 2_000_000, 5_000_000_000, here=self.here, fits=False),
            *(Entry(folder, "", 0, 0, here=False, fits=True, trouble=f"{folder} is gone") for folder in folders),
        )


@pytest.fixture
def survey(monkeypatch: pytest.MonkeyPatch) -> Survey:
    survey = Survey()
    monkeypatch.setattr(catalogue, "this_machine", lambda: Machine("cpu", Precision.INT8, 4_000_000_000))
    monkeypatch.setattr(catalogue, "survey", survey)
    return survey


@pytest.fixture
def chooser(qtbot: QtBot, survey: Survey, tmp_path: Path) -> Any:
    parent = QWidget()
    qtbot.addWidget(parent)
    background = Background(parent)
    chooser = ModelChooser(parent, background, Speeds(tmp_path / "speeds.json"), ("/models/mine",))
    chooser.show_use("pocket", "")
    parent.show()
    chooser.open()
    qtbot.waitUntil(lambda: bool(chooser.rows), timeout=30_000)
    yield chooser
    chooser.work.close()
    background.close()


def row(chooser: ModelChooser, name: str) -> ModelRow:
    return next(row for row in chooser.rows if row.entry.name == name)


def press(button: QWidget) -> None:
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_each_model_says_what_it_is_and_needs(chooser: ModelChooser) -> None:
    said = [row.accessibleName() for row in chooser.rows]
    assert said[0] == (
        "Pocket, CC0 1.0: free for any use, 23 MB on disk, "
        "Needs 350 MB of memory in int8: fits, speed not yet measured here"
    )
    assert "not for commercial use, about 2 MB to download" in said[1]
    assert "does not fit, 4.0 GB are free" in said[1]
    assert "/models/mine is gone" in said[2]
    assert "CPU, int8, 4.0 GB" in chooser._machine_line.text()


def test_tab_goes_down_the_rows_and_every_button_says_whose_it_is(chooser: ModelChooser) -> None:
    wanted = [button for row in chooser.rows for button in row.buttons]
    widget: QWidget | None = wanted[0]
    met: list[QWidget] = []
    while widget is not None and widget is not chooser.own_pack:
        met += [widget] if widget in wanted else []
        widget = widget.nextInFocusChain()
    assert met == wanted
    assert row(chooser, "pocket").play.accessibleName() == "Pocket: Plays now"


def test_what_plays_cannot_be_chosen_again(chooser: ModelChooser) -> None:
    pocket = row(chooser, "pocket")
    assert (pocket.play.text(), pocket.play.isEnabled()) == ("Plays now", False)
    chooser.show_use("other", "pocket")
    assert (pocket.play.text(), pocket.play.isEnabled()) == ("Loading …", False)
    chooser.show_use("other", "")
    chosen: list[str] = []
    chooser.chosen.connect(chosen.append)
    press(pocket.play)
    assert chosen == ["pocket"]


def test_a_download_is_asked_for_shown_agreed_to_and_done(
    qtbot: QtBot, chooser: ModelChooser, survey: Survey, hub: Any
) -> None:
    tiny = row(chooser, HUB_ID)
    assert not tiny.play.isVisible()
    press(tiny.download)
    assert chooser.work.phase is Phase.ASKING
    qtbot.waitUntil(lambda: chooser.work.phase is Phase.OFFERED, timeout=TIMEOUT_MS)
    assert hub.sent == [], "nothing is fetched before the player agrees"
    assert "not for commercial use. Download it?" in tiny.accessibleName()
    press(tiny.download)
    assert tiny.progress.isVisible()
    with qtbot.waitSignal(chooser.work.downloaded, timeout=TIMEOUT_MS):
        survey.here = True
    qtbot.waitUntil(lambda: row(chooser, HUB_ID).entry.here, timeout=30_000)
    assert "model.safetensors" in hub.sent
    assert row(chooser, HUB_ID).play.isVisible()


def test_an_offer_can_be_turned_down_and_a_download_cancelled(qtbot: QtBot, chooser: ModelChooser, hub: Any) -> None:
    tiny = row(chooser, HUB_ID)
    press(tiny.download)
    qtbot.waitUntil(lambda: chooser.work.phase is Phase.OFFERED, timeout=TIMEOUT_MS)
    press(tiny.cancel)
    assert chooser.work.phase is Phase.REST
    hub.gate.clear()
    press(tiny.download)
    qtbot.waitUntil(lambda: chooser.work.phase is Phase.OFFERED, timeout=TIMEOUT_MS)
    press(tiny.download)
    qtbot.waitUntil(lambda: "model.safetensors" in hub.sent, timeout=TIMEOUT_MS)
    press(tiny.cancel)
    qtbot.waitUntil(lambda: chooser.work.phase is Phase.REST, timeout=TIMEOUT_MS)
    assert not tiny.progress.isVisible()
    assert tiny.download.isEnabled()


def test_a_hub_that_is_not_there_is_told_in_the_row(
    qtbot: QtBot, chooser: ModelChooser, hub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    tiny = row(chooser, HUB_ID)
    press(tiny.download)
    qtbot.waitUntil(lambda: chooser.work.phase is Phase.FAILED, timeout=TIMEOUT_MS)
    assert "check the connection" in tiny.accessibleName()
    assert tiny.download.isVisible(), "to try again"


def test_a_measurement_is_shown_and_kept(chooser: ModelChooser, tmp_path: Path) -> None:
    pocket = row(chooser, "pocket")
    assert pocket.measure.isVisible()
    chooser.work.phase, chooser.work.model = Phase.MEASURING, "pocket"
    chooser.work._on_finished({"expected_realtime_factor": 3.71, "warnings": []})
    assert "3.7 × real time here" in pocket.accessibleName()
    assert not pocket.measure.isVisible()
    assert Speeds(tmp_path / "speeds.json").measured("pocket") == 3.71


def test_what_cannot_be_measured_says_why(chooser: ModelChooser) -> None:
    chooser.work.phase, chooser.work.model = Phase.MEASURING, "pocket"
    chooser.work._on_finished({"expected_realtime_factor": None, "warnings": ["pocket is damaged"]})
    assert "! pocket is damaged" in row(chooser, "pocket").accessibleName()


def test_the_pack_is_named_and_the_models_own_is_a_click_away(chooser: ModelChooser, loaded: ModelLoaded) -> None:
    blues = Path("/packs/blues.safetensors")
    chooser.show_pack(loaded, None)
    assert "came with toy: rock, jazz, electronic, classical" in chooser._pack_line.text()
    assert not chooser.own_pack.isVisible()
    chooser.show_pack(replace(loaded, pack=blues), blues)
    assert "Knobs from blues.safetensors" in chooser._pack_line.text()
    packs: list[object] = []
    chooser.pack_chosen.connect(packs.append)
    press(chooser.own_pack)
    assert packs == [None]
    chooser.show_pack(loaded, blues)
    assert chooser.own_pack.isVisible(), "it is out of reach, and would be asked for again"
    chooser.show_pack(replace(loaded, genres=()), None)
    assert "came without knobs" in chooser._pack_line.text()
