"""The clips of one trial, heard through the engine's output; and how much of each has been heard."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.status import Status
from gui.bridge import EngineBridge

#: of each clip, before one may choose
LEAST_HEARD_S = 3.0
LEAST_SHARE = 0.75  # of a clip that is shorter than that
START_TIMEOUT_S = 3.0
#: status is a tick old
SLACK_S = 0.25


def is_audible(status: Status) -> bool:
    """Whether a device plays: without one, and before there is a model, what is played goes nowhere."""
    return bool(status.output)


class ClipPlayer(QObject):
    """Plays one side at a time. Paths stay in here: what is shown knows sides alone."""

    changed = Signal()
    silent = Signal()  #: a clip was asked for and cannot be heard

    def __init__(self, bridge: EngineBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._clips: Mapping[str, Path] = {}
        self._clip_s = 1.0
        self._asked_at = 0.0
        self._begun = False
        self._heard_s: dict[str, float] = {}
        self.side, self.last, self.place_s = "", "", 0.0
        self.plays: dict[str, int] = {}
        bridge.status_changed.connect(self._follow)

    def load(self, clips: Mapping[str, Path], clip_s: float) -> None:
        """Another trial; nothing of it has been heard."""
        self.stop()
        self._clips, self._clip_s = clips, clip_s
        self._heard_s = dict.fromkeys(clips, 0.0)
        self.plays = dict.fromkeys(clips, 0)
        self.last = ""
        self.changed.emit()

    @property
    def sides(self) -> tuple[str, ...]:
        """What there is to hear in this trial."""
        return tuple(self._clips)

    def play(self, side: str) -> None:
        """From its beginning; what was heard stops. Where nothing sounds, nobody could judge."""
        if not is_audible(self._bridge.status):
            self.stop()
            self.silent.emit()
            return
        self.side = self.last = side
        self.place_s, self._begun, self._asked_at = 0.0, False, time.monotonic()
        self.plays[side] += 1
        self._bridge.play_take(self._clips[side])
        self.changed.emit()

    def toggle(self, side: str) -> None:
        """Play it, or stop it if it plays."""
        if self.side == side:
            self.stop()
        else:
            self.play(side)

    def stop(self) -> None:
        """Be silent."""
        if self.side:
            self._bridge.stop_take()
            self._end()

    def _end(self) -> None:
        self.side, self.place_s = "", 0.0
        self.changed.emit()

    @property
    def share(self) -> float:
        """How far the clip that plays has come."""
        return min(self.place_s / self._clip_s, 1.0)

    def heard(self, side: str) -> bool:
        """Whether enough of it has been heard to judge."""
        return self._heard_s[side] >= min(LEAST_HEARD_S, LEAST_SHARE * self._clip_s)

    @property
    def all_heard(self) -> bool:
        return bool(self._clips) and all(self.heard(side) for side in self._clips)

    def _follow(self, status: Status) -> None:
        if not self.side:
            return
        if not is_audible(
            status
        ):  # it has broken off, and since when is not known: what was heard of it does not count
            self._heard_s[self.side] = 0.0
            self.stop()
            self.silent.emit()
            return
        waited_s = time.monotonic() - self._asked_at
        if status.take == self._clips[self.side]:
            # X is the same file as A or B: until the engine has begun anew, the place is that of what played before.
            if status.take_s <= waited_s + SLACK_S:
                self._begun, self.place_s = True, status.take_s
                self._heard_s[self.side] = max(self._heard_s[self.side], status.take_s)
                self.changed.emit()
        elif self._begun:
            self._end()
        elif waited_s > START_TIMEOUT_S:
            self._end()
            self.silent.emit()
