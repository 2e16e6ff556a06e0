"""Recording on a Ray cluster: shards go to whoever is free, statistics add up."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from engine.errors import CorpusError
from engine.steering.pack import ModelIdentity
from probes.corpus.clip import Clip
from probes.evaluate.batch import memory_in_words
from probes.ray_pool import RayPool
from probes.ray_worker import check_same, whole_name
from probes.record import Recorder, Shard


class ShardWorker:
    """The actor: one model, one shard at a time. Its arguments are those of :class:`RayRecorder`."""

    def __init__(self, model: str, identity: ModelIdentity, labels: Sequence[str], batch: int) -> None:
        from engine.instrument import Instrument
        from engine.model.precision import Precision

        instrument = Instrument.load(model, precision=Precision.FP32)
        self._ours, self._theirs = instrument.identity, identity
        self._recorder = Recorder(instrument, labels, batch)

    def record(self, clips: Sequence[Clip]) -> Shard:
        """See :meth:`Recorder.record`.

        Raises:
            CorpusError: this machine has another model, or does not see a clip that the corpus lists. Skipping it would
                hide the mistake.
            DeviceError: memory has run out.
        """
        check_same("model", self._ours.digest, self._theirs.digest)
        for clip in clips:
            if not clip.path.exists():
                raise CorpusError(f"{platform.node()} sees no {clip.path}: put the corpus where every worker reads it")
        with memory_in_words():
            return self._recorder.record(clips)


class RayRecorder:
    """Records shards on a cluster; a :data:`~probes.recording.ShardRecorder`.

    Args:
        address: see :class:`RayPool`.
        model: as :meth:`Instrument.load` takes it.
        identity: of the model on this machine.
        labels, batch: see :class:`Recorder`.

    Raises:
        CorpusError: as :class:`RayPool`.
    """

    def __init__(self, address: str, model: str, identity: ModelIdentity, labels: Sequence[str], batch: int) -> None:
        self._pool = RayPool(address, ShardWorker, (whole_name(model), identity, labels, batch), "record")

    def __call__(self, shards: Sequence[Sequence[Clip]], advance: Callable[[int], None]) -> Iterator[Shard]:
        """Record shards; yields them in order. The workers end with it, and free their models.

        Raises:
            SegueError: a worker does not see the corpus or the model, has another model, or workers keep dying.
        """
        jobs = [[replace(clip, path=clip.path.absolute()) for clip in clips] for clips in shards]
        try:
            yield from self._pool(jobs, lambda number: advance(len(shards[number])))
        finally:
            self._pool.close()
