"""What a graph captures and when, without a card: the program that it would replay is run in its place."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from pathlib import Path

import pytest
import torch

from engine.instrument import Instrument
from engine.model import graphs
from engine.model.graphs import GraphedStepper
from engine.model.precision import Precision
from engine.model.stream import TokenStream

WINDOW = 96
PROMPTS = ("slow jazz", "hard rock with loud guitars", "")


class _Replayed:
    """Stands for a graph: runs what was to be captured."""

    def __init__(self, run: Callable[[], None]) -> None:
        self.replay = run


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The buckets that are captured, in order."""
    found: list[int] = []

    def capture(stepper: GraphedStepper, bucket: int) -> _Replayed:
        found.append(bucket)
        return _Replayed(lambda: stepper._run(bucket))

    monkeypatch.setattr(torch.cuda, "Stream", lambda device: None)
    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: (0, 0))
    monkeypatch.setattr(GraphedStepper, "_capture", capture)
    monkeypatch.setattr(graphs, "BUCKETS", (16, 30, 64))
    return found


@pytest.fixture(scope="module")
def instrument(tiny_spectral: Path) -> Instrument:
    return Instrument.load(str(tiny_spectral), torch.device("cpu"), Precision.FP32)


def play(stream: TokenStream, instrument: Instrument, columns: int) -> torch.Tensor:
    """The columns drawn after an audio prompt, the words changing on the way."""
    stream.sampling.write(3.0, 1.0, 50, 0.9)
    stream.memory = None
    stream.start([3], torch.randint(64, (1, 4, 9), generator=torch.Generator().manual_seed(0)))
    drawn = []
    for column in range(columns):
        if column % 20 == 0:
            stream.memory = instrument.text.read([PROMPTS[column // 20 % 3]])
        stream.step()
        drawn.append(stream.tokens[0].clone())
    return torch.stack(drawn)


def stepped(instrument: Instrument, program: Callable[[], Hashable] = lambda: None) -> TokenStream:
    stream = TokenStream(instrument.decoder, WINDOW)
    stream.stepper = GraphedStepper(stream, program)
    return stream


def test_the_program_gives_the_direct_steps_tokens(instrument: Instrument, captures: list[int]) -> None:
    """In every bucket, over the window's end, and again from the start."""
    expected = play(TokenStream(instrument.decoder, WINDOW), instrument, 200)
    stream = stepped(instrument)
    assert torch.equal(play(stream, instrument, 200), expected)
    assert captures == [16, 30, 64, WINDOW]
    assert torch.equal(play(stream, instrument, 200), expected)
    assert len(captures) == 4


def test_what_is_prepared_is_not_captured_in_the_music(instrument: Instrument, captures: list[int]) -> None:
    stream = stepped(instrument)
    assert isinstance(stream.stepper, GraphedStepper)
    stream.stepper.prepare()
    assert captures == [16, 30, 64, WINDOW]
    play(stream, instrument, 100)
    assert len(captures) == 4


def test_each_program_is_captured_and_the_oldest_makes_room(
    instrument: Instrument, captures: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "MAX_GRAPHS", 2)
    program = "a"
    stream = stepped(instrument, lambda: program)
    stream.start([1])
    for program, captured in (("a", 1), ("b", 2), ("a", 2), ("c", 3), ("b", 3), ("a", 4)):
        stream.step()
        assert len(captures) == captured, program


def test_a_step_that_cannot_be_captured_runs_directly(
    instrument: Instrument, captures: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected = play(TokenStream(instrument.decoder, WINDOW), instrument, 100)

    def fail(stepper: GraphedStepper, bucket: int) -> None:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(GraphedStepper, "_capture", fail)
    assert torch.equal(play(stepped(instrument), instrument, 100), expected)
    assert len(caplog.records) == 4, "told once for each bucket"


def test_the_stepper_does_not_keep_its_stream(instrument: Instrument, captures: list[int]) -> None:
    """Nobody collects cycles for a card that is short of memory."""
    stream = stepped(instrument)
    gone = weakref.ref(stream)
    del stream
    assert gone() is None
