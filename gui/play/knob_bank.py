"""The genre knobs in ring order, and the master strength beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from engine.control import ControlState
from engine.messages import ModelLoaded
from gui import theme
from gui.control_model import ControlModel
from gui.panel import Panel, muted_label
from gui.play.knob import Knob
from gui.play.scale import Scale

RING = ("classical", "electronic", "jazz", "rock")
GENRE_SCALE = Scale(-2.0, 2.0, 0.001, 0.0, bipolar=True)
STRENGTH_SCALE = Scale(0.0, 2.0, 0.001, 1.0)
AWAITED = "The knobs come with the model …"
NO_PACK = (
    "This model has no probe pack beside it, so there are no knobs to turn: it plays unsteered.\n"
    "“segue probe train” makes one."
)


def ring_order(genres: Sequence[str]) -> tuple[str, ...]:
    """The ring classical → electronic → jazz → rock first, then the rest as the pack has them."""
    known = [genre for genre in RING if genre in genres]
    return (*known, *(genre for genre in genres if genre not in RING))


class KnobBank(Panel):
    """A knob per genre of the pack. Redlines come from the pack, colours from the theme."""

    touched = Signal(str)  #: a hand has taken hold of the knob of a genre, or of the strength

    def __init__(self, controls: ControlModel) -> None:
        super().__init__("Steer")
        self._controls = controls
        self._hint = muted_label("outer arc: asked  ·  inner arc: heard")
        self.head.addWidget(self._hint)
        self.knobs: dict[str, Knob] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(4)
        self._empty = QLabel(NO_PACK)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._row.addWidget(self._empty, 4)
        self._rule = QFrame()
        self._rule.setFixedWidth(1)
        self._row.addWidget(self._rule)
        self.strength = Knob("Strength", STRENGTH_SCALE)
        self.strength.setToolTip("Master: how much all the knobs weigh together")
        self._connect(self.strength, "strength", self._write_strength)
        self._row.addWidget(self.strength, 5)
        self.body.addLayout(self._row, 1)
        controls.instrument_changed.connect(self._on_instrument)
        controls.changed.connect(self.show_state)
        self.dress()
        self._empty.setText(AWAITED)
        self._show_strength(False)

    def _connect(self, knob: Knob, subject: str, write: Callable[[float], None]) -> None:
        knob.grabbed.connect(lambda: self._controls.begin(subject))
        knob.grabbed.connect(lambda: self.touched.emit(subject))
        knob.let_go.connect(self._controls.end)
        knob.edited.connect(write)

    def _show_strength(self, shown: bool) -> None:
        self.strength.setVisible(shown)
        self._rule.setVisible(shown)
        self._hint.setVisible(shown)

    def _write_strength(self, value: float) -> None:
        self._controls.edit("strength", strength=value)

    def _on_instrument(self, instrument: ModelLoaded) -> None:
        for knob in self.knobs.values():
            self._row.removeWidget(knob)
            knob.deleteLater()
        self.knobs.clear()
        redlines = dict(zip(instrument.genres, instrument.redlines, strict=False))
        previous = self.strength.previousInFocusChain() or self
        for place, genre in enumerate(ring_order(instrument.genres)):
            knob = Knob(genre, GENRE_SCALE)
            knob.set_redline(redlines.get(genre))
            knob.setToolTip(f"{genre}: up steers towards it, down away from it")
            self._connect(knob, genre, partial(self._controls.turn_knob, genre))
            self._row.insertWidget(place, knob, 5)
            QWidget.setTabOrder(previous, knob)
            self.knobs[genre] = knob
            previous = knob
        QWidget.setTabOrder(previous, self.strength)
        self._empty.setText(NO_PACK)
        self._empty.setVisible(not self.knobs)
        self._show_strength(bool(self.knobs))
        self.dress()

    def dress(self) -> None:
        """Follow the theme."""
        palette = theme.current()
        self._rule.setStyleSheet(f"background: {palette.line};")
        self.strength.set_colour(theme.mix(QColor(palette.text), QColor(palette.muted), 0.35))
        for genre, knob in self.knobs.items():
            knob.set_colour(palette.genre(genre, tuple(self.knobs)))

    def show_state(self, state: ControlState) -> None:
        """Follow the model."""
        alphas = dict(state.blend)
        for genre, knob in self.knobs.items():
            knob.show_value(alphas.get(genre, 0.0))
        self.strength.show_value(state.strength)

    def show_lanes(self, values: Mapping[str, float], let_go: Collection[str]) -> None:
        """Follow the lanes: what they drive, at what value; and which have let go."""
        for name, knob in (self.knobs | {"strength": self.strength}).items():
            knob.show_lane(values.get(name), name in let_go)

    def show_heard(self, shares: dict[str, float]) -> None:
        """Follow the ear."""
        for genre, knob in self.knobs.items():
            knob.show_heard(shares.get(genre))
