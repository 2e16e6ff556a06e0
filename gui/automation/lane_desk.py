"""The desk at which lanes are edited: the list of them, the canvas, and its tools. Live and for takes alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from engine.automation import MAX_BYTES, Automation
from engine.errors import ControlError
from gui import json_file, theme
from gui.automation.lane_editor import LaneEditor
from gui.automation.lane_kind import LaneKind, lane_kinds
from gui.automation.lane_list import LaneList
from gui.automation.lane_model import LaneModel
from gui.buttons import IconButton
from gui.icons import Icon

SUFFIX = ".json"
FILES = "Lanes (*.json)"
SIDE = 26


class LaneDesk(QWidget):
    """Edits the lanes of a model. ``tools`` are for the head of the panel around it."""

    told = Signal(str)
    failed = Signal(str)

    def __init__(self, model: LaneModel) -> None:
        super().__init__()
        self.model = model
        self._kinds = lane_kinds(())
        self._resting: Mapping[str, float] = {}
        self._let_go: frozenset[str] = frozenset()
        self._loops = False
        self.list, self.editor = LaneList(), LaneEditor(model, self._kinds)
        self.pencil = IconButton(Icon.PENCIL, "Draw freehand", side=SIDE)
        self.snap = IconButton(Icon.MAGNET, "Snap to the grid", side=SIDE)
        self.undo = IconButton(Icon.UNDO, "Undo an edit of the lanes", "Ctrl+Z on the canvas", side=SIDE)
        self.redo = IconButton(Icon.REDO, "Redo an edit of the lanes", side=SIDE)
        self.clear = IconButton(Icon.BIN, "Clear this lane", side=SIDE)
        self.open = IconButton(Icon.OPEN, "Open lanes from a file", side=SIDE)
        self.save = IconButton(Icon.SAVE, "Save the lanes to a file", side=SIDE)
        self.tools = (self.pencil, self.snap, self.undo, self.redo, self.clear, self.open, self.save)
        for toggle in (self.pencil, self.snap):
            toggle.setCheckable(True)
        self.snap.setChecked(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.list)
        layout.addWidget(self.editor, 1)
        self._connect()
        self.show_genres(())

    def _connect(self) -> None:
        self.list.chosen.connect(self._on_chosen)
        self.pencil.toggled.connect(lambda on: setattr(self.editor, "pencil", on))
        self.snap.toggled.connect(lambda on: setattr(self.editor, "snaps", on))
        self.undo.clicked.connect(self.model.undo)
        self.redo.clicked.connect(self.model.redo)
        self.clear.clicked.connect(lambda: self.model.edit(self.kind.name, ()))
        self.open.clicked.connect(self._browse)
        self.save.clicked.connect(self._browse_target)
        self.model.changed.connect(self._on_changed)
        self.model.history_changed.connect(self._on_changed)

    # What it shows

    @property
    def kind(self) -> LaneKind:
        """The lane that is edited."""
        return self._kinds[max(self.list.currentRow(), 0)]

    def show_genres(self, genres: Sequence[str]) -> None:
        """Another pack."""
        had_genres = any(kind.genres for kind in self._kinds)
        current = self._kinds[max(self.list.currentRow(), 0)].name if had_genres else ""
        self._kinds = lane_kinds(genres)
        self.list.show_kinds(self._kinds, current)
        self.editor.show_kinds(self._kinds)
        self._on_chosen(self.kind)
        self._on_changed()

    def choose(self, name: str) -> None:
        """Edit the lane of a name, if there is one."""
        row = next((n for n, kind in enumerate(self._kinds) if kind.name == name), None)
        if row is not None:
            self.list.setCurrentRow(row)

    def show_resting(self, values: Mapping[str, float]) -> None:
        """What the controls are at where no lane moves them."""
        self._resting = values
        self._on_chosen(self.kind)

    def show_playing(self, loops: bool, let_go: Collection[str]) -> None:
        """Whether the lanes loop, and which have been let go."""
        self._loops, self._let_go = loops, frozenset(let_go)
        self._on_changed()

    def _on_chosen(self, kind: LaneKind) -> None:
        zero = 0.0 if kind.scale.bipolar else kind.scale.default
        self.editor.show_lane(kind, self._resting.get(kind.name, zero))
        self._on_changed()

    def _on_changed(self) -> None:
        self.list.show_lanes(self.model.lanes.keys(), self._let_go)
        self.editor.show_playing(self._loops, self.kind.name in self._let_go)
        self.undo.setEnabled(self.model.can_undo)
        self.redo.setEnabled(self.model.can_redo)
        self.clear.setEnabled(bool(self.model.lane(self.kind.name)))
        self.save.setEnabled(bool(self.model.lanes))

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event) and self._kinds:
            self.list.dress()
        super().changeEvent(event)

    # Files

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Lanes", "", FILES)
        if path:
            self.load(Path(path))

    def load(self, path: Path) -> None:
        """Take up the lanes of a file; those that nothing here answers to are left out, and said."""
        try:
            data = json_file.read(path, MAX_BYTES)
            automation = Automation.from_json(data)
        except OSError as error:
            self.failed.emit(f"{path} cannot be read: {error.strerror}")
            return
        except ValueError:
            self.failed.emit(f"{path.name} is not a file of lanes: it is not JSON, or far too large")
            return
        except ControlError as error:
            self.failed.emit(f"{path.name}: {error}")
            return
        known = {kind.name for kind in self._kinds}
        lanes = {name: lane for name, lane in automation.lanes.items() if name in known}
        stray = [name for name in automation.lanes if name not in known]
        if stray:
            self.told.emit(f"{path.name}: nothing here answers to {' and '.join(stray)}")
        if lanes:
            ends = max(lane[-1][0] for lane in lanes.values())
            length = data.get("length_s")
            sound = isinstance(length, int | float) and not isinstance(length, bool) and 0 < length < 1e6
            self.model.take_up(lanes, float(length) if sound else max(ends, 1.0))
            self.choose(next(iter(lanes)))

    def _browse_target(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save lanes", "lanes.json", FILES)
        if path:
            self.store(Path(path))

    def store(self, path: Path) -> None:
        """Write the lanes, to a .json file; ``segue render --automation`` plays such a file too."""
        if path.suffix.lower() != SUFFIX:
            path = path.with_name(path.name + SUFFIX)
            if path.exists():  # nobody has been asked about that one
                self.failed.emit(f"{path} exists: save the lanes under another name")
                return
        try:
            json_file.write(path, self.model.automation.to_json() | {"length_s": self.model.length_s})
        except OSError as error:
            self.failed.emit(f"{path} cannot be written: {error.strerror}")
        else:
            self.told.emit(f"lanes are in {path.name}")
