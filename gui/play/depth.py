"""Where and how the directions enter the model: the layers and the law."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout

from engine.control import ControlState, Law
from engine.messages import ModelLoaded
from engine.steering.pack import PackDefaults
from gui.buttons import IconButton, Segmented
from gui.control_model import ControlModel
from gui.icons import Icon
from gui.panel import Panel, muted_label
from gui.play.layer_strip import LayerStrip

LAWS: tuple[tuple[str, Law | None, str], ...] = (
    ("auto", None, "The law that the pack was measured with"),
    ("preserve", Law.PRESERVE, "Adds the direction and keeps the residual's length"),
    ("unit", Law.UNIT, "Adds the direction to the residual brought to unit length"),
    ("relative", Law.RELATIVE, "Adds the direction in proportion to the residual's length"),
    ("add", Law.ADD, "Adds the direction as it is"),
)
ORTHOGONAL = "Orthogonal: take out of each knob's direction what it shares with the others"


class DepthPanel(Panel):
    """The layer strip over the law and the switch beside it."""

    def __init__(self, controls: ControlModel) -> None:
        super().__init__("Depth")
        self._controls = controls
        self._own = PackDefaults(())
        self._explain = muted_label("")
        self.auto = IconButton(Icon.RESTART, "The pack's own layers", side=26)
        policy = self.auto.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.auto.setSizePolicy(policy)
        self.head.addWidget(self.auto)
        self.head.addWidget(self._explain)
        self.strip = LayerStrip()
        self.body.addWidget(self.strip, 5)
        ends = QHBoxLayout()
        early, late = muted_label("early · rhythm"), muted_label("late · timbre")
        ends.addWidget(early)
        ends.addStretch(1)
        ends.addWidget(late)
        self.body.addLayout(ends)
        self.body.addStretch(1)
        self.law = Segmented("law", [word for word, _, _ in LAWS], [hint for _, _, hint in LAWS])
        self.orthogonal = IconButton(Icon.RIGHT_ANGLE, ORTHOGONAL, side=32)
        self.orthogonal.setCheckable(True)
        how = QHBoxLayout()
        how.addWidget(self.law, 1)
        how.addWidget(self.orthogonal)
        self.body.addLayout(how)
        self.strip.edited.connect(self._on_layers)
        self.auto.clicked.connect(lambda: controls.edit("layers", layers=None))
        self.orthogonal.clicked.connect(self.toggle_orthogonal)
        self.law.chosen.connect(lambda index: controls.edit("law", law=LAWS[index][1]))
        controls.instrument_changed.connect(self._on_instrument)
        controls.changed.connect(self.show_state)
        self.show_state(controls.state)

    def _on_instrument(self, instrument: ModelLoaded) -> None:
        self._own = PackDefaults(instrument.default_layers)
        self.strip.set_layers(instrument.layers, instrument.accuracies)
        for widget in (self.strip, self.orthogonal):
            widget.setEnabled(bool(instrument.genres))

    def toggle_orthogonal(self) -> None:
        """Use the directions as they are, or without what they share."""
        self._controls.edit("orthogonal", orthogonal=not self._controls.state.orthogonal)

    def _on_layers(self, layers: tuple[int, ...]) -> None:
        self._controls.edit("layers", layers=self._own.shared_among(layers))

    def show_state(self, state: ControlState) -> None:
        """Follow the model."""
        self.strip.show_chosen(self._own.layers if state.layers is None else state.layers)
        self._explain.setText("the pack's choice" if state.layers is None else "your choice")
        self.auto.setVisible(state.layers is not None)
        self.orthogonal.setChecked(state.orthogonal)
        self.law.show_choice(next(n for n, (_, law, _) in enumerate(LAWS) if law == state.law))
