"""How the next token is drawn: guidance, temperature, top-k, and the seed with its lock."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from engine.control import ControlState
from gui.buttons import IconButton
from gui.control_model import ControlModel
from gui.digits import DigitsValidator
from gui.icons import Icon
from gui.panel import Panel, muted_label
from gui.play.knob import Knob
from gui.play.performer import HIGHEST_SEED, SeedChoice
from gui.play.scale import Scale

DEFAULTS = ControlState()
KNOBS = (
    ("guidance", "Guidance", Scale(0.0, 10.0, 0.01, DEFAULTS.guidance), "How strictly the music keeps to the prompt"),
    ("temperature", "Temperature", Scale(0.0, 2.0, 0.005, DEFAULTS.temperature), "How daring the draw is; 0: never"),
    ("top_k", "Top-k", Scale(1, 256, 1, DEFAULTS.top_k, decimals=0), "From how many candidates each token is drawn"),
)


class SamplingPanel(Panel):
    """Three small knobs and the seed."""

    touched = Signal(str)  #: a hand has taken hold of the knob of a field

    def __init__(self, controls: ControlModel, seed: SeedChoice) -> None:
        super().__init__("Sampling")
        self._controls = controls
        self.knobs: dict[str, Knob] = {}
        row = QHBoxLayout()
        row.setSpacing(2)
        for field, name, scale, hint in KNOBS:
            knob = Knob(name, scale, compact=True)
            knob.setToolTip(hint)
            knob.grabbed.connect(lambda field=field: controls.begin(field))
            knob.grabbed.connect(lambda field=field: self.touched.emit(field))
            knob.let_go.connect(controls.end)
            knob.edited.connect(lambda value, field=field: self._on_edited(field, value))
            self.knobs[field] = knob
            row.addWidget(knob)
        self.body.addLayout(row, 1)
        self.seed = SeedField(seed)
        self.body.addWidget(self.seed)
        controls.changed.connect(self.show_state)
        self.show_state(controls.state)

    def _on_edited(self, field: str, value: float) -> None:
        self._controls.edit(field, **{field: int(value) if field == "top_k" else value})

    def show_state(self, state: ControlState) -> None:
        """Follow the model."""
        for field, knob in self.knobs.items():
            knob.show_value(getattr(state, field))

    def show_lanes(self, values: Mapping[str, float], let_go: Collection[str]) -> None:
        """Follow the lanes: what they drive, at what value; and which have let go."""
        for field, knob in self.knobs.items():
            knob.show_lane(values.get(field), field in let_go)


class SeedEdit(QLineEdit):
    """Digits. Qt says nothing of an editing that ends with none: ``left_empty`` does."""

    left_empty = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self.hasAcceptableInput():
            self.left_empty.emit()


class SeedField(QWidget):
    """The seed of the next performance; typing one locks it."""

    def __init__(self, seed: SeedChoice) -> None:
        super().__init__()
        self._seed = seed
        self.field = SeedEdit()
        self.field.setValidator(DigitsValidator(0, HIGHEST_SEED, self))
        self.field.setAccessibleName("seed")
        self.field.setToolTip("The seed of the next performance: the same seed and moves give the same music")
        self.lock = IconButton(Icon.UNLOCKED, "Lock the seed", side=32)
        self.lock.setCheckable(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(muted_label("Seed"))
        layout.addWidget(self.field, 1)
        layout.addWidget(self.lock)
        self.field.editingFinished.connect(self._on_typed)
        self.field.left_empty.connect(self._show)
        self.field.returnPressed.connect(lambda: self.field.clearFocus())
        self.lock.clicked.connect(lambda: seed.lock(self.lock.isChecked()))
        seed.changed.connect(self._show)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._show()

    def _on_typed(self) -> None:
        if self.field.isModified():
            self.field.setModified(False)
            self._seed.choose(int(self.field.text()))

    def _show(self) -> None:
        self.field.setText(str(self._seed.value))
        self.lock.setChecked(self._seed.locked)
        self.lock.set_sign(Icon.LOCKED if self._seed.locked else Icon.UNLOCKED)
        self.lock.set_name("Unlock the seed" if self._seed.locked else "Lock the seed")
