"""Recording on a Ray cluster: every worker has a model of its own, shards go to whoever is free, statistics add up.

The machines must see the corpus's files and the model under the same names. A worker that dies is started again and its
shard goes to it once more; a shard counts when it has arrived, so no clip counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.errors import CorpusError
from probes.corpus.clip import Clip
from probes.record import Recorder, Shard

LOCAL = "local"
RESTARTS = 3


class ShardWorker:
    """The actor: one model, one shard at a time."""

    def __init__(self, model: str, labels: Sequence[str], batch: int) -> None:
        from engine.instrument import Instrument
        from engine.model.precision import Precision

        self._recorder = Recorder(Instrument.load(model, precision=Precision.FP32), labels, batch)

    def record(self, clips: Sequence[Clip]) -> Shard:
        """See :meth:`Recorder.record`."""
        return self._recorder.record(clips)


class RayRecorder:
    """Records shards on a cluster; a :data:`~probes.recording.ShardRecorder`.

    Args:
        address: of the cluster's head, or ``local`` for one on this machine.
        model: as :meth:`Instrument.load` takes it.
        labels, batch: see :class:`Recorder`.

    Raises:
        CorpusError: Ray is not installed, or there is no cluster at that address.
    """

    def __init__(self, address: str, model: str, labels: Sequence[str], batch: int) -> None:
        try:
            import ray
        except ImportError:
            raise CorpusError("a Ray cluster needs the package `ray`: pip install 'segue[cluster]'") from None
        self._ray: Any = ray
        self._settings = (model, labels, batch)
        if not ray.is_initialized():
            try:
                where: dict[str, Any] = {} if address == LOCAL else {"address": address}
                ray.init(**where, include_dashboard=False, log_to_driver=False)
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise CorpusError(f"no Ray cluster at {address} ({error}): start one, or use --ray local") from error

    def _workers(self, most: int) -> list[Any]:
        resources = self._ray.cluster_resources()
        graphics, cores = int(resources.get("GPU", 0)), int(resources.get("CPU", 1))
        needs = {"num_gpus": 1} if graphics else {"num_cpus": 1}
        actor = self._ray.remote(ShardWorker).options(**needs, max_restarts=RESTARTS, max_task_retries=RESTARTS)
        return [actor.remote(*self._settings) for _ in range(min(graphics or cores, most))]

    def __call__(self, shards: Sequence[Sequence[Clip]], advance: Callable[[int], None]) -> Iterator[Shard]:
        """Record shards; yields them in order.

        Raises:
            CorpusError: workers keep dying.
        """
        idle = self._workers(len(shards))
        # Every worker may be one shard ahead of what has been taken: finished ones that wait for their turn stay few.
        ahead = 2 * len(idle)
        running: dict[Any, tuple[int, Any]] = {}
        finished: dict[int, Shard] = {}
        given = taken = 0
        while taken < len(shards):
            while idle and given < min(len(shards), taken + ahead):
                worker = idle.pop()
                running[worker.record.remote(shards[given])] = (given, worker)
                given += 1
            (result, *_), _ = self._ray.wait(list(running), num_returns=1)
            number, worker = running.pop(result)
            try:
                finished[number] = self._ray.get(result)
            except self._ray.exceptions.RayActorError as error:
                raise CorpusError(f"the cluster's workers keep dying ({error}): look at its logs") from error
            idle.append(worker)
            advance(len(shards[number]))
            while taken in finished:
                yield finished.pop(taken)
                taken += 1
