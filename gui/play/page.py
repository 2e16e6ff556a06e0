"""The Play page: what is heard above, the knobs and the pad in the middle, prompt, sampling and depth below."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.control import ControlState
from engine.messages import ModelLoaded
from engine.status import Status
from gui import theme
from gui.background import Background
from gui.bridge import EngineBridge
from gui.control_model import ControlModel
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


class PlayPage(QWidget):
    """Everything that is played. ``refused`` says why something was not taken or done, ``told`` what was."""

    refused = Signal(str)
    told = Signal(str)

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
        self._lay_out()
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
        middle, below = QHBoxLayout(), QHBoxLayout()
        for line in (middle, below):
            line.setSpacing(GAP_PX)
        middle.addWidget(self.bank, 62)
        middle.addWidget(blend, 32)
        below.addWidget(prompt, 36)
        below.addWidget(self.sampling, 28)
        below.addWidget(self.layers, 36)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_PX)
        layout.addWidget(above, 33)
        layout.addLayout(middle, 36)
        layout.addLayout(below, 23)

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
        alphas = dict(state.blend)
        self.pad.show_blend([alphas.get(genre, 0.0) for genre in self._ring])

    def show_status(self, status: Status) -> None:
        """Follow the ear: what the knobs and the pad show of the music is of the frame that is heard now."""
        instrument = self._controls.instrument
        if instrument is not None:
            made = dict(zip(instrument.genres, status.heard, strict=False))
            asked = [self._controls.knob(genre) for genre in self._ring]
            self._history.note(status.frame, asked, [made[genre] for genre in self._ring] if made else ())
            if status.frame == 0:
                self.pad.forget_heard()
            moment = self._history.at(status.heard_frame)
            if moment is not None and moment.heard:
                self.bank.show_heard(dict(zip(self._ring, moment.heard, strict=True)))
                self.pad.show_heard(moment.heard)
            self.live.follow(status.heard_frame, self._bridge.waveform, self._bridge.spectrogram)
        self.meter.show_status(status)

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self.bank.dress()
        super().changeEvent(event)
