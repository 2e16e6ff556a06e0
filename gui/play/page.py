"""The Play page: what is heard above, the knobs and the pad in the middle, prompt, sampling and depth, or lanes, below."""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.breakpoints import Lane
from engine.control import ControlState
from engine.messages import ModelLoaded
from engine.status import Status
from engine.takes.take import Heading
from gui import theme
from gui.automation.driven import DrivenControls
from gui.automation.live_panel import AutomationPanel
from gui.automation.take_panel import TakeMovesPanel
from gui.background import Background
from gui.bridge import EngineBridge
from gui.buttons import IconButton
from gui.control_model import ControlModel
from gui.icons import Icon
from gui.panel import Panel
from gui.play.audio_prompt import AudioPromptZone
from gui.play.blend_pad import BlendPad
from gui.play.depth import DepthPanel
from gui.play.heard import HeardHistory
from gui.play.knob_bank import KnobBank, ring_order
from gui.play.meters import LevelMeter
from gui.play.performer import Performer
from gui.play.preset_bar import PresetBar
from gui.play.preset_store import PresetStore
from gui.play.prompt import PromptField
from gui.play.sampling import SamplingPanel
from gui.play.views import LiveView

GAP_PX = 12
HEIGHTS, HEIGHTS_WITH_LANES = (33, 36, 23), (27, 34, 31)  # shares of the three rows


