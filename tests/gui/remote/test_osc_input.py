"""Real datagrams on the loopback: they move what they name, and nothing that strangers send does harm."""

from __future__ import annotations

import logging
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import build_msg
from pythonosc.udp_client import SimpleUDPClient

from engine.errors import DeviceError
from gui.control_model import ControlModel
from gui.remote.osc import OscInput, address, is_loopback
from gui.remote.targets import Targets

LOOPBACK = "127.0.0.1"


@pytest.fixture
def osc(targets: Targets) -> Iterator[OscInput]:
    """Listening at a port that is free."""
    osc = OscInput(targets)
    osc.start(LOOPBACK, 0)
    yield osc
    osc.close()


@pytest.fixture
def client(osc: OscInput) -> Iterator[SimpleUDPClient]:
    assert osc.port is not None
    with SimpleUDPClient(LOOPBACK, osc.port) as client:
        yield client


def test_every_parameter_has_an_address(
    qtbot: QtBot, client: SimpleUDPClient, targets: Targets, controls: ControlModel
) -> None:
    for key, parameter in targets.parameters.items():
        value = parameter.scale.at(0.25)
        client.send_message(f"/segue/{key}", value)
        qtbot.waitUntil(lambda p=parameter, v=value: p.read() == pytest.approx(v, abs=0.002), timeout=30_000)
    client.send_message("/segue/knob/jazz", 1)  # a whole number will do
    client.send_message("/segue/strength", 99.0)
    qtbot.waitUntil(lambda: controls.state.strength == 2.0, timeout=30_000)
    assert controls.knob("jazz") == 1.0


def test_actions_take_no_argument_or_a_press(qtbot: QtBot, client: SimpleUDPClient, bridge: Any) -> None:
    client.send_message("/segue/play", [])
    qtbot.waitUntil(lambda: bridge.playing, timeout=30_000)
    for pressed in (1.0, 0.0, True, False):
        client.send_message("/segue/keep", pressed)
    client.send_message("/segue/record", [])
    client.send_message("/segue/stop", 1)
    qtbot.waitUntil(lambda: not bridge.playing, timeout=30_000)
    assert bridge.asked == ["play", "keep", "keep", "record", "stop"]


def test_a_prompt(qtbot: QtBot, client: SimpleUDPClient, osc: OscInput, controls: ControlModel) -> None:
    client.send_message("/segue/prompt", "späte Nacht, Besen")
    qtbot.waitUntil(lambda: controls.state.prompt == "späte Nacht, Besen", timeout=30_000)
    for bad in ("x" * 600, "a\x01b", 5):
        client.send_message("/segue/prompt", bad)
    client.send_message("/segue/prompt", ["a", "b"])
    qtbot.waitUntil(lambda: osc.ignored == 4, timeout=30_000)
    assert controls.state.prompt == "späte Nacht, Besen"


def test_a_bundle_is_done_at_once_whatever_its_time(
    qtbot: QtBot, client: SimpleUDPClient, controls: ControlModel
) -> None:
    bundle = OscBundleBuilder(time.time() + 3600)
    bundle.add_content(build_msg("/segue/knob/jazz", 0.5))
    bundle.add_content(build_msg("/segue/knob/rock", -0.5))
    client.send(bundle.build())
    qtbot.waitUntil(lambda: dict(controls.state.blend) == {"jazz": 0.5, "rock": -0.5}, timeout=30_000)


def test_rubbish_is_counted_told_once_and_does_no_harm(
    qtbot: QtBot, client: SimpleUDPClient, osc: OscInput, controls: ControlModel, caplog: pytest.LogCaptureFixture
) -> None:
    before = controls.state
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as raw:
        nested = b"#bundle\x00" + bytes(8)
        for _ in range(700):
            nested = b"#bundle\x00" + bytes(8) + struct.pack(">i", len(nested)) + nested
        rubbish = [
            b"",
            b"hello",
            b"/",
            b"/segue/knob/jazz",
            b"/segue/knob/jazz\x00\x00\x00\x00,f\x00\x00",
            b"/segue/knob/jazz\x00\x00\x00\x00,f\x00\x00\x7f\xc0\x00\x00",  # not a number
            b"/segue/knob/jazz\x00\x00\x00\x00,f\x00\x00\x7f\x80\x00\x00",  # infinite
            b"/\xff\xfe\x00,\x00\x00\x00",
            b"#bundle\x00",
            b"#bundle\x00" + bytes(8) + b"\xff\xff\xff\xff",
            nested,
        ]
        for data in rubbish:
            raw.sendto(data, (LOOPBACK, osc.port))
    for where, arguments in (
        ("/segue/knob/folk", 1.0),
        ("/elsewhere", 1.0),
        ("/segue/", 1.0),
        ("/segue/knob/jazz", "loud"),
        ("/segue/knob/jazz", True),
        ("/segue/knob/jazz", [1.0, 2.0]),
        ("/segue/play", [1, 2]),
    ):
        client.send_message(where, arguments)
    unknown_type = b"/segue/knob/jazz\x00\x00\x00\x00,ZZZ\x00\x00\x00\x00"
    client._sock.sendto(unknown_type, (LOOPBACK, osc.port))
    client.send_message("/segue/strength", 0.5)
    qtbot.waitUntil(lambda: controls.state.strength == 0.5, timeout=30_000)
    assert controls.state.blend == before.blend
    assert osc.ignored >= len(rubbish) + 6
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 1, [record.getMessage() for record in told]
    ignored = osc.ignored
    with caplog.at_level(logging.INFO):
        osc.stop()
    assert str(ignored) in caplog.text


def test_a_flood_ends_where_its_last_message_says(
    qtbot: QtBot, client: SimpleUDPClient, controls: ControlModel
) -> None:
    changes: list[object] = []
    controls.changed.connect(changes.append)
    for number in range(2000):
        client.send_message("/segue/knob/jazz", number % 100 / 100)
    qtbot.wait(30)
    client.send_message("/segue/knob/jazz", 1.5)
    qtbot.waitUntil(lambda: controls.knob("jazz") == 1.5, timeout=30_000)
    assert len(changes) < 500


def test_a_port_that_is_taken_is_told(osc: OscInput, targets: Targets) -> None:
    assert osc.port is not None
    other = OscInput(targets)
    with pytest.raises(DeviceError, match=f"port {osc.port} is used by another program: choose another port"):
        other.start(LOOPBACK, osc.port)
    assert other.port is None
    other.close()


@pytest.mark.parametrize("host", ["example.invalid", "", "127.0.0.1.5", "203.0.113.7"])
def test_an_address_that_is_not_ours_is_told(targets: Targets, host: str) -> None:
    osc = OscInput(targets)
    with pytest.raises(DeviceError, match=r"127\.0\.0\.1"):
        osc.start(host, 0)


def test_stopping_gives_the_port_back_at_once(osc: OscInput) -> None:
    port = osc.port
    assert port is not None
    thread = osc._thread
    assert thread is not None
    osc.stop()
    osc.stop()
    assert not thread.is_alive()
    assert osc.port is None
    osc.start(LOOPBACK, port)
    assert osc.port == port


def test_without_the_library_it_says_how_to_get_it(targets: Targets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.remote.osc.installed", lambda: False)
    with pytest.raises(DeviceError, match="install osc"):
        OscInput(targets).start(LOOPBACK, 0)


def test_addresses_keep_what_osc_reserves_out() -> None:
    assert address("knob/hip hop #1?") == "/segue/knob/hip_hop__1_"
    assert [is_loopback(host) for host in (LOOPBACK, "::1", "0.0.0.0", "192.168.1.5")] == [True, True, False, False]
