"""Loading beside the music: a checkpoint takes seconds, so a thread of its own reads it; the newest wish counts."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass

from engine.instrument import Instrument
from engine.model.precision import Precision
from engine.steering.pack import ProbePack


@dataclass(frozen=True)
class Loaded:
    """What a loading thread hands over: an instrument with its pack, or why there is none."""

    number: int
    result: tuple[Instrument, ProbePack | None] | Exception


class Loader:
    """Engine thread only, but for the threads that it starts."""

    def __init__(self) -> None:
        self._done: queue.SimpleQueue[Loaded] = queue.SimpleQueue()
        self._number = 0  # of the newest load: what an older one brings is dropped
        self.loading = False

    def start(self, name: str, precision: str | None) -> None:
        """Load a checkpoint, and its own pack; an earlier load that is still under way no longer counts."""
        self._number += 1
        number = self._number

        def work() -> None:
            try:
                instrument = Instrument.load(name, precision=Precision(precision) if precision else None)
                self._done.put(Loaded(number, (instrument, instrument.pack())))
            except Exception as error:
                self._done.put(Loaded(number, error))

        self.loading = True
        threading.Thread(target=work, name="segue-load", daemon=True).start()

    def take(self) -> tuple[Instrument, ProbePack | None] | None:
        """What was asked for, once it is there; None until then.

        Raises:
            Exception: whatever loading it raised.
        """
        while True:
            try:
                loaded = self._done.get_nowait()
            except queue.Empty:
                return None
            if loaded.number == self._number:
                self.loading = False
                if isinstance(loaded.result, Exception):
                    raise loaded.result
                return loaded.result
