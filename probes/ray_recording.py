"""Recording on a Ray cluster: shards go to whoever is free, statistics add up."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Sequence

from engine.errors import CorpusError
from probes.corpus.clip import Clip
from probes.ray_pool import RayPool
from probes.record import Recorder, Shard


class ShardWorker:
    """The actor: one model, one shard at a time."""

    def __init__(self, model: str, labels: Sequence[str], batch: int) -> None:
        from engine.instrument import Instrument
        from engine.model.precision import Precision

        self._recorder = Recorder(Instrument.load(model, precision=Precision.FP32), labels, batch)

    def record(self, clips: Sequence[Clip]) -> Shard:
        """See :meth:`Recorder.record`.

        Raises:
            CorpusError: this machine does not see a clip that the corpus lists. Skipping it would hide the mistake.
        """
        for clip in clips:
            if not clip.path.exists():
                raise CorpusError(f"{platform.node()} sees no {clip.path}: put the corpus where every worker reads it")
        return self._recorder.record(clips)


class RayRecorder:
    """Records shards on a cluster; a :data:`~probes.recording.ShardRecorder`.

    Args:
        address: see :class:`RayPool`.
        model: as :meth:`Instrument.load` takes it.
        labels, batch: see :class:`Recorder`.

    Raises:
        CorpusError: as :class:`RayPool`.
    """

    def __init__(self, address: str, model: str, labels: Sequence[str], batch: int) -> None:
        self._pool = RayPool(address, ShardWorker, (model, labels, batch), "record")

    def __call__(self, shards: Sequence[Sequence[Clip]], advance: Callable[[int], None]) -> Iterator[Shard]:
        """Record shards; yields them in order. The workers end with it, and free their models.

        Raises:
            SegueError: a worker does not see the corpus or the model, or workers keep dying.
        """
        try:
            yield from self._pool(shards, lambda number: advance(len(shards[number])))
        finally:
            self._pool.close()
