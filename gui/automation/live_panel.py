"""Automation of what is being played: lanes on or off, looped, taken back from the hand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox

from engine.control import ControlState
from engine.messages import ModelLoaded
from engine.takes.moves import settings
from gui import theme
from gui.automation.lane_desk import SIDE, LaneDesk
from gui.automation.lane_model import LONGEST_S, SHORTEST_S, LaneModel
from gui.automation.lane_player import LanePlayer
from gui.bridge import EngineBridge
from gui.buttons import IconButton, TextButton
from gui.control_model import ControlModel
from gui.icons import Icon
from gui.panel import Panel


class AutomationPanel(Panel):
    """The live lanes. ``closed``: the player has had enough of them; they play on."""

    closed = Signal()
    told = Signal(str)
    failed = Signal(str)

    def __init__(self, bridge: EngineBridge, controls: ControlModel) -> None:
        super().__init__("Automation")
        self._controls = controls
        self.lanes = LaneModel(parent=self)
        self.player = LanePlayer(bridge, controls, self.lanes)
        self.desk = LaneDesk(self.lanes)
        self.play = IconButton(Icon.LANE, "Play the lanes", "Shift+A", "good", SIDE)
        self.loop = IconButton(Icon.LOOP, "Loop the lanes", side=SIDE)
        self.length = QDoubleSpinBox()
        self.take_back = TextButton("Take back")
        self.close_button = IconButton(Icon.CLOSE, "Close", "A", side=SIDE)
        self._lay_out()
        self.play.clicked.connect(lambda: self.player.turn(self.play.isChecked()))
        self.loop.clicked.connect(lambda: self.player.loop(self.loop.isChecked()))
        self.length.valueChanged.connect(self.lanes.set_length)
        self.take_back.clicked.connect(self.player.take_back)
        self.close_button.clicked.connect(self.closed)
        self.desk.told.connect(self.told)
        self.desk.failed.connect(self.failed)
        self.player.changed.connect(self._follow)
        self.loop.clicked.connect(self._follow)
        self.lanes.changed.connect(self._follow)
        controls.instrument_changed.connect(self._on_instrument)
        controls.changed.connect(self._on_controls)
        self._on_controls(controls.state)
        self._follow()

    def _lay_out(self) -> None:
        self.play.setCheckable(True)
        self.loop.setCheckable(True)
        self.loop.setChecked(self.player.loops)
        self.length.setRange(SHORTEST_S, LONGEST_S)
        self.length.setDecimals(2)
        self.length.setSingleStep(0.5)
        self.length.setSuffix(" s")
        self.length.setKeyboardTracking(False)
        self.length.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.length.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.length.setAccessibleName("length of the loop")
        self.length.setToolTip("Length of the loop")
        self._dress()
        self.take_back.setToolTip("Let every lane drive its control again")
        self.take_back.setStyleSheet("padding: 2px 10px;")
        for widget in (self.take_back, self.play, self.loop, self.length):
            self.head.addWidget(widget)
        self.head.addSpacing(14)
        for tool in self.desk.tools:
            self.head.addWidget(tool)
        self.head.addSpacing(14)
        self.head.addWidget(self.close_button)
        self.body.addWidget(self.desk, 1)

    def _dress(self) -> None:
        self.length.setFixedSize(round(theme.px(84)), round(theme.px(SIDE)))

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self._dress()
        super().changeEvent(event)

    def show_place(self, place_s: float | None) -> None:
        """Where in the lanes the sound is that is heard now."""
        self.desk.editor.show_place(place_s)

    def _on_instrument(self, instrument: ModelLoaded) -> None:
        self.desk.show_genres(instrument.genres)

    def _on_controls(self, state: ControlState) -> None:
        self.desk.show_resting(settings(state))

    def _follow(self) -> None:
        player = self.player
        self.play.setChecked(player.on)
        self.play.set_name("Stop the lanes" if player.on else "Play the lanes")
        self.take_back.setVisible(bool(player.let_go))
        if self.length.value() != round(self.lanes.length_s, 2):
            self.length.blockSignals(True)
            self.length.setValue(self.lanes.length_s)
            self.length.blockSignals(False)
        self.desk.show_playing(player.loops, player.let_go)
