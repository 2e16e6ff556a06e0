"""Addresses where no cluster is: one clear line, at once. No cluster is started here."""

from __future__ import annotations

import signal
import socket
import time
from typing import Any

import pytest

from engine.errors import CorpusError
from probes.ray_cluster import check_answers, connect


@pytest.mark.parametrize("address", ["", "head", "head:", ":6379", "head:port", "http://head:6379", "head:70000"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(CorpusError, match="give HOST:PORT, auto or local"):
        check_answers(address)


def test_where_nobody_listens_there_is_no_waiting() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and never listened at
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(CorpusError, match=f"no Ray cluster at {address} .*ray start --head"):
            check_answers(address)
    assert time.monotonic() - started < 10


def test_somebody_who_listens_is_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_answers(f"127.0.0.1:{server.getsockname()[1]}")


def test_what_ray_says_becomes_one_line_and_our_handler_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray")
    ours = signal.getsignal(signal.SIGTERM)

    def init(*_: Any, **__: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise ConnectionError("nothing runs here\nmore words\nand more")

    monkeypatch.setattr(ray, "init", init)
    with pytest.raises(CorpusError, match=r"^no Ray cluster at auto \(nothing runs here\): start one with .*$"):
        connect("auto")
    assert signal.getsignal(signal.SIGTERM) is ours
