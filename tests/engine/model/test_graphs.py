"""Captured steps against direct ones, on a card: the same tokens, and knobs that need no second capture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.bench.live import random_pack
from engine.control import ControlState, Law
from engine.instrument import Instrument
from engine.model import graphs
from engine.model.graphs import GraphedStepper
from engine.model.precision import Precision
from engine.model.stream import TokenStream
from engine.performance import Performance, perform
from engine.steering.blend import blend
from engine.steering.pack import ProbePack
from engine.steering.steerer import Steerer

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]

FRAMES = 60


@pytest.fixture(scope="module")
def instrument(tiny_spectral: Path) -> Instrument:
    return Instrument.load(str(tiny_spectral), torch.device("cuda"), Precision.FP32)


@pytest.fixture(scope="module")
def pack(instrument: Instrument) -> ProbePack:
    return random_pack(instrument, ("jazz", "rock"))


@pytest.fixture
def steerer(instrument: Instrument) -> Iterator[Steerer]:
    steerer = Steerer(instrument.decoder, batch=1)
    yield steerer
    steerer.remove()


def control(frame: int) -> ControlState:
    """Every knob moves, and the words change on the way."""
    return ControlState(
        number=frame,
        blend=(("jazz", 0.5 + 0.005 * frame), ("rock", -0.2)),
        guidance=3.0 - 0.01 * frame,
        temperature=0.8 + 0.002 * frame,
        prompt="slow jazz" if frame < 20 else "hard rock with loud guitars" if frame < 40 else "",
    )


def play(instrument: Instrument, steerer: Steerer, pack: ProbePack, stream: TokenStream, frames: int) -> Tensor:
    """Frames ``(K, n)`` under :func:`control`."""
    prompt = torch.randint(64, (1, 4, 9), generator=torch.Generator().manual_seed(0))
    stream.start([3], prompt)
    made: list[Tensor] = []
    while len(made) < frames:
        state = control(len(made))
        steerer.apply(blend(state, pack))
        stream.sampling.write(state.guidance, state.temperature, state.top_k, state.top_p)
        stream.memory = instrument.text.read([state.prompt])
        frame = stream.step()
        if frame is not None:
            made.append(frame[0])
    assert bool(stream.healthy)
    return torch.stack(made, dim=1).cpu()


def test_captured_steps_give_the_direct_steps_tokens(
    instrument: Instrument, steerer: Steerer, pack: ProbePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through every bucket and over the window's end."""
    monkeypatch.setattr(graphs, "BUCKETS", (16, 32, 64))
    direct = TokenStream(instrument.decoder, 96)
    captured = TokenStream(instrument.decoder, 96)
    captured.stepper = GraphedStepper(captured, lambda: steerer.program)
    expected = play(instrument, steerer, pack, direct, 150)
    torch.testing.assert_close(play(instrument, steerer, pack, captured, 150), expected, rtol=0, atol=0)
    again = play(instrument, steerer, pack, captured, 150)
    assert torch.equal(again, expected), "a restart finds its graphs as they were"


def test_knobs_need_no_second_capture_and_programs_do(
    instrument: Instrument, steerer: Steerer, pack: ProbePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    captures: list[int] = []
    capture = GraphedStepper._capture

    def counted(stepper: GraphedStepper, bucket: int) -> torch.cuda.CUDAGraph:
        captures.append(bucket)
        return capture(stepper, bucket)

    monkeypatch.setattr(GraphedStepper, "_capture", counted)
    stream = TokenStream(instrument.decoder, 128)
    stream.stepper = GraphedStepper(stream, lambda: steerer.program)
    play(instrument, steerer, pack, stream, FRAMES)
    assert captures == [128]

    def step(**changes: object) -> int:
        steerer.apply(blend(control(0).changed(**changes), pack))
        stream.step()
        return len(captures)

    assert step(blend=(("rock", 0.9),)) == 1
    assert step(law=Law.ADD) == 2
    assert step(layers=((0, 1.0), (2, 0.5))) == 3
    assert step(blend=()) == 4
    assert step() == 4, "a program that has been captured is used again"


def test_many_programs_do_not_pile_up(
    instrument: Instrument, steerer: Steerer, pack: ProbePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "MAX_GRAPHS", 2)
    stream = TokenStream(instrument.decoder, 128)
    stepper = GraphedStepper(stream, lambda: steerer.program)
    stream.stepper = stepper
    stream.start([1])
    for law in Law:
        steerer.apply(blend(control(0).changed(law=law), pack))
        stream.step()
        assert len(stepper._graphs) <= 2


def test_a_performance_changes_its_program_while_the_codec_works(instrument: Instrument, pack: ProbePack) -> None:
    """The codec's thread allocates and copies during every capture."""
    states = [
        ControlState(
            number=frame, blend=(("jazz", 0.5),), law=list(Law)[frame // 5 % 4], layers=((frame // 20 % 3, 1.0),)
        )
        for frame in range(FRAMES)
    ]
    codes, samples = [], []
    for _ in range(2):
        performance = Performance(instrument, pack)
        blocks = list(perform(performance, 1, iter(states)))
        performance.close()
        codes.append(np.concatenate([block.passage.codes for block in blocks], axis=1))
        samples.append(np.concatenate([block.passage.samples for block in blocks]))
    np.testing.assert_array_equal(codes[0], codes[1])
    assert np.isfinite(samples[0]).all()
    whole = instrument.codec.full_decode(torch.from_numpy(codes[0]).long()).t().cpu().numpy()
    np.testing.assert_allclose(samples[0], whole, atol=5e-3)  # convolutions on a card run in TF32
