"""What a take was made with, found again, and its score's performance played from frame 0."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from engine.control import ControlState
from engine.errors import AudioFileError, CheckpointError, PackError, TakeError
from engine.instrument import Instrument
from engine.model.checkpoint_files import find
from engine.model.precision import Precision
from engine.pace import live_threads
from engine.performance import Performance, perform
from engine.prompt import file_sha256
from engine.steering.pack import ProbePack
from engine.takes.passage import Passage
from engine.takes.score import Origin, Score
from engine.takes.take import Take


@dataclass(frozen=True)
class Replayer:
    """The very model, pack and audio prompt of a take.

    Attributes:
        origin: the take's, with this device, and with where model and pack are now.
        heard: the shares of the genres in what :meth:`render` played last.
    """

    origin: Origin
    instrument: Instrument
    pack: ProbePack | None
    prompt: Tensor | None
    heard: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, take: Take, model: str | None = None, pack_file: Path | None = None) -> Replayer:
        """Look where the take says, then for the names that it says; or only where the caller says.

        Raises:
            TakeError: what the take was made with is not there as it was.
            CheckpointError: the model cannot be loaded.
        """
        origin = take.score.origin
        if origin.dtype not in {precision.value for precision in Precision}:
            raise TakeError(f"{take.path.name} was made with the unknown format {origin.dtype!r}; update Segue")
        # What was made on the CPU is made there again, although a card may have come since: its numbers are others.
        device = torch.device("cpu") if origin.device == "cpu" else None
        instrument = Instrument.load(_find_model(take, model), device, Precision(origin.dtype))
        _check_beside(take, instrument)
        pack, pack_file = _find_pack(take, instrument, pack_file)
        here = replace(
            origin,
            device=instrument.decoder.device.type,
            model_folder="" if instrument.folder is None else str(instrument.folder.resolve()),
            pack_file="" if pack_file is None else str(pack_file.resolve()),
        )
        with _threads_of_live_playing(instrument):
            return cls(here, instrument, pack, _encode_prompt(take, instrument))

    def render(self, score: Score, advance: Callable[[float], None]) -> Iterator[Passage]:
        """The score's performance from frame 0, for as long as it is asked to go on; ``advance`` counts frames."""
        with _threads_of_live_playing(self.instrument):
            performance = Performance(self.instrument, self.pack)
            try:
                for block in perform(performance, score.origin.seed, _controls(score), self.prompt):
                    advance(block.passage.codes.shape[1])
                    if self.pack is not None and block.heard is not None and block.passage.frame < score.end_frame:
                        self.heard.update(zip(self.pack.genres, map(float, block.heard), strict=True))
                    yield block.passage
            finally:
                performance.close()


@contextmanager
def _threads_of_live_playing(instrument: Instrument) -> Iterator[None]:
    """On a CPU, as many threads as the engine takes: how a sum is shared out decides how it is rounded."""
    threads = torch.get_num_threads()
    if instrument.decoder.device.type == "cpu":
        torch.set_num_threads(live_threads(threads))
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _find_model(take: Take, asked: str | None) -> str:
    origin = take.score.origin
    places = [asked] if asked else [place for place in (origin.model_folder, origin.model) if place]
    for place in places:
        with suppress(CheckpointError):
            if find(place).digest == origin.model_sha256:
                return place
    raise TakeError(
        f"the model of {take.path.name}, {origin.model}, is not in {' or '.join(places)} as it was; "
        "name its place with --model"
    )


def _check_beside(take: Take, instrument: Instrument) -> None:
    """Hold against the take what lies beside a model's weights and is not in its digest."""
    origin, folder = take.score.origin, instrument.folder
    if origin.window_frames not in (None, instrument.window_frames):
        raise TakeError(
            f"the model in {folder} looks back {instrument.window_frames} frames, and {origin.window_frames} when "
            f"{take.path.name} was made; put its old generation_config.json back"
        )
    if take.score.reads_text and origin.tokenizer_sha256 not in ("", instrument.text.tokenizer.digest):
        raise TakeError(
            f"the tokenizer.json in {folder} has been changed since {take.path.name} was made with words; put the old one back"
        )


def _find_pack(take: Take, instrument: Instrument, asked: Path | None) -> tuple[ProbePack | None, Path | None]:
    """The pack, and its file where it is not the model's own."""
    origin = take.score.origin
    if not origin.pack_sha256:
        return None, None
    places = [asked] if asked else [Path(origin.pack_file), None] if origin.pack_file else [None]
    for place in places:
        with suppress(PackError):
            pack = instrument.pack(place)
            if pack is not None and pack.digest == origin.pack_sha256:
                return pack, place
    raise TakeError(f"{take.path.name} was steered with another probe pack; name its file with --pack")


def _encode_prompt(take: Take, instrument: Instrument) -> Tensor | None:
    prompt = take.score.origin.audio_prompt
    if prompt is None:
        return None
    path = Path(prompt.path)
    try:
        digest = file_sha256(path)
    except AudioFileError as error:
        raise TakeError(f"the audio prompt {path} of {take.path.name} cannot be read; put it back") from error
    if digest != prompt.sha256:
        raise TakeError(
            f"the audio prompt {path} has been changed since {take.path.name} was made; put the old one back"
        )
    if prompt.stop_s is None:
        return instrument.encode_clip(path, prompt.start_s)
    return instrument.encode_clip(path, prompt.start_s, prompt.stop_s - prompt.start_s)


def _controls(score: Score) -> Iterator[ControlState]:
    state, control = score.initial, ControlState.from_json(score.initial)
    for now in score.states_at(itertools.count()):
        if now is not state:
            state, control = now, ControlState.from_json(now)
        yield control
