"""Fixtures around the invented performance."""

from collections.abc import Callable

import pytest
from invented_performance import Tune, make_origin, make_state

from engine.takes.history import History


@pytest.fixture
def tune() -> Tune:
    return Tune()


@pytest.fixture
def history() -> History:
    return History(make_origin(), make_state())


@pytest.fixture
def make_history() -> Callable[[int], History]:
    return lambda channels: History(make_origin(channels), make_state())
