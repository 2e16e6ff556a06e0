"""The order of results without a cluster; what is said where Ray or the cluster is not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import CorpusError
from probes.ray_cluster import Connection
from probes.ray_pool import RayPool

Pool = Callable[..., "tuple[RayPool, Backwards]"]


class Actor:
    def __init__(self) -> None:
        self.work = self

    def remote(self, job: Any) -> Any:
        return ("result", job)


class Backwards:
    """A scheduler that finishes the last first."""

    class exceptions:
        class RayTaskError(Exception):
            cause: Exception | None = None

        class RayActorError(Exception):
            pass

    def __init__(self, processors: int) -> None:
        self.processors, self.waiting, self.made, self.ended, self.is_shut = processors, 0, 0, 0, False

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": self.processors}

    def remote(self, worker: type) -> Any:
        return self

    def options(self, **needs: Any) -> Any:
        assert needs["num_cpus"] == 1
        pool = self

        class Maker:
            @staticmethod
            def remote(*settings: Any) -> Actor:
                pool.made += 1
                return Actor()

        return Maker

    def wait(self, results: list[Any], num_returns: int) -> tuple[list[Any], list[Any]]:
        self.waiting = max(self.waiting, len(results))
        return [results[-1]], results[:-1]

    def get(self, result: Any) -> Any:
        return result[1]

    def kill(self, actor: Any) -> None:
        self.ended += 1

    def is_initialized(self) -> bool:
        return not self.is_shut

    def shutdown(self) -> None:
        self.is_shut = True


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    def make(processors: int, opened: bool = False) -> tuple[RayPool, Backwards]:
        ray = Backwards(processors)
        monkeypatch.setattr("probes.ray_pool.connect", lambda address: Connection(ray, opened))
        return RayPool("local", Actor, (), "work"), ray

    return make


def test_results_come_in_order_however_long_each_takes(pool: Pool) -> None:
    workers, ray = pool(3)
    done: list[int] = []
    assert list(workers(range(20), done.append)) == list(range(20))
    assert sorted(done) == list(range(20))
    assert done != sorted(done)
    assert ray.waiting == ray.made == 3


def test_workers_are_as_many_as_there_are_jobs_and_stay(pool: Pool) -> None:
    workers, ray = pool(4)
    assert list(workers([])) == []
    assert ray.made == 0
    for jobs, made in ((1, 1), (3, 3), (2, 3), (9, 4)):
        assert list(workers(range(jobs))) == list(range(jobs))
        assert ray.made == made


def test_jobs_that_are_broken_off_leave_every_worker_to_the_next(pool: Pool) -> None:
    workers, ray = pool(3)
    for _ in workers(range(9)):
        break
    assert list(workers(range(9))) == list(range(9))
    assert ray.made == 3
    workers.close()
    assert ray.ended == 3
    assert list(workers(range(2))) == [0, 1]
    assert ray.made == 5


@pytest.mark.parametrize("opened", [True, False])
def test_a_cluster_ends_with_the_pool_that_started_it(pool: Pool, opened: bool) -> None:
    workers, ray = pool(2, opened)
    assert list(workers(range(2))) == [0, 1]
    workers.close()
    assert ray.is_shut is opened
    assert list(workers(range(2))) == [0, 1]


def test_workers_that_keep_dying_are_an_error(pool: Pool) -> None:
    workers, ray = pool(2)

    def dead(result: Any) -> Any:
        raise ray.exceptions.RayActorError("The actor died.\n  in some stack\nOSError: no such model")

    ray.get = dead  # type: ignore[method-assign]
    with pytest.raises(CorpusError, match=r"keep dying \(OSError: no such model\)"):
        list(workers(range(3)))


def test_what_a_worker_says_of_its_job_is_passed_on(pool: Pool) -> None:
    workers, ray = pool(2)

    def refused(result: Any) -> Any:
        error = ray.exceptions.RayTaskError("a long stack")
        error.cause = CorpusError("node 7 sees no music")
        raise error

    ray.get = refused  # type: ignore[method-assign]
    with pytest.raises(CorpusError, match=r"^node 7 sees no music$"):
        list(workers(range(3)))


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(CorpusError, match=r"segue(\.cmd)? install cluster$"):
        RayPool("local", Actor, (), "work")
