"""A stage whose music answers as it is told to: what is heard is read off the steering's offset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from engine.control import ControlState
from engine.steering.blend import Blend, blend
from engine.steering.pack import ModelIdentity, PackDefaults, ProbePack
from probes.evaluate.generate import UNSTEERED, Piece
from probes.evaluate.hearing import Hearing
from probes.evaluate.stage import continued
from probes.moments import Doubles

GENRES = ("classical", "electronic", "jazz", "rock")
LAYERS, HIDDEN, FRAMES = 2, 8, 5

#: from α of each genre ``(n, G)`` to probabilities ``(n, G)``
Answer = Callable[[Doubles], Doubles]


class PretendStage:
    """Hears genre g by how far a piece is pushed along axis g, at layer 1; music of a genre starts a little way along it."""

    def __init__(self, answer: Answer, samples: int = 6, knob_scale: float = 0.25) -> None:
        directions = np.ascontiguousarray(np.broadcast_to(np.eye(4, HIDDEN), (LAYERS, 4, HIDDEN)), np.float32)
        zeros = np.zeros((LAYERS, 4, HIDDEN), np.float32)
        self.pack = ProbePack(
            ModelIdentity("pretend", "d", LAYERS, HIDDEN),
            GENRES,
            directions,
            zeros,
            zeros[..., 0],
            zeros[:, 0, 0],
            np.full(4, 1.5, np.float32),
            PackDefaults(((1, 1.0),), knob_scale=knob_scale),
            1,
            "made",
        )
        self._answer, self.samples = answer, samples
        self.judge = SimpleNamespace(name="reader", labels=("rock", "polka", *GENRES[:3]))  # in another order, and more
        self.instrument = SimpleNamespace()
        self.played: list[Piece] = []
        self.names: list[str] = []

    @property
    def reference(self) -> dict[str, Doubles]:
        return {genre: np.random.default_rng(row).standard_normal((12, 4)) * 0.1 for row, genre in enumerate(GENRES)}

    def sources(self, genre: str) -> Hearing:
        codes = np.full((self.samples, 4, FRAMES), self.pack.index(genre))
        codes[:, 1] = np.arange(self.samples)[:, None]
        return self._hearing(codes, np.eye(4)[[self.pack.index(genre)] * self.samples])

    def own(self, genre: str) -> Hearing:
        sources = self.sources(genre)
        return self.hear("own", continued(sources, [UNSTEERED] * len(sources), 0))

    def steered(self, *knobs: tuple[str, float], orthogonal: bool = False) -> Blend:
        return blend(ControlState(blend=knobs, orthogonal=orthogonal), self.pack)

    def share(self, heard: Hearing, genre: str) -> Doubles:
        return heard.shares[:, self.judge.labels.index(genre)]

    def hear(self, name: str, pieces: Sequence[Piece]) -> Hearing:
        self.played += pieces
        self.names.append(name)
        alphas = np.zeros((len(pieces), 4))
        for row, piece in enumerate(pieces):
            assert piece.prompt_codes is not None
            offset = piece.blend.offsets.get(1)
            if offset is not None:
                alphas[row] = offset.vector[:4] / piece.period
        return self._hearing(np.stack([piece.prompt_codes for piece in pieces]), self._answer(alphas))  # type: ignore[misc]

    def _hearing(self, codes: Any, shares: Doubles) -> Hearing:
        count = len(codes)
        columns = np.zeros((count, len(self.judge.labels)))
        columns[:, [self.judge.labels.index(genre) for genre in GENRES]] = shares
        nothing = np.zeros(count)
        places = shares + 0.1 * np.random.default_rng(0).standard_normal((count, 4))
        return Hearing(
            codes.astype(np.int16),
            columns,
            places,
            np.zeros((count, 5), np.uint8),
            nothing,
            nothing,
            np.zeros((count, 1, 12), np.float32),
        )


@pytest.fixture
def no_doubles_off_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Apple's graphics: float64 is there only for what has been brought over."""
    brought: list[torch.Tensor] = []
    cpu, double = torch.Tensor.cpu, torch.Tensor.double

    def bring(self: torch.Tensor) -> torch.Tensor:
        brought.append(cpu(self))
        return brought[-1]

    def widen(self: torch.Tensor) -> torch.Tensor:
        assert any(self is tensor for tensor in brought), "there is no float64 over there"
        return double(self)

    monkeypatch.setattr(torch.Tensor, "cpu", bring)
    monkeypatch.setattr(torch.Tensor, "double", widen)


@pytest.fixture
def pretend() -> type[PretendStage]:
    """:class:`PretendStage`, to be told how to answer."""
    return PretendStage
