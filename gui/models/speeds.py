"""How fast models have run on this machine, remembered between starts."""

from __future__ import annotations

import logging
import math
from pathlib import Path

from engine.status import State, Status
from gui import json_file
from gui.background import Background

TRUSTED_AFTER_FRAMES = 500  # ten seconds: the first steps are slow
FASTEST = 10_000.0

log = logging.getLogger(__name__)


class Speeds:
    """Realtime factors by the model's name: seconds of music per second of work.

    Args:
        background: where they are written, since a disk may be slow; without it, at once.
    """

    def __init__(self, path: Path, background: Background | None = None) -> None:
        self._path, self._background = path, background
        self._factors: dict[str, float] = {}
        self._noted: tuple[str, int] | None = None  # model and seed: once per performance
        try:
            self._factors = dict(_checked(json_file.read(path)))
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            log.warning("speeds are measured anew: %s", error)

    def measured(self, model: str) -> float | None:
        """What was measured here; None where nothing was."""
        return self._factors.get(model)

    def note(self, model: str, factor: float) -> None:
        """Remember a measurement; the newest counts."""
        self._factors[model] = round(factor, 2)
        factors = dict(self._factors)

        def write() -> None:
            try:
                json_file.write(self._path, factors)
            except OSError as error:
                log.warning("%s is not remembered: %s", model, error)

        def fail(error: Exception) -> None:
            raise error  # for the log

        if self._background is None:
            write()
        else:
            self._background.start(write, lambda _nothing: None, fail)

    def follow(self, model: str, status: Status) -> None:
        """Note what a performance shows, once it has gone on for a while."""
        performance = model, status.seed
        long_enough = status.state is State.PLAYING and status.frame >= TRUSTED_AFTER_FRAMES
        if long_enough and performance != self._noted:
            self._noted = performance
            self.note(model, status.realtime_factor)


def _checked(stored: object) -> dict[str, float]:
    """What is sound of a file's content.

    Raises:
        ValueError: nothing is.
    """
    if not isinstance(stored, dict):
        raise ValueError("no object")
    return {
        name: float(factor)
        for name, factor in stored.items()
        if isinstance(factor, int | float) and math.isfinite(factor) and 0 < factor < FASTEST
    }
