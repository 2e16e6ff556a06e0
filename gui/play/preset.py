"""A preset: what is asked of the music, under a name. Knows no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, Self

from engine.control import ControlState
from engine.errors import ControlError, SegueError
from engine.messages import ModelLoaded

FORMAT, VERSION = "segue-preset", 1
CONTROLS = tuple(field.name for field in fields(ControlState) if field.name not in ("number", "prompt"))


class PresetError(SegueError):
    """A preset that cannot be read, written or named so."""


class Fit(NamedTuple):
    """A preset as an instrument can play it: the fields of a control state, and what had to be left out, in words."""

    changes: dict[str, Any]
    left_out: str

    def is_what(self, state: ControlState) -> bool:
        """Whether that state asks for just this."""
        return all(getattr(state, name) == value for name, value in self.changes.items())


@dataclass(frozen=True)
class Preset:
    """Blend, depth and sampling, and the prompt if ``with_prompt``.

    Attributes:
        layers_in_model: how many layers the model had for which ``state.layers`` were chosen: with another number of
            them the indices mean nothing.
        factory: came with Segue, and cannot be changed.
    """

    name: str
    state: ControlState
    with_prompt: bool = False
    layers_in_model: int | None = None
    factory: bool = False

    @classmethod
    def of(cls, name: str, state: ControlState, with_prompt: bool, instrument: ModelLoaded) -> Self:
        """What is asked now."""
        layers = None if state.layers is None else instrument.layers
        kept = state if with_prompt else replace(state, prompt="")
        return cls(name, replace(kept, number=0), with_prompt, layers)

    def to_json(self) -> dict[str, Any]:
        """As it is stored: the name is the file's."""
        names = (*CONTROLS, "prompt") if self.with_prompt else CONTROLS
        state = self.state.to_json()
        return {
            "format": FORMAT,
            "version": VERSION,
            "layers_in_model": self.layers_in_model,
            "controls": {name: state[name] for name in names},
        }

    @classmethod
    def from_json(cls, name: str, data: Any, factory: bool = False) -> Self:
        """The inverse of :meth:`to_json`. Controls that are not named are at their defaults.

        Raises:
            PresetError: not a preset, of a later version, or with values that cannot be played.
        """
        if not isinstance(data, Mapping) or data.get("format") != FORMAT:
            raise PresetError(f"{name} is not a preset of Segue's")
        if data.get("version") != VERSION:
            raise PresetError(f"the preset {name} is of a version that is not known here: update Segue")
        controls, layers = data.get("controls"), data.get("layers_in_model")
        if not isinstance(controls, Mapping) or not controls.keys() <= {*CONTROLS, "prompt"}:
            raise PresetError(f"the preset {name} is damaged: its controls are not those of Segue")
        if layers is not None and (isinstance(layers, bool) or not isinstance(layers, int)):
            raise PresetError(f"the preset {name} is damaged: layers_in_model is no whole number")
        try:
            state = ControlState.from_json(ControlState().to_json() | dict(controls))
        except ControlError as error:
            raise PresetError(f"the preset {name} cannot be played: {error}") from None
        return cls(name, state, "prompt" in controls, layers, factory)

    def fit(self, instrument: ModelLoaded) -> Fit:
        """What of it this instrument can play."""
        names = (*CONTROLS, "prompt") if self.with_prompt else CONTROLS
        changes = {name: getattr(self.state, name) for name in names}
        alphas = dict(self.state.blend)
        missing = [genre for genre, alpha in alphas.items() if alpha and genre not in instrument.genres]
        # In the pack's order and without zeros: equal settings are equal values.
        changes["blend"] = tuple((genre, alphas[genre]) for genre in instrument.genres if alphas.get(genre))
        left_out = [f"there is no knob here for {' and '.join(missing)}"] if missing else []
        if self.state.layers is not None and self.layers_in_model != instrument.layers:
            changes["layers"] = None
            left_out.append("its layers are another model's, so the pack's own are steered")
        return Fit(changes, "; ".join(left_out))
