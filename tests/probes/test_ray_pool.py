"""The order of results without a cluster; what is said where Ray or the cluster is not."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from engine.errors import CorpusError
from probes.ray_pool import RayPool


class Actor:
    def __init__(self) -> None:
        self.work = self

    def remote(self, job: Any) -> Any:
        return ("result", job)


class Backwards:
    """A scheduler that finishes the last first."""

    exceptions = type("exceptions", (), {"RayActorError": RuntimeError})

    def __init__(self, processors: int) -> None:
        self.processors, self.waiting, self.made = processors, 0, 0

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


def pool(processors: int) -> tuple[RayPool, Backwards]:
    made = RayPool.__new__(RayPool)
    ray = Backwards(processors)
    made._ray, made._worker, made._settings, made._method, made._idle = ray, Actor, (), "work", []
    return made, ray


def test_results_come_in_order_however_long_each_takes() -> None:
    workers, ray = pool(3)
    done: list[int] = []
    assert list(workers(range(20), done.append)) == list(range(20))
    assert sorted(done) == list(range(20))
    assert done != sorted(done)
    assert ray.waiting == ray.made == 3


def test_workers_are_as_many_as_there_are_jobs_and_stay() -> None:
    workers, ray = pool(4)
    assert list(workers([])) == []
    assert ray.made == 0
    for jobs, made in ((1, 1), (3, 3), (2, 3), (9, 4)):
        assert list(workers(range(jobs))) == list(range(jobs))
        assert ray.made == made


def test_workers_that_keep_dying_are_an_error() -> None:
    workers, ray = pool(2)

    def dead(result: Any) -> Any:
        raise RuntimeError("the actor died")

    ray.get = dead  # type: ignore[method-assign]
    with pytest.raises(CorpusError, match="keep dying"):
        list(workers(range(3)))


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(CorpusError, match=r"pip install 'segue\[cluster\]'"):
        RayPool("local", Actor, (), "work")