class PlayPage(QWidget):
    """Everything that is played. ``refused`` says why something was not taken or done, ``told`` what was.

    ``take_rendered``: a :class:`Take` has been made of another one's score, with other moves.
    """

    refused = Signal(str)
    told = Signal(str)
    take_rendered = Signal(object)

    def __init__(
        self, bridge: EngineBridge, controls: ControlModel, performer: Performer, background: Background
    ) -> None:
        super().__init__()
        self._bridge, self._controls = bridge, controls
        self._history = HeardHistory()
        self._ring: tuple[str, ...] = ()
        self.live, self.meter = LiveView(self._history), LevelMeter()
        self.bank, self.pad = KnobBank(controls), BlendPad()
        self.presets = PresetBar(controls, PresetStore())
        self.prompt, self.audio_prompt = PromptField(controls), AudioPromptZone(background)
        self.sampling, self.layers = SamplingPanel(controls, performer.seed), DepthPanel(controls)
        self.automation, self.moves = AutomationPanel(bridge, controls), TakeMovesPanel(controls, background)
        self.lanes_button = IconButton(Icon.LANE, "Automation", "A", side=26)
        self._driven = DrivenControls(self.automation, self.bank, self.sampling, self.pad)
        self._rows, self._lower, self._usual = QVBoxLayout(self), QStackedWidget(), QWidget()
        self._lay_out()
        self._connect_lanes(performer)
        self.pad.grabbed.connect(lambda: controls.begin("pad"))
        self.pad.let_go.connect(controls.end)
        self.pad.moved.connect(self._on_pad_moved)
        self.meter.clip_cleared.connect(bridge.clear_clip)
        self.audio_prompt.chosen.connect(self._on_audio_prompt)
        self.audio_prompt.refused.connect(self.refused)
        self.presets.failed.connect(self.refused)
        self.presets.told.connect(self.told)
        controls.instrument_changed.connect(self._on_instrument)
        controls.changed.connect(self.show_state)
        bridge.status_changed.connect(self.show_status)

    def _lay_out(self) -> None:
        above = Panel()
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.live, 1)
        row.addWidget(self.meter)
        above.body.addLayout(row)
        blend = Panel("Blend")
        blend.body.addWidget(self.pad)
        prompt = Panel("Prompt")
        prompt.body.addWidget(self.prompt)
        prompt.body.addWidget(self.audio_prompt, 1)
        self.bank.head.insertWidget(1, self.presets)
        self.bank.head.addWidget(self.lanes_button)
        order = (self.presets.previous, self.presets.name, self.presets.next, self.lanes_button, self.bank.strength)
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)
        middle, below = QHBoxLayout(), QHBoxLayout(self._usual)
        below.setContentsMargins(0, 0, 0, 0)
        for line in (middle, below):
            line.setSpacing(GAP_PX)
        middle.addWidget(self.bank, 62)
        middle.addWidget(blend, 32)
        below.addWidget(prompt, 36)
        below.addWidget(self.sampling, 28)
        below.addWidget(self.layers, 36)
        for lower in (self._usual, self.automation, self.moves):
            self._lower.addWidget(lower)
        rows = self._rows
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GAP_PX)
        rows.addWidget(above)
        rows.addLayout(middle)
        rows.addWidget(self._lower)
        self._show_lower(self._usual)

    def _connect_lanes(self, performer: Performer) -> None:
        automation, moves = self.automation, self.moves
        self.lanes_button.setCheckable(True)
        self.lanes_button.clicked.connect(self.toggle_automation)
        performer.panicked.connect(automation.player.stop)
        moves.opened.connect(lambda: self._show_lower(moves))
        moves.taken_up.connect(self._take_up)
        moves.rendered.connect(self.take_rendered)
        for panel in (automation, moves):
            panel.closed.connect(lambda: self._show_lower(self._usual))
            panel.told.connect(self.told)
            panel.failed.connect(self.refused)

    # The lower row

    def _show_lower(self, widget: QWidget) -> None:
        """Prompt, sampling and depth; or the live lanes; or a take's."""
        lanes = widget is not self._usual
        self._lower.setCurrentWidget(widget)
        for row, share in enumerate(HEIGHTS_WITH_LANES if lanes else HEIGHTS):
            self._rows.setStretch(row, share)
        self.lanes_button.setChecked(lanes)
        if isinstance(widget, AutomationPanel | TakeMovesPanel):
            widget.desk.editor.setFocus()
        elif self.isVisible():
            self.setFocus()

    def toggle_automation(self) -> None:
        """The live lanes in place of the lower row, or the row again."""
        shown = self._lower.currentWidget() is self.automation
        self._show_lower(self._usual if shown else self.automation)

    def edit_take(self, take: Heading) -> None:
        """Put the moves of a take on the desk; see :class:`TakeMovesPanel`."""
        self.moves.edit_take(take)

    def _take_up(self, lanes: dict[str, Lane], length_s: float) -> None:
        self.automation.lanes.take_up(lanes, length_s)
        self.automation.desk.choose(next(iter(lanes), ""))
        self._show_lower(self.automation)

    def _on_instrument(self, instrument: ModelLoaded) -> None:
        self._ring = ring_order(instrument.genres)
        self._history.clear()
        self.pad.set_genres(self._ring)
        self.live.set_instrument(self._ring, instrument.sample_rate_hz, instrument.hop_samples)
        if self.audio_prompt.path is not None:  # a new model has not heard of it
            self._bridge.set_audio_prompt(self.audio_prompt.path, *self.audio_prompt.stretch)

    def _on_pad_moved(self, shares: tuple[float, ...]) -> None:
        self._controls.turn_knobs("pad", dict(zip(self._ring, (round(share, 3) for share in shares), strict=True)))

    def _on_audio_prompt(self, path: Path | None, start_s: float, seconds: float) -> None:
        self._bridge.set_audio_prompt(path, start_s, seconds)

    def show_state(self, state: ControlState) -> None:
        """Follow the model."""
        if not self._driven.pad_is_driven:
            self.pad.show_blend(self._alphas(state))

    def _alphas(self, state: ControlState) -> list[float]:
        alphas = dict(state.blend)
        return [alphas.get(genre, 0.0) for genre in self._ring]

    def show_status(self, status: Status) -> None:
        """Follow the ear: what the knobs and the pad show of the music is of the frame that is heard now."""
        instrument = self._controls.instrument
        if instrument is not None:
            genres, shares = instrument.genres, status.heard
            made = dict(zip(genres, shares, strict=True)) if len(shares) == len(genres) else {}
            state = status.control if self._bridge.playing and status.control is not None else self._controls.state
            heard = [made[genre] for genre in self._ring] if made else ()
            self._history.note(status.frame, self._alphas(state), heard, state, status.automation_s)
            if status.frame == 0:
                self.pad.forget_heard()
            moment = self._history.at(status.heard_frame)
            if moment is not None and moment.heard:
                self.bank.show_heard(dict(zip(self._ring, moment.heard, strict=True)))
                self.pad.show_heard(moment.heard)
            self._driven.follow(status, moment, instrument.sample_rate_hz / instrument.hop_samples)
            self.moves.show_status(status)
            self.live.follow(status.heard_frame, self._bridge.waveform, self._bridge.spectrogram)
        self.meter.show_status(status)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.moves.end()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self.bank.dress()
        super().changeEvent(event)
