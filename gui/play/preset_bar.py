"""The preset in force, its neighbours, and what can be done with it: ‹ name ● › and a menu."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QFile, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from gui import theme
from gui.buttons import IconButton, press_on_enter
from gui.control_model import ControlModel
from gui.icons import Icon
from gui.play.name_sheet import NameSheet
from gui.play.preset import Fit, Preset, PresetError
from gui.play.preset_store import PresetStore

NONE = "Presets"
MODIFIED = "●"


class PresetBar(QWidget):
    """Recalls, keeps, renames and throws away presets. A recall is one step of undo.

    The name that is shown follows the controls: after an undo it is again the preset that the controls are at; once they
    are at none, it is the last one, with a dot. ``told`` and ``failed`` are for the player to read.
    """

    told = Signal(str)
    failed = Signal(str)

    def __init__(self, controls: ControlModel, store: PresetStore) -> None:
        super().__init__()
        self._controls, self._store = controls, store
        self._presets: tuple[Preset, ...] = ()
        self._current: Preset | None = None
        self._fits: dict[str, Fit] = {}  # by name, to this instrument; every turn of a knob asks for all of them
        self._problems_told: tuple[str, ...] = ()
        self.previous = IconButton(Icon.PREVIOUS, "Previous preset", "Ctrl+Page up", side=26)
        self.next = IconButton(Icon.NEXT, "Next preset", "Ctrl+Page down", side=26)
        self.name = PresetButton()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.previous, self.name, self.next):
            layout.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.name.clicked.connect(self._open_menu)
        controls.changed.connect(lambda _state: self._follow())
        controls.instrument_changed.connect(lambda _instrument: self._on_instrument())
        self.setEnabled(False)  # until there is something to set

    @property
    def current(self) -> Preset | None:
        """The preset that the controls are at, or were at last."""
        return self._current

    @property
    def modified(self) -> bool:
        """Whether the controls have left it."""
        return self._current is not None and not self._is_what(self._current)

    # Following

    def _on_instrument(self) -> None:
        self.setEnabled(True)
        self._scan()

    def _scan(self) -> None:
        found = self._store.scan()
        self._presets = found.presets
        self._fits.clear()
        if self._current is not None:
            self._current = next((preset for preset in found.presets if preset.name == self._current.name), None)
        for problem in found.problems:
            if problem not in self._problems_told:
                self.failed.emit(problem)
        self._problems_told = found.problems
        self._follow()

    def _is_what(self, preset: Preset) -> bool:
        instrument = self._controls.instrument
        if instrument is None:
            return False
        if preset.name not in self._fits:
            self._fits[preset.name] = preset.fit(instrument)
        return self._fits[preset.name].is_what(self._controls.state)

    def _follow(self) -> None:
        if self._current is None or self.modified:
            self._current = next(filter(self._is_what, self._presets), self._current)
        self.name.show_preset("" if self._current is None else self._current.name, self.modified)

    # Recalling

    def recall(self, preset: Preset) -> None:
        """Set all that it holds; what the instrument lacks is left out, and said."""
        instrument = self._controls.instrument
        if instrument is None:
            return
        changes, left_out = preset.fit(instrument)
        self._current = preset
        self._controls.edit(f"preset {preset.name}", **changes)
        self._follow()
        if left_out:
            self.told.emit(f"{preset.name}: {left_out}")

    def step(self, by: int) -> None:
        """The next one, or the one before; round and round."""
        if not self._presets:
            return
        names = [preset.name for preset in self._presets]
        place = names.index(self._current.name) if self._current is not None and self._current.name in names else None
        start = (0 if by > 0 else -1) if place is None else (place + by) % len(names)
        self.recall(self._presets[start])

    # Keeping

    def save(self) -> None:
        """Keep the controls under the name that is shown; a preset of Segue's own asks for another."""
        if self._current is None or self._current.factory:
            self.save_as()
        elif self.modified:
            refusal, _ = self._keep(self._current.name, self._current.with_prompt, True)
            if refusal:
                self.failed.emit(refusal)

    def save_as(self) -> None:
        """Ask for a name."""
        if self._controls.instrument is None:
            return
        mine = self._current is not None and not self._current.factory
        name = self._current.name if mine and self._current is not None else ""
        prompt = bool(self._controls.state.prompt) and (not mine or bool(self._current and self._current.with_prompt))
        NameSheet(self, "Save preset", name, self._keep, prompt).open_at(self.name)

    def _keep(self, name: str, with_prompt: bool, replacing: bool) -> tuple[str, bool]:
        """Save; see :data:`~gui.play.name_sheet.Accept`."""
        instrument = self._controls.instrument
        assert instrument is not None
        preset = Preset.of(name, self._controls.state, with_prompt, instrument)
        try:
            there = self._store.find(name)
            if there is not None and not there.factory and not replacing:
                return f"There is a preset {there.name} already", True
            self._current = self._store.save(preset, replace=replacing)
        except PresetError as error:
            return _sentence(error), False
        self._scan()
        self.told.emit(f"preset {self._current.name} is kept" if self._current is not None else "")
        return "", False

    def rename(self) -> None:
        """Ask for another name for one of the user's."""
        preset = self._current
        if preset is None or preset.factory:
            return

        def accept(name: str, _with_prompt: bool, _replacing: bool) -> tuple[str, bool]:
            try:
                self._current = self._store.rename(preset, name)
            except PresetError as error:
                return _sentence(error), False
            self._scan()
            return "", False

        NameSheet(self, "Rename preset", preset.name, accept, None).open_at(self.name)

    def throw_away(self) -> None:
        """Move one of the user's presets to the system's bin. What is heard stays."""
        preset = self._current
        if preset is None or preset.factory:
            return
        path = self._store.path(preset)
        if not QFile.moveToTrash(str(path)):
            self.failed.emit(f"{path} cannot be moved to the bin: delete it in its folder")
            return
        self._current = None
        self._scan()
        self.told.emit(f"preset {preset.name} is in the bin")

    # The menu

    def make_menu(self) -> QMenu:
        """All presets, and what can be done with the one in force."""
        self._scan()
        menu = QMenu(self)
        for factory in (True, False):
            for preset in (each for each in self._presets if each.factory is factory):
                action = menu.addAction(preset.name.replace("&", "&&"), partial(self.recall, preset))
                action.setCheckable(True)
                action.setChecked(self._current is not None and preset.name == self._current.name)
            menu.addSeparator()
        mine = self._current is not None and not self._current.factory
        menu.addAction("Save\tCtrl+S", self.save).setEnabled(mine and self.modified)
        menu.addAction("Save as …\tCtrl+Shift+S", self.save_as)
        menu.addAction("Rename …", self.rename).setEnabled(mine)
        menu.addAction("Move to the bin", self.throw_away).setEnabled(mine)
        return menu

    def _open_menu(self) -> None:
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.name.mapToGlobal(self.name.rect().bottomLeft()))


class PresetButton(QPushButton):
    """The name, cut to what there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self._shown, self._modified = "", False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("padding: 2px 8px;")
        self.show_preset("", False)

    def show_preset(self, name: str, modified: bool) -> None:
        """Follow the bar."""
        self._shown, self._modified = name, modified
        words = f"{name}, modified" if modified else name
        self.setAccessibleName("preset")
        self.setAccessibleDescription(words or "none")
        self.setToolTip(f"Preset: {words or 'none yet'}")
        self._write()

    def _write(self) -> None:
        mark = f"  {MODIFIED}" if self._modified else ""
        metrics, tail = self.fontMetrics(), f"{mark}  ▾"
        room = self.width() - round(theme.px(22)) - metrics.horizontalAdvance(tail)
        text = metrics.elidedText(self._shown or NONE, Qt.TextElideMode.ElideRight, max(room, 24))
        self.setText(text.replace("&", "&&") + tail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write()

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(168)), round(theme.px(26)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(theme.px(96)), round(theme.px(26)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        press_on_enter(self, event)


def _sentence(error: PresetError) -> str:
    words = str(error)
    return words[:1].upper() + words[1:]
