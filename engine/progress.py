"""How long work says how far it has come: ``with progress("recording", 900) as advance: advance(3)``.

For people there are bars, for a program that started us there are lines of JSON; both on standard error.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

#: takes a stage's name and how much there is to do (0: unknown); yields what to call with how much more is done
Progress: TypeAlias = Callable[[str, float], AbstractContextManager[Callable[[float], None]]]

LINE_EVERY_S = 0.1


@contextmanager
def bars(stage: str, total: float) -> Iterator[Callable[[float], None]]:
    """A bar for each stage."""
    from tqdm import tqdm

    with tqdm(total=total or None, desc=stage) as bar:
        yield lambda count: bar.update(count) and None


@contextmanager
def lines(stage: str, total: float) -> Iterator[Callable[[float], None]]:
    """``{"stage": "recording", "done": 3, "total": 900}``, one object a line, at most ten a second; first and last always."""
    done, told_at = 0.0, 0.0

    def tell() -> None:
        nonlocal told_at
        told_at = time.monotonic()
        print(json.dumps({"stage": stage, "done": round(done, 3), "total": total}), file=sys.stderr, flush=True)

    def advance(count: float) -> None:
        nonlocal done
        done += count
        if time.monotonic() - told_at >= LINE_EVERY_S:
            tell()

    tell()
    yield advance
    tell()


@contextmanager
def silent(_: str, __: float) -> Iterator[Callable[[float], None]]:
    """Nothing."""
    yield lambda _: None
