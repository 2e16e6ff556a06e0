"""Joining a Ray cluster, or starting one on this machine."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from typing import Any, NamedTuple

from engine.errors import CorpusError
from engine.extras import how_to_install

LOCAL, AUTO = "local", "auto"
REMEDY = "start one with `ray start --head`, or use --ray local"
#: for a head that accepts no connection; Ray itself would try for minutes
CONNECT_TIMEOUT_S = 5.0


class Connection(NamedTuple):
    """To a cluster.

    Attributes:
        ray: the package.
        opened: whether it is this one's to close: there is one at a time, and it may have been open.
    """

    ray: Any
    opened: bool


def connect(address: str, cores: int | None = None) -> Connection:
    """Join a cluster, or start one here.

    Ray's messages go to our log. It sets a handler of termination signals that ends the process at once: ours stays.

    Args:
        address: of the cluster's head, HOST:PORT; ``auto`` for one that runs on this machine; ``local`` for a new one.
        cores: of a new one; all, if not given.

    Raises:
        CorpusError: Ray is not installed, or there is no cluster at that address.
    """
    try:
        import ray
    except ImportError:
        raise CorpusError(f"a Ray cluster needs the package `ray`: {how_to_install('cluster')}") from None
    if ray.is_initialized():
        return Connection(ray, opened=False)
    if address not in (LOCAL, AUTO):
        check_answers(address)
    logging.getLogger("ray").propagate = True
    handler = signal.getsignal(signal.SIGTERM)
    new: dict[str, Any] = {"num_cpus": cores, "include_dashboard": False} if address == LOCAL else {}
    try:
        ray.init(address, **new, configure_logging=False, log_to_driver=False)
    except Exception as error:  # sockets, versions, tokens and folders each fail in their own way
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CorpusError(f"no Ray cluster at {address} ({reason}): {REMEDY}") from error
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)
    return Connection(ray, opened=True)


def check_answers(address: str) -> None:
    """Refuse an address where nobody listens.

    Raises:
        CorpusError: it is no HOST:PORT, or nobody does.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or "/" in host or not 0 < int(port) < 65_536:
        raise CorpusError(f"--ray {address} is no address: give HOST:PORT, auto or local")
    try:
        socket.create_connection((host, int(port)), CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise CorpusError(f"no Ray cluster at {address} ({error.strerror or error}): {REMEDY}") from None
