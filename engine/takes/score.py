"""The score: everything that makes a take again, to the token."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from engine.errors import TakeError
from engine.takes.fields import Fields

FORMAT_VERSION = 1
LARGEST_SEED = (1 << 63) - 1

State = Mapping[str, Any]
"""A control state as its JSON object."""


@dataclass(frozen=True)
class AudioPrompt:
    """The recording that the performance began from; `stop_s` None: to its end."""

    path: str
    sha256: str
    start_s: float
    stop_s: float | None


@dataclass(frozen=True)
class Origin:
    """What a performance's tokens depend on besides its controls. `pack` and its hash are "" without steering.

    `window_frames`, from where on the music depends on how far the model looks back, and `tokenizer_sha256`, on which
    text prompts depend, are not part of `model_sha256`; None and "" in takes of older versions.
    `model_folder` and `pack_file` say where the two were, for a replay to look there first; what it finds is held
    against the hashes. They are "" where nobody knows, and in takes of older versions.
    """

    software: str
    model: str
    model_sha256: str
    model_licence: str
    pack: str
    pack_sha256: str
    device: str
    dtype: str
    seed: int
    sample_rate_hz: int
    channels: int
    codebooks: int
    hop_samples: int
    audio_prompt: AudioPrompt | None = None
    window_frames: int | None = None
    tokenizer_sha256: str = ""
    model_folder: str = ""
    pack_file: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: object, where: str) -> "Origin":
        """Raises `TakeError`."""
        fields = Fields(value, where)
        prompt = None
        if fields.has("audio_prompt"):
            source = fields.child("audio_prompt")
            prompt = AudioPrompt(
                path=source.text("path"),
                sha256=source.sha256("sha256"),
                start_s=source.number("start_s"),
                stop_s=source.number_or_none("stop_s"),
            )
        return cls(
            software=fields.text("software"),
            model=fields.text("model"),
            model_sha256=fields.sha256("model_sha256"),
            model_licence=fields.text("model_licence"),
            pack=fields.text("pack"),
            pack_sha256=fields.sha256("pack_sha256", optional=True),
            device=fields.text("device"),
            dtype=fields.text("dtype"),
            seed=fields.whole("seed", highest=LARGEST_SEED),
            sample_rate_hz=fields.whole("sample_rate_hz", 1),
            channels=fields.whole("channels", 1),
            codebooks=fields.whole("codebooks", 1),
            hop_samples=fields.whole("hop_samples", 1),
            audio_prompt=prompt,
            window_frames=fields.whole("window_frames", 1) if fields.has("window_frames") else None,
            tokenizer_sha256=fields.sha256("tokenizer_sha256", optional=True) if fields.has("tokenizer_sha256") else "",
            model_folder=fields.text("model_folder") if fields.has("model_folder") else "",
            pack_file=fields.text("pack_file") if fields.has("pack_file") else "",
        )


class Change(NamedTuple):
    """From `frame` on, the fields in `difference` hold; whole states of a long take's moves would fill the memory."""

    frame: int
    difference: State


class Dropout(NamedTuple):
    """Where the listener heard a gap of `missing_samples` before sample `sample`. The take itself has no gap."""

    sample: int
    missing_samples: int


@dataclass(frozen=True)
class Score:
    """One take's part of a performance. A replay renders from frame 0, so all changes before the take belong to it.

    The take's tokens are frames `start_frame` to `end_frame` (exclusive), its sound starts at `start_sample` of the
    performance, and `codes_sha256` is the `CodesHash` of those tokens.
    """

    origin: Origin
    initial: State
    changes: tuple[Change, ...]
    dropouts: tuple[Dropout, ...]
    start_frame: int
    end_frame: int
    start_sample: int
    codes_sha256: str

    def state_at(self, frame: int) -> State:
        """The control state that frame was made with."""
        return next(self.states_at([frame]))

    def states_at(self, frames: Iterable[int]) -> Iterator[State]:
        """The states that ascending `frames` were made with; the same object for as long as nothing changes."""
        state, index = self.initial, 0
        for frame in frames:
            start = index
            while index < len(self.changes) and self.changes[index].frame <= frame:
                index += 1
            if index > start:
                whole = dict(state)
                for change in self.changes[start:index]:
                    whole.update(change.difference)
                state = whole
            yield state

    @property
    def reads_text(self) -> bool:
        """Whether a text prompt was in force at any frame that the tokens depend on."""
        states = (self.initial, *(change.difference for change in self.changes))
        return any(str(state.get("prompt", "")).strip() for state in states)

    @property
    def prompts(self) -> tuple[str, ...]:
        """The text prompts that were played with during the take, in order."""
        states = [self.state_at(self.start_frame)]
        states += [change.difference for change in self.changes if change.frame > self.start_frame]
        return tuple(dict.fromkeys(str(state["prompt"]) for state in states if state.get("prompt")))

    def to_json(self) -> dict[str, Any]:
        """Changes are stored as the fields that differ from the state before: a knob's gesture is hundreds of them."""
        return {
            "version": FORMAT_VERSION,
            "origin": self.origin.to_json(),
            "initial": dict(self.initial),
            "changes": [[change.frame, dict(change.difference)] for change in self.changes],
            "dropouts": [list(dropout) for dropout in self.dropouts],
            "start_frame": self.start_frame,
            "end_frame": self.end_frame,
            "start_sample": self.start_sample,
            "codes_sha256": self.codes_sha256,
        }

    @classmethod
    def from_json(cls, value: object, where: str) -> "Score":
        """Raises `TakeError` that names what is wrong; control states are checked by whoever plays them."""
        fields = Fields(value, where)
        if (version := fields.whole("version")) != FORMAT_VERSION:
            raise TakeError(f"{where}: score version {version} is not known here; update Segue")
        initial = fields.mapping("initial")
        start_frame = fields.whole("start_frame")
        return cls(
            origin=Origin.from_json(fields.mapping("origin"), f"{where}, origin"),
            initial=initial,
            changes=read_changes(initial, fields.pairs("changes"), where),
            dropouts=read_dropouts(fields.pairs("dropouts"), where),
            start_frame=start_frame,
            end_frame=fields.whole("end_frame", start_frame),
            start_sample=fields.whole("start_sample"),
            codes_sha256=fields.sha256("codes_sha256"),
        )


def difference(before: State, after: State) -> dict[str, Any]:
    """The fields that have changed; all states of a performance have the same fields."""
    assert before.keys() == after.keys(), (before.keys(), after.keys())
    return {name: value for name, value in after.items() if before[name] != value}


def read_dropouts(pairs: list[tuple[int, Any]], where: str) -> tuple[Dropout, ...]:
    """Raises `TakeError`."""
    if not all(isinstance(missing, int) and missing >= 0 for _, missing in pairs):
        raise TakeError(f"{where}: a dropout has no length; the score is damaged")
    return tuple(Dropout(sample, missing) for sample, missing in pairs)


def read_changes(initial: State, pairs: list[tuple[int, Any]], where: str) -> tuple[Change, ...]:
    """Raises `TakeError`."""
    for frame, difference in pairs:
        if not isinstance(difference, dict) or not difference.keys() <= initial.keys():
            raise TakeError(f"{where}: the change at frame {frame} is not one of the controls; the score is damaged")
    return tuple(Change(frame, difference) for frame, difference in pairs)
