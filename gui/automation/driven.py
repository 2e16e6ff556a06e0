"""What the lanes do to the knobs, shown at the frame that is heard, not at the one being made."""

from __future__ import annotations

from engine.status import Status
from engine.takes.moves import settings
from gui.automation.live_panel import AutomationPanel
from gui.play.blend_pad import BlendPad
from gui.play.heard import Moment
from gui.play.knob_bank import KnobBank
from gui.play.sampling import SamplingPanel


class DrivenControls:
    """Brings knobs, pad and playhead in line with the lanes that are played, and tells the player of hands on knobs."""

    def __init__(self, panel: AutomationPanel, bank: KnobBank, sampling: SamplingPanel, pad: BlendPad) -> None:
        self._panel, self._bank, self._sampling, self._pad = panel, bank, sampling, pad
        self._values: dict[str, float] = {}
        player = panel.player
        player.changed.connect(self._show)
        for views in (bank, sampling):
            views.touched.connect(lambda name: player.touch(name, name))
        pad.grabbed.connect(lambda: player.touch("pad", *bank.knobs))

    @property
    def pad_is_driven(self) -> bool:
        """Whether a lane moves one of the pad's genres."""
        return not self._bank.knobs.keys().isdisjoint(self._panel.player.drives)

    def follow(self, status: Status, moment: Moment | None, frame_rate_hz: float) -> None:
        """``moment``: what held at the frame that is heard now."""
        player = self._panel.player
        place_s = None if moment is None or status.automation_s is None else moment.place_s
        self._values = {}
        if moment is not None and moment.control is not None and place_s is not None:
            in_force = settings(moment.control)
            self._values = {name: in_force.get(name, 0.0) for name in player.drives}
            place_s += (status.heard_frame - moment.frame) / frame_rate_hz
            if player.loops:
                place_s %= self._panel.lanes.length_s
        self._show()
        self._panel.show_place(place_s)
        if moment is not None and self._values and self.pad_is_driven:
            self._pad.show_blend(moment.asked)

    def _show(self) -> None:
        """A lane that lets go does so at once, whatever is still to be heard of it."""
        player = self._panel.player
        values = {name: value for name, value in self._values.items() if name in player.drives}
        self._bank.show_lanes(values, player.let_go)
        self._sampling.show_lanes(values, player.let_go)
