"""Lanes in the running engine: they move the state in force, can be exchanged on the way, and let go of the knobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_session_runner import Host

from engine.automation import Automation
from engine.control import ControlState
from engine.instrument import PACK_NAME
from engine.messages import Automate, Failure, LoadModel, ModelLoaded, Play
from engine.status import Status
from engine.steering.pack import ProbePack

pytestmark = pytest.mark.usefixtures("silence", "on_the_cpu")
RAMP = Automation.from_json({"lanes": {"jazz": [[0, 0], [100, 1]]}})


@pytest.fixture
def host(tmp_path: Path, tiny_spectral: Path, tiny_pack: ProbePack) -> Iterator[Host]:
    model = tmp_path / "model"
    model.mkdir()
    for file in tiny_spectral.iterdir():
        (model / file.name).write_bytes(file.read_bytes())
    tiny_pack.save(model / PACK_NAME)
    host = Host(tmp_path / "takes")
    host.engine.send(LoadModel(str(model)))
    host.wait_for(ModelLoaded)
    yield host
    host.engine.close()


def asked(status: Status) -> dict[str, float]:
    return {} if status.control is None else dict(status.control.blend)


def test_lanes_are_exchanged_on_the_way(host: Host) -> None:
    host.engine.publish(ControlState(number=1, blend=(("rock", 0.3),)))
    host.engine.send(Play(3))
    host.engine.send(Automate(RAMP))
    status = host.wait(lambda now: (now.automation_s or 0.0) > 0.4, "the lanes move")
    assert asked(status)["jazz"] == pytest.approx((status.automation_s or 0.0) / 100, abs=0.0005), "a frame at most"
    assert asked(status)["rock"] == 0.3

    other = Automation.from_json({"lanes": {"jazz": [[0, 0], [100, -1]], "temperature": [[0, 0.5]]}})
    host.engine.send(Automate(other, goes_on=True))
    status = host.wait(lambda now: now.control is not None and now.control.temperature == 0.5, "the others")
    assert status.automation_s is not None
    assert status.automation_s > 0.4, "they go on at the place"
    assert asked(status)["jazz"] < 0

    place_s = status.automation_s
    host.engine.send(Automate(RAMP))
    status = host.wait(lambda now: asked(now)["jazz"] >= 0, "the first ones again")
    assert (status.automation_s or 0.0) < place_s, "they begin again"
    host.engine.send(Play(4))
    host.wait(lambda now: now.seed == 4 and (now.automation_s or 9.0) < 0.2, "a new performance begins them again")

    host.engine.send(Automate(None))
    status = host.wait(lambda now: now.automation_s is None and "jazz" not in asked(now), "the knobs are the player's")
    assert asked(status) == {"rock": 0.3}


def test_lanes_that_cannot_be_played_are_refused(host: Host) -> None:
    host.engine.send(Play(3))
    host.engine.send(Automate(Automation.from_json({"lanes": {"polka": [[0, 1]]}})))
    assert "polka" in host.wait_for(Failure).text
    host.engine.send(Automate(RAMP, loop_s=0.0))
    assert "loop" in host.wait_for(Failure).text
    assert host.poll().automation_s is None
