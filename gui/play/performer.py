"""What the transport's keys mean: when a performance begins, goes on, is recorded or cut short; and its seed."""

from __future__ import annotations

import secrets
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gui.bridge import EngineBridge
from gui.control_model import ControlModel

HIGHEST_SEED = 2**31 - 1


class SeedChoice(QObject):
    """The seed of the next start. Locked, it stays; otherwise each new performance draws another."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value, self.locked = secrets.randbelow(1_000_000), False

    def choose(self, value: int) -> None:
        """Name a seed; whoever does that wants it, so it is locked.

        Raises:
            ValueError: out of range.
        """
        if not 0 <= value <= HIGHEST_SEED:
            raise ValueError(value)
        self.value, self.locked = value, True
        self.changed.emit()

    def lock(self, locked: bool) -> None:
        if locked != self.locked:
            self.locked = locked
            self.changed.emit()

    def draw(self) -> int:
        """The seed of a new performance."""
        if not self.locked:
            self.value = secrets.randbelow(1_000_000)
            self.changed.emit()
        return self.value


class Performer(QObject):
    """Turns keys into commands. ``take_name`` is what new takes are called, before their number."""

    waiting_changed = Signal(bool)  #: a model is on its way, with which the music begins by itself
    panicked = Signal()  #: everything that moves knobs must let go

    def __init__(self, bridge: EngineBridge, controls: ControlModel, take_name: str = "take") -> None:
        super().__init__(bridge)
        self._bridge, self._controls = bridge, controls
        self.seed = SeedChoice(self)
        self.take_name = take_name
        self._begun = self._waiting = self._loaded = self._loading = False
        bridge.model_loaded.connect(self._on_loaded)
        bridge.pack_loaded.connect(self._on_pack)

    def load(self, model: str, pack: Path | None = None) -> None:
        """Load another model; what plays now, or is to play before it is there, is taken up again with it."""
        self._loading = True
        self._wait(self._bridge.playing or self._waiting)
        self._bridge.load(model, pack)

    def give_up_waiting(self) -> None:
        """The model that was asked for will not come, and no other is on its way."""
        self._loading = False
        self._wait(False)

    def _wait(self, waiting: bool) -> None:
        if waiting != self._waiting:
            self._waiting = waiting
            self.waiting_changed.emit(waiting)

    def _on_pack(self) -> None:
        self._begun = False  # and what waits, waits for the model that is still on its way

    def _on_loaded(self) -> None:
        self._loaded, self._begun, self._loading = True, False, False
        if self._waiting:
            self._wait(False)
            self.toggle_play()

    def toggle_play(self) -> None:
        """Play or stop; before there is a model: play as soon as there is one."""
        if self._bridge.playing:
            self._wait(False)
            self._bridge.stop()
        elif not self._loaded:
            self._wait(not self._waiting)
        elif self._begun:
            self._wait(self._loading)
            self._bridge.play(None)
        else:
            self.restart_new()

    def play(self) -> None:
        """Play, unless that is so or asked already."""
        if not self._bridge.playing and not self._waiting:
            self.toggle_play()

    def stop(self) -> None:
        """Stop, or wait no more."""
        if self._bridge.playing or self._waiting:
            self.toggle_play()

    def restart_same(self) -> None:
        """The same seed from the beginning."""
        self._start(self._bridge.status.seed if self._begun else self.seed.value)

    def restart_new(self) -> None:
        """Another performance: a new seed, unless it is locked."""
        self._start(self.seed.draw())

    def _start(self, seed: int) -> None:
        if not self._loaded:
            self._wait(True)
            return
        self._begun = True
        self._wait(self._loading)
        self._bridge.play(seed)

    def toggle_record(self) -> None:
        """Begin or end a take; standing still, the music begins with it."""
        if self._bridge.status.recording:
            self._bridge.stop_recording()
            return
        if not self._bridge.playing and self._loaded:
            self.toggle_play()
        self._bridge.record(self.take_name)

    def keep_last(self) -> None:
        """Keep what was just played as a take."""
        self._bridge.keep_last(self.take_name)

    def panic(self) -> None:
        """Fade to silence and let go of every knob."""
        self._wait(False)
        self._bridge.stop()
        self.panicked.emit()
        self._controls.turn_knobs("panic", dict.fromkeys(self._controls.genres, 0.0))
