"""What crosses the threads: commands to the engine, events from it. Frozen values, free of torch and Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.automation import Automation
from engine.control import Law
from engine.takes.take import Take

# Commands: discrete intent, carried out in order.


@dataclass(frozen=True, slots=True)
class LoadModel:
    """Load a checkpoint; until it is ready, the old one plays on.

    Attributes:
        pack: to steer with; None for the model's own, which also takes the place of one that cannot be used.
    """

    name: str
    precision: str | None = None
    pack: Path | None = None


@dataclass(frozen=True, slots=True)
class LoadPack:
    """Steer with another pack; None for the model's own."""

    path: Path | None


@dataclass(frozen=True, slots=True)
class AudioPrompt:
    """Continue this stretch of a sound file at the next start; None for no audio prompt."""

    path: Path | None
    start_s: float = 0.0
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Play:
    """Start anew with a seed; None goes on where the music stood still, or starts with seed 0."""

    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Fade out and stand still."""


@dataclass(frozen=True, slots=True)
class Record:
    """Begin a take with what is made from now on."""

    name: str


@dataclass(frozen=True, slots=True)
class StopRecording:
    """End the take."""


@dataclass(frozen=True, slots=True)
class KeepLast:
    """Keep what the retro-capture holds as a take."""

    name: str


@dataclass(frozen=True, slots=True)
class RefreshOutputs:
    """Look for outputs anew: a pause of a fraction of a second in what is heard, none in the music."""


@dataclass(frozen=True, slots=True)
class SelectOutput:
    """Play through another device; None for the system's default."""

    device: str | None


@dataclass(frozen=True, slots=True)
class SetVolume:
    """Monitor volume; takes are not touched by it."""

    gain_db: float


@dataclass(frozen=True, slots=True)
class ClearClip:
    """Put the clip light out."""


@dataclass(frozen=True, slots=True)
class PlayTake:
    """Hear a take, from a place in it, through the same output; the music stands still meanwhile. Again: go there.

    Attributes:
        gain_db: so that two takes can be compared at one loudness.
    """

    path: Path
    start_s: float = 0.0
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class StopTake:
    """Hear no take any more. The music goes on where it stood when :class:`Play` says so."""


@dataclass(frozen=True, slots=True)
class Automate:
    """Let lanes move the controls that they name, counted from the next frame on; None gives them back to the player.

    Attributes:
        loop_s: begin again after so much; None holds the last values.
        goes_on: take the place of the lanes that are being played, and do not begin again.
    """

    automation: Automation | None
    loop_s: float | None = None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Configure:
    """How takes are made, and how much is kept ready. A take in the making stays as it was begun.

    Attributes:
        takes_folder: None for the user's music folder; take_format: "wav" or "flac".
        buffer_ms: sound kept ready for the output; retro_s: how much of the past can still be kept.
    """

    takes_folder: Path | None = None
    take_format: str = "wav"
    buffer_ms: float = 120.0
    retro_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Shutdown:
    """End the engine thread."""


Command = (
    LoadModel
    | LoadPack
    | AudioPrompt
    | Play
    | Stop
    | Record
    | StopRecording
    | KeepLast
    | RefreshOutputs
    | SelectOutput
    | SetVolume
    | ClearClip
    | PlayTake
    | StopTake
    | Automate
    | Configure
    | Shutdown
)


# Events: what the player should hear of, once.


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The model that plays from now on, and the pack that it is steered with; without one what it says is empty.

    Attributes:
        genres: in the pack's order, as :attr:`Status.heard` is; redlines: the knob of each past which quality collapses.
        accuracies: held-out accuracy of the probe at each layer.
        default_layers, default_law: the pack's own choice.
        folder: of the model's files; pack: the pack's file, None for the model's own.
    """

    name: str
    licence: str
    layers: int
    sample_rate_hz: int
    hop_samples: int
    genres: tuple[str, ...] = ()
    redlines: tuple[float, ...] = ()
    accuracies: tuple[float, ...] = ()
    default_layers: tuple[tuple[int, float], ...] = ()
    default_law: Law | None = None
    folder: Path | None = None
    pack: Path | None = None

    @property
    def model_word(self) -> str:
        """The model as ``--model`` takes it: a hub id by its name, everything else by its folder."""
        return self.name if "/" in self.name or self.folder is None else str(self.folder)

    @property
    def words(self) -> list[str]:
        """What makes a command work with this model and this pack."""
        return ["--model", self.model_word, *(["--pack", str(self.pack)] if self.pack else [])]


@dataclass(frozen=True, slots=True)
class PackLoaded(ModelLoaded):
    """The model that played before has another pack; see :class:`LoadPack`. Another model may still be on its way."""


@dataclass(frozen=True, slots=True)
class TakeFinished:
    """A take is on disk."""

    take: Take


@dataclass(frozen=True, slots=True)
class TakeRecovered:
    """A take that a crash had cut short is whole on disk; the text says so."""

    take: Take
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened that the player can live with: the output changed, steering was left out for a frame."""

    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that was asked for did not work; the text says what to do. The music plays on where it can."""

    text: str


@dataclass(frozen=True, slots=True)
class LoadFailed(Failure):
    """The model that was asked for last will not come; the old one plays on, if there is one."""


Event = ModelLoaded | TakeFinished | TakeRecovered | Notice | Failure
