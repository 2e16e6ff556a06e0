"""Work shared out over a Ray cluster: every worker has a model of its own, jobs go to whoever is free, results come in order.

The machines must see the same files under the same names. A worker that dies is started again and its job goes to it once
more; a job counts when its result has arrived, so none counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.errors import CorpusError

LOCAL = "local"
RESTARTS = 3


class RayPool:
    """Actors of one class.

    Args:
        address: of the cluster's head, or ``local`` for one on this machine.
        worker: the actors' class.
        settings: what each is made with.
        method: of the class, that does a job.

    Raises:
        CorpusError: Ray is not installed, or there is no cluster at that address.
    """

    def __init__(self, address: str, worker: type, settings: Sequence[Any], method: str) -> None:
        try:
            import ray
        except ImportError:
            raise CorpusError("a Ray cluster needs the package `ray`: pip install 'segue[cluster]'") from None
        self._ray: Any = ray
        self._worker, self._settings, self._method = worker, settings, method
        self._idle: list[Any] = []
        if not ray.is_initialized():
            try:
                where: dict[str, Any] = {} if address == LOCAL else {"address": address}
                ray.init(**where, include_dashboard=False, log_to_driver=False)
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise CorpusError(f"no Ray cluster at {address} ({error}): start one, or use --ray local") from error

    def _hired(self, most: int) -> list[Any]:
        """Workers that have nothing to do: as many as the cluster has room for, and no more than there are jobs."""
        resources = self._ray.cluster_resources()
        graphics, cores = int(resources.get("GPU", 0)), int(resources.get("CPU", 1))
        needs = {"num_gpus": 1} if graphics else {"num_cpus": 1}
        actor = self._ray.remote(self._worker).options(**needs, max_restarts=RESTARTS, max_task_retries=RESTARTS)
        while len(self._idle) < min(graphics or cores, most):
            self._idle.append(actor.remote(*self._settings))
        return self._idle

    def __call__(self, jobs: Sequence[Any], done: Callable[[int], None] = lambda _: None) -> Iterator[Any]:
        """Do jobs; yields their results in order.

        Args:
            done: hears the number of each job that has come back.

        Raises:
            CorpusError: workers keep dying.
        """
        if not jobs:
            return
        idle = self._hired(len(jobs))
        # Every worker may be one job ahead of what has been taken: finished ones that wait for their turn stay few.
        ahead = 2 * len(idle)
        running: dict[Any, tuple[int, Any]] = {}
        finished: dict[int, Any] = {}
        given = taken = 0
        while taken < len(jobs):
            while idle and given < min(len(jobs), taken + ahead):
                worker = idle.pop()
                running[getattr(worker, self._method).remote(jobs[given])] = (given, worker)
                given += 1
            (result, *_), _ = self._ray.wait(list(running), num_returns=1)
            number, worker = running.pop(result)
            try:
                finished[number] = self._ray.get(result)
            except self._ray.exceptions.RayActorError as error:
                raise CorpusError(f"the cluster's workers keep dying ({error}): look at its logs") from error
            idle.append(worker)
            done(number)
            while taken in finished:
                yield finished.pop(taken)
                taken += 1
