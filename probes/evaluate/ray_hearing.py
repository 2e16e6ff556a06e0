"""Playing and judging on a Ray cluster: batches go to whoever is free; what was heard is kept by the one who asks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.control import ControlState
from engine.steering.pack import ProbePack
from probes.evaluate.generate import Generator, Piece
from probes.evaluate.hearing import Hearing
from probes.evaluate.stage import Stage
from probes.ray_pool import RayPool


@dataclass(frozen=True)
class Spec:
    """What a worker is made from, so that it hears as the stage that sends it work would.

    Attributes:
        model: as :meth:`Instrument.load` takes it.
        judge, pack_path, labels, template: as :func:`open_judge` takes them.
        batch: pieces at a time.
    """

    model: str
    pack: ProbePack
    judge: str
    pack_path: Path
    labels: tuple[str, ...]
    template: str | None
    batch: int


class HearingWorker:
    """The actor: one model, one judge, one batch at a time."""

    def __init__(self, spec: Spec) -> None:
        from engine.instrument import Instrument
        from engine.model.precision import Precision
        from engine.progress import silent
        from probes.evaluate.judges.open import open_judge

        instrument, control = Instrument.load(spec.model, precision=Precision.FP32), ControlState()
        judge = open_judge(spec.judge, spec.pack_path, spec.labels, spec.template)
        self._nothing_is_kept = tempfile.TemporaryDirectory()
        folder, generator = Path(self._nothing_is_kept.name), Generator(instrument, control, spec.batch)
        self._stage = Stage(generator, control, spec.pack, judge, 1, folder, silent)

    def play(self, job: tuple[Sequence[Piece], int]) -> Hearing:
        """See :meth:`Stage.play`."""
        return self._stage.play(*job)


class RayCrew:
    """Plays batches on a cluster; a :data:`~probes.evaluate.stage.Crew`.

    Raises:
        CorpusError: as :class:`RayPool`.
    """

    def __init__(self, address: str, spec: Spec) -> None:
        self._pool = RayPool(address, HearingWorker, (spec,), "play")

    def __call__(self, groups: Sequence[Sequence[Piece]], frames: int) -> Iterator[Hearing]:
        """Play and judge batches; yields what was heard, in order.

        Raises:
            CorpusError: workers keep dying.
        """
        return self._pool([(group, frames) for group in groups])
