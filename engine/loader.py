"""Loading beside the music: a checkpoint takes seconds, so a thread of its own reads it; the newest wish counts."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from pathlib import Path

from engine.errors import PackError
from engine.instrument import Instrument
from engine.model.precision import Precision
from engine.steering.pack import ProbePack


@dataclass(frozen=True)
class Ready:
    """An instrument with its pack; ``pack_path`` is None for the model's own.

    ``trouble`` says why that is not the one which was asked for.
    """

    instrument: Instrument
    pack: ProbePack | None
    pack_path: Path | None = None
    trouble: str = ""

    @classmethod
    def load(cls, name: str, precision: Precision | None, pack_path: Path | None) -> Ready:
        """Read both.

        Raises:
            CheckpointError: the model cannot be loaded.
            PackError: its own pack cannot be used.
        """
        instrument = Instrument.load(name, precision=precision)
        if pack_path is not None:
            try:
                return cls(instrument, instrument.pack(pack_path), pack_path)
            except PackError as error:
                return cls(instrument, instrument.pack(), trouble=f"{error}; until then the model's own pack steers")
        return cls(instrument, instrument.pack())


@dataclass(frozen=True)
class Loaded:
    """What a loading thread hands over, or why it does not."""

    number: int
    result: Ready | Exception


class Loader:
    """Engine thread only, but for the threads that it starts."""

    def __init__(self) -> None:
        self._done: queue.SimpleQueue[Loaded] = queue.SimpleQueue()
        self._number = 0  # of the newest load: what an older one brings is dropped
        self.loading = False

    def start(self, name: str, precision: str | None = None, pack_path: Path | None = None) -> None:
        """Load a checkpoint and a pack; an earlier load that is still under way no longer counts."""
        self._number += 1
        number = self._number

        def work() -> None:
            try:
                ready = Ready.load(name, Precision(precision) if precision else None, pack_path)
                self._done.put(Loaded(number, ready))
            except Exception as error:
                self._done.put(Loaded(number, error))

        self.loading = True
        threading.Thread(target=work, name="segue-load", daemon=True).start()

    def take(self) -> Ready | None:
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
