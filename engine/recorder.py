"""What is kept of a performance: its history, the last minute of it, and takes. Engine thread only; nothing here waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from engine.control import ControlState
from engine.errors import TakeError
from engine.messages import Configure
from engine.takes.history import History
from engine.takes.naming import default_folder
from engine.takes.passage import Passage
from engine.takes.retro import Retro
from engine.takes.score import Origin
from engine.takes.sound import SoundFormat
from engine.takes.writer import TakeEvent, TakeWriter

TAKE_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class TakeSettings:
    """Where takes go, as what, and how much of the past can still be kept."""

    folder: Path
    sound_format: SoundFormat = "wav"
    retro_s: float = 60.0

    @classmethod
    def of(cls, settings: Configure) -> Self:
        """As the player has them."""
        kind: SoundFormat = "flac" if settings.take_format == "flac" else "wav"
        return cls(settings.takes_folder or default_folder(), kind, settings.retro_s)


class Recorder:
    """Listens to one session's performances.

    Args:
        on_take: told of takes begun, failed and finished, from their own threads.
    """

    def __init__(
        self,
        rate_hz: int,
        channels: int,
        codebooks: int,
        hop_samples: int,
        settings: TakeSettings,
        on_take: Callable[[TakeEvent], None],
    ) -> None:
        self._shape = (rate_hz, channels, codebooks, hop_samples)
        self._settings, self._on_take = settings, on_take
        self._retro = Retro(*self._shape, seconds=settings.retro_s)
        self._history: History | None = None
        self._begun = False
        self._heard_to_the_end: Mapping[str, float] = {}
        self._writer: TakeWriter | None = None
        self._finishing: list[TakeWriter] = []

    @property
    def begun(self) -> bool:
        """Whether there is a performance."""
        return self._begun

    @property
    def recording(self) -> TakeWriter | None:
        """The take in the making."""
        return self._writer if self._writer is not None and self._writer.recording else None

    def configure(self, settings: TakeSettings) -> None:
        """Other settings, from the next take on; of the past as much is kept as fits."""
        if settings.retro_s != self._settings.retro_s:
            past = self._retro.keep()
            self._retro = Retro(*self._shape, seconds=settings.retro_s)
            if past is not None:
                self._retro.push(past)
        self._settings = settings

    # The performance

    def begin(self, origin: Origin, control: ControlState, heard: Mapping[str, float]) -> None:
        """A new performance: the take of the old one ends with what was ``heard`` in it."""
        self.end(heard)
        self._history = History(origin, control.to_json())
        self._begun = True
        self._retro.clear()

    def forget(self, heard: Mapping[str, float]) -> None:
        """There is no performance any more; what was made of it can still be kept, until the next begins."""
        self.end(heard)
        if self._begun:
            self._begun, self._heard_to_the_end = False, heard

    def change(self, frame: int, control: ControlState) -> None:
        """``control`` holds from ``frame`` on."""
        assert self._history is not None
        assert self._begun
        self._history.change(frame, control.to_json())

    def dropout(self, sample: int, missing_samples: int) -> None:
        """The listener heard a gap."""
        if self._history is not None and self._begun:
            self._history.dropout(sample, missing_samples)

    def push(self, passage: Passage) -> None:
        """The next stretch of the performance."""
        self._retro.push(passage)
        if self._writer is not None:
            self._writer.offer(passage)

    # Takes

    def record(self, name: str, heard: Mapping[str, float]) -> None:
        """Begin a take with the next passage; one in the making ends.

        Raises:
            TakeError: nothing is playing, or so much has been moved in it that no score could hold more.
        """
        self.end(heard)
        if self._history is None or not self._begun:
            raise TakeError("there is nothing to record yet: press play first")
        self._check_room(self._history)
        self._writer = self._write(name, self._history, None)

    def keep_last(self, name: str, heard: Mapping[str, float]) -> None:
        """Keep what the retro-capture holds.

        Raises:
            TakeError: it holds nothing; or as :meth:`record`.
        """
        opening = self._retro.keep()
        if opening is None or self._history is None:
            raise TakeError("there is nothing to keep yet: press play first")
        self._check_room(self._history)
        self._finish(self._write(name, self._history, opening), heard if self._begun else self._heard_to_the_end)

    def _check_room(self, history: History) -> None:
        if history.full:
            raise TakeError("the controls have moved for too many hours to be kept: press play for a new performance")

    def _write(self, name: str, history: History, opening: Passage | None) -> TakeWriter:
        return TakeWriter(
            self._settings.folder,
            name,
            history,
            sound_format=self._settings.sound_format,
            opening=opening,
            on_event=self._on_take,
        )

    def end(self, heard: Mapping[str, float]) -> None:
        """End the take in the making, if there is one."""
        if self._writer is not None:
            self._finish(self._writer, heard)
            self._writer = None

    def _finish(self, writer: TakeWriter, heard: Mapping[str, float]) -> None:
        """Let a take complete its files on its own thread."""
        writer.finish(heard)
        self._finishing = [each for each in self._finishing if not each.complete] + [writer]

    def close(self, heard: Mapping[str, float]) -> None:
        """End takes whole, and wait for their files."""
        self.end(heard)
        for writer in self._finishing:
            writer.wait(TAKE_TIMEOUT_S)
