"""The menu on a right click of every control that can be played from outside, and what is shown while it is."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from gui.notify import Notifier
from gui.play.knob import Knob
from gui.play.knob_defaults import KnobDefaults
from gui.remote.decoder import Kind
from gui.remote.marks import Mark
from gui.remote.midi import Midi
from gui.remote.ports import HOW_TO_INSTALL
from gui.remote.relative import Encoder
from gui.remote.targets import Targets

ARROWS = {"pad/x": ("◀", "▶")}
MEET = "turn the controller until it meets the value: from there on the value follows it"


class ControlMenus(QObject):
    """Knows which widget stands for which targets; nothing else about the widgets has to change.

    Args:
        midi: None where its libraries are not installed; the menus then say how to get them.
    """

    def __init__(self, targets: Targets, midi: Midi | None, defaults: KnobDefaults, notifier: Notifier) -> None:
        super().__init__(targets)
        self._targets, self._midi, self._defaults, self._notifier = targets, midi, defaults, notifier
        self._keys: dict[QObject, tuple[str, ...]] = {}
        self._widgets: dict[str, QWidget] = {}
        self._marks: dict[QWidget, Mark] = {}
        self._framed: Mark | None = None
        self._told_to_meet = False
        if midi is not None:
            midi.learning_changed.connect(self._on_learning)
            midi.bound.connect(lambda key, words: self._tell(key, words))
            midi.waiting.connect(self._on_waiting)

    def attach(self, widget: QWidget, *keys: str) -> None:
        """A widget stands for one target or more; a key has one widget."""
        widget.installEventFilter(self)
        self._keys[widget] = keys
        self._widgets.update(dict.fromkeys(keys, widget))
        default = self._defaults.of(keys[0])
        if isinstance(widget, Knob) and default is not None:
            widget.set_default(default)

    def detach(self, prefix: str) -> None:
        """Forget the widgets of the keys that begin so: they are gone."""
        for key in [key for key in self._widgets if key.startswith(prefix)]:
            widget = self._widgets.pop(key)
            self._keys.pop(widget, None)
            mark = self._marks.pop(widget, None)
            if mark is not None and mark is self._framed and self._midi is not None:
                self._midi.cancel_learning()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ContextMenu and watched in self._keys:
            assert isinstance(event, QContextMenuEvent)
            assert isinstance(watched, QWidget)
            menu = self.menu(watched)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())
            return True
        if self._framed is not None and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return self._on_key(event)
        return super().eventFilter(watched, event)

    # The menu

    def menu(self, widget: QWidget) -> QMenu:
        """What can be done with a widget's targets."""
        keys = self._keys[widget]
        menu = widget.make_menu() if isinstance(widget, Knob) else QMenu(widget)
        if isinstance(widget, Knob):
            self._add_defaults(menu, widget, keys[0])
        else:
            for key in keys:
                self._add_reset(menu, key)
        if not menu.isEmpty():
            menu.addSeparator()
        if self._midi is None:
            menu.addAction(f"MIDI comes with  {HOW_TO_INSTALL}").setEnabled(False)
        else:
            for key in keys:
                self._add_midi(menu, key, self._midi, named=len(keys) > 1)
        return menu

    def _add_reset(self, menu: QMenu, key: str) -> None:
        parameter = self._targets.parameters.get(key)
        if parameter is not None and parameter.resets:
            words = f"{parameter.name}: reset to {parameter.scale.text(parameter.scale.default)}"
            menu.addAction(words, lambda: self._targets.turn({key: parameter.scale.default}))

    def _add_defaults(self, menu: QMenu, knob: Knob, key: str) -> None:
        own = self._targets.parameters[key].scale.default
        text, current = knob.scale.text, knob.current
        if current != knob.scale.default:
            menu.addAction(f"Make {text(current)} the default", lambda: self._choose_default(knob, key, current))
        if knob.scale.default != own:
            menu.addAction(f"Make {text(own)} the default again", lambda: self._choose_default(knob, key, own))

    def _choose_default(self, knob: Knob, key: str, value: float) -> None:
        knob.set_default(value)
        own = self._targets.parameters[key].scale.default
        try:
            self._defaults.choose(key, None if value == own else value)
        except OSError as error:
            self._notifier.fail(f"the default cannot be kept ({error}): it holds until the end")

    def _add_midi(self, menu: QMenu, key: str, midi: Midi, named: bool) -> None:
        of = f": {self._targets.name(key)}" if named else ""
        if midi.learning_key == key:
            menu.addAction(f"Cancel MIDI learn{of}\tEsc", midi.cancel_learning)
        elif midi.running:
            menu.addAction(f"MIDI learn{of}", partial(midi.learn, key))
        else:
            menu.addAction("MIDI is switched off").setEnabled(False)
        for bound in midi.bindings(key):
            source, forget = bound.binding.source, partial(midi.forget, bound.device, key)
            menu.addAction(f"Forget {source.name} of {bound.device}{of}", forget)
            if source.kind is Kind.CC and key in self._targets.parameters:
                counts = menu.addMenu(f"{source.name} counts")
                for encoder in Encoder:
                    action = counts.addAction(encoder.value, partial(midi.choose_encoder, bound, encoder))
                    action.setCheckable(True)
                    action.setChecked(bound.binding.encoder is encoder)

    # What is shown

    def _mark(self, key: str) -> Mark | None:
        widget = self._widgets.get(key)
        if widget is None:
            return None
        if widget not in self._marks:
            self._marks[widget] = Mark(widget)
        return self._marks[widget]

    def _tell(self, key: str, words: str) -> None:
        mark = self._mark(key)
        if mark is not None:
            mark.tell(words)

    def _on_learning(self, key: str) -> None:
        application = QApplication.instance()
        assert application is not None
        if self._framed is not None:
            self._framed.hide()
            self._framed = None
            application.removeEventFilter(self)
        mark = self._mark(key) if key else None
        if mark is not None:
            press = key in self._targets.actions
            mark.frame("press a key" if press else "move a control")
            self._framed = mark
            application.installEventFilter(self)  # for Escape, wherever the focus is
            what = "press a key or a button" if press else "move a knob or a fader"
            self._notifier.tell(f"{what} of your controller for “{self._targets.name(key)}”; Esc cancels")

    def _on_key(self, event: QEvent) -> bool:
        assert isinstance(event, QKeyEvent)
        if event.key() != Qt.Key.Key_Escape:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # this Escape is no shortcut of anybody's
        elif self._midi is not None:
            self._midi.cancel_learning()
        return True

    def _on_waiting(self, key: str, value: float) -> None:
        parameter = self._targets.parameters[key]
        down, up = ARROWS.get(key, ("▼", "▲"))
        self._tell(key, f"{parameter.scale.text(value)} {up if value < parameter.read() else down}")
        if not self._told_to_meet:
            self._told_to_meet = True
            self._notifier.tell(MEET)
