"""Playing from outside, put together for one window: targets, MIDI, OSC, and the menus on the controls."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from engine.errors import DeviceError
from engine.takes.moves import settings as settings_of
from gui.notify import Kind
from gui.play.knob_defaults import KnobDefaults
from gui.remote import osc, ports
from gui.remote.control_menus import ControlMenus
from gui.remote.device_map import MapFolder
from gui.remote.midi import Midi
from gui.remote.osc import OscInput
from gui.remote.settings_section import MidiSection, OscSection
from gui.remote.targets import Targets
from gui.settings import Settings

if TYPE_CHECKING:
    from gui.main_window import MainWindow

START_AFTER_MS = 700  # the libraries' imports would hold up the first painting


class Remote(QObject):
    """Everything that a window needs to be played from outside.

    Args:
        window: whose controls are played.
        folder: where the player's maps and defaults are kept.
    """

    def __init__(self, window: MainWindow, folder: Path) -> None:
        super().__init__(window)
        self._page, self._bridge, self._notifier = window.page, window.bridge, window.notifier
        transport, volume = window.header.transport, window.header.volume
        self.targets = Targets(window.controls, window.performer, volume, self._driven)
        self.midi: Midi | None = None
        if ports.installed():
            self.midi = Midi(self.targets, MapFolder(folder / "midi"), window.notifier, ports.RtMidi)
        for by, key, name in ((-1, "preset/previous", "Previous preset"), (1, "preset/next", "Next preset")):
            self.targets.add_action(key, name, partial(window.page.presets.step, by))
        automation = window.page.automation.play
        self.targets.add_action("automation", "Automation on or off", automation.click)
        self.osc = OscInput(self.targets)
        self._listening: tuple[str, int] | None = None
        self.menus = ControlMenus(self.targets, self.midi, KnobDefaults(folder / "defaults.json"), window.notifier)
        for widget, keys in (
            (window.page.bank.strength, ("strength",)),
            *((knob, (field,)) for field, knob in window.page.sampling.knobs.items()),
            (window.page.sampling.seed.lock, ("seed/lock",)),
            (window.page.layers.strip, ("layer",)),
            (window.page.layers.law, ("law",)),
            (window.page.layers.orthogonal, ("orthogonal",)),
            (window.page.pad, ("pad/x", "pad/y")),
            (volume, ("volume",)),
            (transport.play, ("toggle", "play", "stop")),
            (transport.record, ("record",)),
            (transport.keep, ("keep",)),
            (transport.same, ("restart/same",)),
            (transport.new, ("restart/new",)),
            (transport.panic, ("panic",)),
            (window.page.presets.previous, ("preset/previous",)),
            (window.page.presets.next, ("preset/next",)),
            (automation, ("automation",)),
            (window.header.undo, ("undo",)),
            (window.header.redo, ("redo",)),
        ):
            self.menus.attach(widget, *keys)
        self.targets.changed.connect(self._attach_knobs)
        self._attach_knobs()
        self._settings = window.settings
        self._start = QTimer(self)
        self._start.setSingleShot(True)
        self._start.timeout.connect(lambda: self.follow(self._settings))
        self._start.start(START_AFTER_MS)

    def _driven(self, name: str) -> float | None:
        control = self._bridge.status.control
        if control is None or name not in self._page.automation.player.drives:
            return None
        return settings_of(control).get(name, 0.0)

    def _attach_knobs(self) -> None:
        self.menus.detach("knob/")
        for genre, knob in self._page.bank.knobs.items():
            self.menus.attach(knob, f"knob/{genre}")

    def follow(self, settings: Settings) -> None:
        """Do what the settings say, from now on."""
        self._settings = settings
        self._start.stop()
        if self.midi is not None:
            if settings.midi:
                self.midi.start()
            else:
                self.midi.stop()
        wanted = (settings.osc_host, settings.osc_port) if settings.osc else None
        if wanted != self._listening or (wanted is not None and self.osc.port is None):
            self._listening = wanted
            self._listen(wanted)

    def _listen(self, wanted: tuple[str, int] | None) -> None:
        if wanted is None:
            self.osc.stop()
            return
        try:
            self.osc.start(*wanted)
        except DeviceError as error:
            self._notifier.fail(str(error))
            return
        host, port = wanted
        if osc.is_loopback(host):
            self._notifier.tell(f"OSC: listening to programs on this computer, port {port}", Kind.DONE)
        else:
            self._notifier.tell(
                f"OSC: whoever reaches port {port} of {host} can play this window; nothing is asked first"
            )

    def sections(self) -> tuple[MidiSection, OscSection]:
        """What the settings show of it; their ``changed`` gives choices by name."""
        return MidiSection(self.midi, self._settings), OscSection(self.osc, self._settings)

    def close(self) -> None:
        """The window is closing."""
        self._start.stop()
        self.osc.close()
        if self.midi is not None:
            self.midi.close()
