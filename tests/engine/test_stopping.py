"""How a process is asked to stop, and that the asking waits where an exception would be lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from engine.stopping import stop_signals, stopping_later


@pytest.fixture(autouse=True)
def as_in_a_command() -> Iterator[None]:
    """Ctrl-C and the stop signals raise, as ``main`` has them do; a test run in the background may ignore some."""
    numbers = {signal.SIGINT, *stop_signals(), *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])}
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="a system without terminals that hang up")
def test_a_hang_up_counts_unless_it_is_ignored() -> None:
    assert {signal.SIGTERM, signal.SIGHUP} <= set(stop_signals())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert signal.SIGHUP not in stop_signals()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_waits_for_the_end_of_the_block(number: int) -> None:
    done = []

    def work() -> None:
        with stopping_later():
            signal.raise_signal(number)
            done.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


def test_what_goes_wrong_meanwhile_is_told() -> None:
    with pytest.raises(OSError, match="full"), stopping_later():
        raise OSError("full")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_thread_touches_no_signal() -> None:
    seen: list[object] = []

    def work() -> None:
        with stopping_later():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
