"""Hearing takes instead of the music: which one, from where, how loud; and the two that are compared."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.status import Status
from engine.takes.take import Heading
from gui.bridge import EngineBridge

SIDES = ("A", "B")
STEP_S = 5.0
END_S = 0.3  # a take that falls silent so close to its end has ended
PATIENCE_S = 1.5  # for the engine to begin what it was asked for, or to say that it cannot


@dataclass(frozen=True)
class _Asked:
    """What the engine was asked for and has not shown yet."""

    place_s: float
    at_s: float

    def is_answered(self, take: Heading, status: Status) -> bool:
        return status.take == take.path and -0.1 <= status.take_s - self.place_s <= PATIENCE_S

    @property
    def overdue(self) -> bool:
        return time.monotonic() - self.at_s > PATIENCE_S


class Audition(QObject):
    """One take at a time, through the engine's output, while the music stands still.

    Every take keeps the place where it was left. The two that are marked A and B are heard at one loudness: the louder is
    turned down to the other's integrated loudness, nothing is turned up. Where one has no loudness, they are not levelled.
    """

    changed = Signal()  #: what is heard, or the pair
    moved = Signal(object)  #: the path of a take whose place has changed
    refused = Signal(str)

    def __init__(self, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._places: dict[Path, float] = {}
        self._asked: _Asked | None = None
        self._gain_db = 0.0
        self._dragged: Path | None = None
        self._releasing: list[tuple[Path, Callable[[], None], float]] = []
        self.heard: Heading | None = None
        self.pair: dict[str, Heading] = {}
        bridge.status_changed.connect(self._on_status)

    def is_heard(self, take: Heading) -> bool:
        """Whether this is the take that is heard."""
        return self.heard is not None and self.heard.path == take.path

    def place_s(self, take: Heading) -> float:
        """Where it is, or was left."""
        return self._places.get(take.path, 0.0)

    # Hearing

    def toggle(self, take: Heading) -> None:
        """Hear a take from where it was left, or leave it there."""
        if self.is_heard(take):
            self.pause()
        else:
            self.play(take)

    def play(self, take: Heading) -> None:
        """Hear a take from where it was left; from its beginning, if that was its end. Refused while one is recorded."""
        if self._bridge.status.recording:
            self.refused.emit("end the recording first (R): the music stands still while a take is heard")
            return
        place = self.place_s(take)
        if place >= take.seconds - END_S:
            place = 0.0
        self._gain_db = self.gain_db(take)
        self._asked = _Asked(place, time.monotonic())
        self._bridge.play_take(take.path, place, self._gain_db)
        self._set_place(take, place)
        self._hear(take)

    def pause(self) -> None:
        """Leave the take where it is."""
        if self.heard is not None:
            self._bridge.stop_take()
            self._hear(None)

    def drag(self, take: Heading, place_s: float) -> None:
        """The place is being looked for; the sound goes on until it is found."""
        self._dragged = take.path
        self._set_place(take, place_s)

    def seek(self, take: Heading, place_s: float) -> None:
        """Go to a place, and hear it; but music that plays goes on, and the place is only kept."""
        self._dragged = None
        self._set_place(take, place_s)
        if self.heard is not None or not self._bridge.playing:
            self.play(take)

    def step(self, take: Heading, seconds: float) -> None:
        """Forwards or backwards."""
        self._set_place(take, self.place_s(take) + seconds)
        if self.is_heard(take):
            self.play(take)

    def _set_place(self, take: Heading, place_s: float) -> None:
        place_s = min(max(place_s, 0.0), take.seconds)
        if place_s != self.place_s(take):
            self._places[take.path] = place_s
            self.moved.emit(take.path)

    def _hear(self, take: Heading | None) -> None:
        before, self.heard = self.heard, take
        if take is None:
            self._asked = self._dragged = None
        if (before and before.path) != (take and take.path):
            self.changed.emit()

    # The pair

    def mark(self, side: str, take: Heading) -> None:
        """Make a take one of the two that are compared."""
        assert side in SIDES, side
        self.pair = {other: marked for other, marked in self.pair.items() if marked.path != take.path} | {side: take}
        self._level()
        self.changed.emit()

    def unmark(self) -> None:
        """Compare no more."""
        self.pair = {}
        self._level()
        self.changed.emit()

    def side_of(self, take: Heading) -> str:
        """A, B, or ""."""
        return next((side for side, marked in self.pair.items() if marked.path == take.path), "")

    @property
    def is_levelled(self) -> bool:
        """Whether the pair can be made equally loud: both are there, and neither is too short or too quiet for LUFS."""
        return len(self.pair) == len(SIDES) and all(math.isfinite(marked.lufs) for marked in self.pair.values())

    def gain_db(self, take: Heading) -> float:
        """What a take is turned down by, for the pair to be equally loud."""
        if not self.side_of(take) or not self.is_levelled:
            return 0.0
        return min(min(marked.lufs for marked in self.pair.values()) - take.lufs, 0.0)

    def _level(self) -> None:
        if self.heard is not None and self.gain_db(self.heard) != self._gain_db:
            self.play(self.heard)

    def switch(self) -> None:
        """Hear the other one at the same place, or from its beginning where it is too short for that."""
        if len(self.pair) < len(SIDES):
            self.refused.emit("mark two takes first: the keys A and B on the list")
            return
        side = self.side_of(self.heard) if self.heard is not None else ""
        if not side:
            self.play(self.pair[SIDES[0]])
            return
        now, other = self.pair[side], self.pair[SIDES[1 - SIDES.index(side)]]
        self._set_place(other, self.place_s(now))
        self.play(other)

    def choose(self, side: str) -> None:
        """Hear this one of the two: at the other's place, if that is heard; or leave it, if it is itself."""
        take = self.pair[side]
        if self.heard is not None and self.side_of(self.heard) not in ("", side):
            self.switch()
        else:
            self.toggle(take)

    # What becomes of files

    def release(self, path: Path, then: Callable[[], None]) -> None:
        """Call ``then`` once the engine does not hold the file any more."""
        if self.heard is not None and self.heard.path == path:
            self.pause()
        if self._bridge.status.take != path:
            then()
        else:
            self._releasing.append((path, then, time.monotonic() + PATIENCE_S))

    def follow(self, old: Path, new: Heading) -> None:
        """A take has been renamed, or marked otherwise."""
        if old in self._places:
            self._places[new.path] = self._places.pop(old)
        self.pair = {side: new if marked.path == old else marked for side, marked in self.pair.items()}
        if self.heard is not None and self.heard.path == old:
            self.heard = new
        self.changed.emit()

    def forget(self, path: Path) -> None:
        """A take has gone."""
        self._places.pop(path, None)
        self.pair = {side: marked for side, marked in self.pair.items() if marked.path != path}
        self.changed.emit()

    # What the engine shows

    def _on_status(self, status: Status) -> None:
        self._release(status)
        take = self.heard
        if take is None:
            return
        if self._asked is not None:
            if not self._asked.is_answered(take, status) and not self._asked.overdue:
                return
            self._asked = None
        if status.take == take.path:
            if self._dragged != take.path:
                self._set_place(take, status.take_s)
            return
        if self.place_s(take) >= take.seconds - END_S:
            self._set_place(take, 0.0)
        self._hear(None)

    def _release(self, status: Status) -> None:
        now = time.monotonic()
        due = [each for each in self._releasing if status.take != each[0] or now > each[2]]
        self._releasing = [each for each in self._releasing if each not in due]
        for _, then, _ in due:
            then()
