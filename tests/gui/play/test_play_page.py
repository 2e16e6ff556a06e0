"""The Play page shows what was heard by the names of the pack that heard it, or not at all."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.engine import Engine
from engine.messages import ModelLoaded
from engine.status import Status
from gui.background import Background
from gui.bridge import EngineBridge
from gui.control_model import ControlModel
from gui.play.page import PlayPage
from gui.play.performer import Performer


class IdleEngine(Engine):
    """Has no thread, and does nothing."""

    def _run(self) -> None: ...


def test_shares_of_other_genres_are_not_shown(qtbot: QtBot, loaded: ModelLoaded) -> None:
    controls, background = ControlModel(), Background()
    bridge = EngineBridge(IdleEngine(), controls)
    bridge._timer.stop()
    page = PlayPage(bridge, controls, Performer(bridge, controls), background)
    qtbot.addWidget(page)
    controls.adopt(loaded)

    page.show_status(Status(frame=10, heard_frame=10, heard=(0.6, 0.4)))
    assert {knob._heard for knob in page.bank.knobs.values()} == {None}
    page.show_status(Status(frame=20, heard_frame=20, heard=(0.1, 0.2, 0.3, 0.4)))
    heard = {genre: knob._heard for genre, knob in page.bank.knobs.items()}
    assert heard == pytest.approx(dict(zip(loaded.genres, (0.1, 0.2, 0.3, 0.4), strict=True)))
    page.close()
    bridge.close()
    background.close()
