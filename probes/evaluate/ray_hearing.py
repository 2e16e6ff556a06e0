"""Playing and judging on a Ray cluster: batches go to whoever is free; what was heard is kept by the one who asks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.control import ControlState
from engine.steering.pack import PACK_NAME, ProbePack
from probes.evaluate.batch import memory_in_words
from probes.evaluate.generate import Generator, Piece
from probes.evaluate.hearing import Hearing
from probes.evaluate.stage import Stage
from probes.ray_pool import RayPool
from probes.ray_worker import check_same, whole_judge, whole_name


@dataclass(frozen=True)
class Spec:
    """What a worker is made from, so that it hears as the stage that sends it work would.

    Attributes:
        model: as :meth:`Instrument.load` takes it.
        pack: of the model.
        judge, labels, template: as :func:`open_judge` takes them.
        judge_identity: the judge's on the machine that asks.
        pack_path: where the pack lies; None for the worker's own model's.
        batch: pieces at a time.
    """

    model: str
    pack: ProbePack
    judge: str
    judge_identity: str
    pack_path: Path | None
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
        pack_path = spec.pack_path or (instrument.folder or Path()) / PACK_NAME
        judge = open_judge(spec.judge, pack_path, spec.labels, spec.template)
        self._same = (
            ("model", instrument.identity.digest, spec.pack.model.digest),
            ("judge", judge.identity, spec.judge_identity),
        )
        self._nothing_is_kept = tempfile.TemporaryDirectory()
        folder, generator = Path(self._nothing_is_kept.name), Generator(instrument, control, spec.batch)
        self._stage = Stage(generator, control, spec.pack, judge, 1, folder, silent)

    def play(self, job: tuple[Sequence[Piece], int]) -> Hearing:
        """See :meth:`Stage.play`.

        Raises:
            CorpusError: this machine has another model or judge.
            DeviceError: memory has run out.
        """
        for what, ours, theirs in self._same:
            check_same(what, ours, theirs)
        with memory_in_words():
            return self._stage.play(*job)


class RayCrew:
    """Plays batches on a cluster; a :data:`~probes.evaluate.stage.Crew`.

    Raises:
        CorpusError: as :class:`RayPool`.
    """

    def __init__(self, address: str, spec: Spec) -> None:
        path = spec.pack_path and spec.pack_path.absolute()
        spec = replace(spec, model=whole_name(spec.model), judge=whole_judge(spec.judge), pack_path=path)
        self._pool = RayPool(address, HearingWorker, (spec,), "play")

    def __call__(self, groups: Sequence[Sequence[Piece]], frames: int) -> Iterator[Hearing]:
        """Play and judge batches; yields what was heard, in order.

        Raises:
            SegueError: a worker has another model or judge, or workers keep dying.
        """
        return self._pool([(group, frames) for group in groups])
