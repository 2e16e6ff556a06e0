"""How long work says how far it has come: ``with progress("recording", 900) as advance: advance(3)``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

#: takes a stage's name and how much there is to do (0: unknown); yields what to call with how much more is done
Progress: TypeAlias = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@contextmanager
def bars(stage: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar for each stage on standard error."""
    from tqdm import tqdm

    with tqdm(total=total or None, desc=stage) as bar:
        yield lambda count: bar.update(count) and None


@contextmanager
def silent(_: str, __: int) -> Iterator[Callable[[int], None]]:
    """Nothing."""
    yield lambda _: None
