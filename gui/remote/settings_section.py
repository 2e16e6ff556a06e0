"""What the settings show of playing from outside: the controllers that are here, and where OSC is listened to."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.buttons import Segmented
from gui.digits import DigitsValidator
from gui.panel import Panel, muted_label
from gui.remote import osc, ports
from gui.remote.midi import Midi
from gui.remote.osc import OscInput
from gui.remote.ports import PortState
from gui.settings import Settings

OFF_ON = ("off", "on")
LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"
LEARN = "Right-click a control and choose MIDI learn."
LOWEST_PORT, HIGHEST_PORT = 1024, 65535  # below, systems ask for rights that nobody should give to music
ADDRESSES = "/segue/knob/jazz 0.6   /segue/strength 1\n/segue/play   /segue/prompt “slow piano”"


class MidiSection(Panel):
    """The switch, and a line for each device. ``changed`` gives choices of :class:`Settings`; devices keep their own."""

    changed = Signal(dict)

    def __init__(self, midi: Midi | None, settings: Settings) -> None:
        super().__init__("MIDI")
        self._midi = midi
        self.rows: dict[str, DeviceRow] = {}
        self.words = muted_label(f"MIDI comes with  {ports.HOW_TO_INSTALL}")
        self.words.setWordWrap(True)
        if midi is None:
            self.body.addWidget(self.words)
            return
        self.switch = Segmented("MIDI", OFF_ON, ("Controllers are left alone", "Controllers are listened to"))
        self.switch.show_choice(int(settings.midi))
        self.switch.chosen.connect(lambda index: self.changed.emit({"midi": bool(index)}))
        self.body.addWidget(self.switch)
        self._lines = QVBoxLayout()
        self.body.addLayout(self._lines)
        self.body.addWidget(self.words)
        midi.devices_changed.connect(self._list)
        self._list()

    def _list(self) -> None:
        assert self._midi is not None
        devices = list(self._midi.devices)
        for device in [device for device in self.rows if device not in devices]:
            row = self.rows.pop(device)
            self._lines.removeWidget(row)
            row.deleteLater()
        for place, device in enumerate(devices):
            if device in self.rows:
                self.rows[device].show_device()  # the keyboard stays where it is
            else:
                self.rows[device] = DeviceRow(self._midi, device)
                self._lines.insertWidget(place, self.rows[device])
        self.rows = {device: self.rows[device] for device in devices}
        self.words.setText(LEARN if self.rows else "No controller is plugged in." if self._midi.running else "")


class DeviceRow(QWidget):
    """One device: its name, what it does here, whether we listen to it."""

    def __init__(self, midi: Midi, device: str) -> None:
        super().__init__()
        self._midi, self._device = midi, device
        name = QLabel(device)
        name.setWordWrap(True)
        self.words = muted_label()
        self.forget = QPushButton("Forget all")
        self.forget.setAccessibleName(f"forget all controls of {device}")
        self.forget.setAutoDefault(False)
        self.switch = Segmented(device, OFF_ON, ("Left to other programs", "Listened to"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(round(theme.px(10)))
        layout.addWidget(name, 1)
        for widget in (self.words, self.forget, self.switch):
            layout.addWidget(widget)
        self.forget.clicked.connect(self._on_forget)
        self._forget = partial(midi.forget_all, device)
        self.switch.chosen.connect(lambda index: midi.enable(device, bool(index)))
        self.show_device()

    def show_device(self) -> None:
        """What has become of it."""
        state = next(port.state for port in self._midi.ports if port.device == self._device)
        count = self._midi.count(self._device)
        controls = "nothing learnt yet" if count == 0 else f"{count} control{'' if count == 1 else 's'} learnt"
        self.words.setText(controls if state is not PortState.BUSY else f"{state.value}; {controls}")
        self.forget.setText("Forget all")
        self.forget.setEnabled(count > 0)
        self.switch.show_choice(int(self._midi.enabled(self._device)))

    def _on_forget(self) -> None:
        if self.forget.text() == "Forget all":  # a second click means it
            self.forget.setText("Really?")
        else:
            self._forget()


class OscSection(Panel):
    """Where it listens. ``changed`` gives choices of :class:`Settings`."""

    changed = Signal(dict)

    def __init__(self, receiver: OscInput, settings: Settings) -> None:
        super().__init__("OSC")
        self._receiver = receiver
        self.words = muted_label()
        self.words.setWordWrap(True)
        if not osc.installed():
            self.words.setText(f"OSC comes with  {osc.HOW_TO_INSTALL}")
            self.body.addWidget(self.words)
            return
        self.where = Segmented(
            "OSC",
            ("off", "this computer", "network"),
            (
                "Nothing is listened to",
                "Programs on this computer can play this window",
                "Whoever reaches this port can play this window; nothing is asked first",
            ),
        )
        self.where.show_choice(0 if not settings.osc else 1 if osc.is_loopback(settings.osc_host) else 2)
        self.port = QLineEdit(str(settings.osc_port))
        self.port.setValidator(DigitsValidator(LOWEST_PORT, HIGHEST_PORT, self))
        self.port.setAccessibleName("OSC port")
        grid = QGridLayout()
        grid.setHorizontalSpacing(round(theme.px(16)))
        grid.setColumnMinimumWidth(0, round(theme.px(96)))
        grid.setColumnStretch(1, 1)
        for row, (word, control) in enumerate((("Listen to", self.where), ("Port", self.port))):
            label = QLabel(word)
            label.setBuddy(control)
            grid.addWidget(label, row, 0)
            grid.addWidget(control, row, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self.words)
        self.where.chosen.connect(self._on_where)
        self.port.editingFinished.connect(self._on_port)
        receiver.changed.connect(self._describe)
        self._describe()

    def _on_where(self, index: int) -> None:
        choices: dict[str, object] = {"osc": index > 0}
        if index > 0:
            choices["osc_host"] = (LOOPBACK, EVERYWHERE)[index - 1]
        self.changed.emit(choices)
        self._describe()

    def _on_port(self) -> None:
        if self.port.isModified():
            self.port.setModified(False)
            self.changed.emit({"osc_port": int(self.port.text())})
            self._describe()

    def _describe(self) -> None:
        if self._receiver.port is None:
            self.words.setText(ADDRESSES if self.where.choice == 0 else "Not listening: choose another port.")
            return
        ignored = f"; {self._receiver.ignored} messages were of no use" if self._receiver.ignored else ""
        self.words.setText(f"Listening on port {self._receiver.port}{ignored}.\n{ADDRESSES}")
