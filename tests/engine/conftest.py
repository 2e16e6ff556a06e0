"""An instrument over the tiny checkpoint, a pack of random directions for it, and a machine without sound outputs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.stopping import stop_signals

if TYPE_CHECKING:
    from engine.instrument import Instrument
    from engine.steering.pack import ProbePack

GENRES = ("classical", "electronic", "jazz", "rock")


@pytest.fixture(scope="session")
def tiny_instrument(tiny_spectral: Path) -> Instrument:
    """3 layers × 64 over the spectral codec, float32 on the CPU. Its codec carries state: one performance at a time."""
    import torch

    from engine.instrument import Instrument
    from engine.model.precision import Precision

    return Instrument.load(str(tiny_spectral), torch.device("cpu"), Precision.FP32)


@pytest.fixture
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens are compared: everything is loaded on one device, also where there is a better one."""
    import torch

    monkeypatch.setattr("engine.instrument.choose_device", lambda: torch.device("cpu"))


@pytest.fixture(scope="session")
def tiny_pack(tiny_instrument: Instrument) -> ProbePack:
    """Four random directions at each layer; steers layer 1."""
    from engine.bench.live import random_pack

    return random_pack(tiny_instrument, GENRES)


@pytest.fixture
def own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For tests of the command line: none writes the user's log, or leaves the signals changed."""
    import main

    monkeypatch.setattr(main.platformdirs, "user_log_dir", lambda *_, **__: str(tmp_path / "logs"))
    before = {number: signal.getsignal(number) for number in stop_signals()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class NoOutputs:
    """A sound system that finds no device: a clock plays in silence, wherever the tests run."""

    def rescan(self) -> None:
        pass

    def outputs(self) -> tuple[()]:
        return ()

    def open(self, *_: Any) -> Any:
        raise AssertionError("there is nothing to open")


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens an output in this test gets none."""
    monkeypatch.setattr("engine.audio.output.PortAudio", NoOutputs)
