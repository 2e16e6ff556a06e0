"""Work shared out over a Ray cluster: every worker has a model of its own, jobs go to whoever is free, results come in order.

The machines must have Segue installed and see the same files under the same names. A worker that dies is started again
and its job goes to it once more; a job counts when its result has arrived, so none counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.errors import CorpusError, SegueError
from probes.ray_cluster import connect

RESTARTS = 3


class RayPool:
    """Actors of one class.

    Args:
        address: see :func:`connect`.
        worker: the actors' class.
        settings: what each is made with.
        method: of the class, that does a job.

    Raises:
        CorpusError: Ray is not installed, or there is no cluster at that address.
    """

    def __init__(self, address: str, worker: type, settings: Sequence[Any], method: str) -> None:
        self._address = address
        self._ray, self._opened = connect(address)
        self._worker, self._settings, self._method = worker, settings, method
        self._workers: list[Any] = []
        self._idle: list[Any] = []

    def _hired(self, most: int) -> list[Any]:
        """Workers that have nothing to do: as many as the cluster has room for, and no more than there are jobs."""
        if not self._ray.is_initialized():
            self._ray, self._opened = connect(self._address)
        resources = self._ray.cluster_resources()
        graphics, cores = int(resources.get("GPU", 0)), int(resources.get("CPU", 1))
        # A worker that is given one core computes with one thread: Ray sees to that.
        needs = {"num_gpus": 1} if graphics else {"num_cpus": 1}
        actor = self._ray.remote(self._worker).options(**needs, max_restarts=RESTARTS, max_task_retries=RESTARTS)
        while len(self._workers) < min(graphics or max(cores, 1), most):
            self._workers.append(actor.remote(*self._settings))
            self._idle.append(self._workers[-1])
        return self._idle

    def __call__(self, jobs: Sequence[Any], done: Callable[[int], None] = lambda _: None) -> Iterator[Any]:
        """Do jobs; yields their results in order.

        Args:
            done: hears the number of each job that has come back.

        Raises:
            SegueError: what a worker said of its job, or that workers keep dying.
        """
        if not jobs:
            return
        idle = self._hired(len(jobs))
        # Every worker may be one job ahead of what has been taken: finished ones that wait for their turn stay few.
        ahead = 2 * len(idle)
        running: dict[Any, tuple[int, Any]] = {}
        finished: dict[int, Any] = {}
        given = taken = 0
        try:
            while taken < len(jobs):
                while idle and given < min(len(jobs), taken + ahead):
                    worker = idle.pop()
                    running[getattr(worker, self._method).remote(jobs[given])] = (given, worker)
                    given += 1
                (result, *_), _ = self._ray.wait(list(running), num_returns=1)
                number, worker = running.pop(result)
                idle.append(worker)
                finished[number] = self._arrived(result)
                done(number)
                while taken in finished:
                    yield finished.pop(taken)
                    taken += 1
        finally:
            idle.extend(worker for _, worker in running.values())  # stopped half-way: they finish for nobody

    def _arrived(self, result: Any) -> Any:
        errors = self._ray.exceptions
        try:
            return self._ray.get(result)
        except errors.RayTaskError as error:
            if isinstance(error.cause, SegueError):
                raise error.cause from None
            raise
        except errors.RayActorError as error:
            reason = str(error).strip().splitlines()[-1].strip()  # a worker's own words come last, after its stack
            raise CorpusError(f"the cluster's workers keep dying ({reason}): look at its logs") from error

    def close(self) -> None:
        """End the workers, and the cluster if it was started here; what they are doing is lost.

        The next jobs get new ones.
        """
        if self._opened:
            self._ray.shutdown()
        else:
            for worker in self._workers:
                self._ray.kill(worker)
        self._workers.clear()
        self._idle.clear()
