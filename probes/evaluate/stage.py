"""Where the sections of an evaluation meet: one model, one judge, sources to continue, and verdicts that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.audio.loudness import integrated_lufs
from engine.control import ControlState
from engine.instrument import Instrument
from engine.progress import Progress
from engine.steering.blend import Blend, blend
from engine.steering.pack import ProbePack
from probes.evaluate.detectors import is_looping, listen_for_faults
from probes.evaluate.generate import CONTEXT_S, UNSTEERED, Generator, Piece, pieces_digest, words_for
from probes.evaluate.hearing import SILENT, Hearing, evened
from probes.evaluate.judges.judge import Judge
from probes.evaluate.likelihood import frame_nats
from probes.evaluate.preservation import chroma, tempo_bpm
from probes.moments import Doubles, Floats

PROMPT_S, NEW_S = 4.0, 5.0
LOUDNESS_LUFS = -23.0
NATS_ROWS = 16
SOURCE_SEED, REFERENCE_SEED = 1_000_000, 1_000_000_000
#: how many pieces tell how music of a genre spreads
LEAST_REFERENCE = 2
#: raised whenever what is kept of a piece is computed in another way
VERDICTS_VERSION = 2
VERDICTS_FOLDER = "verdicts"

#: plays batches of pieces, so many new frames each, and yields what was heard of each batch, in order
Crew: TypeAlias = Callable[[Sequence[Sequence[Piece]], int], Iterator[Hearing]]


class Stage:
    """Plays, judges and remembers.

    Args:
        generator: of the model; its batch is what an interruption costs.
        control: what the generator's pieces are drawn with.
        pack: directions of the model.
        judge: whose labels are among the pack's genres.
        samples: n, pieces of each kind.
        folder: where verdicts are kept; pieces that were heard before are not played again.
        progress: how each stretch of work says how far it has come.
        crew: who plays batches, if not this process.
        corpus: where real music of the judged genres lies in the judge's embedding, ``(n, E)``; without it, what the judge
            brings.

    Attributes:
        prompt_frames, new_frames: how long sources and their continuations are.
    """

    def __init__(
        self,
        generator: Generator,
        control: ControlState,
        pack: ProbePack,
        judge: Judge,
        samples: int,
        folder: Path,
        progress: Progress,
        crew: Crew | None = None,
        corpus: Mapping[str, Doubles] | None = None,
    ) -> None:
        self._generator, self._control, self._progress = generator, control, progress
        self._crew: Crew = crew or self._alone
        self.pack, self.judge, self.samples, self.folder = pack, judge, samples, folder
        instrument = generator.instrument
        self.instrument: Instrument = instrument
        room = (instrument.window_frames - instrument.decoder.codebooks) // 2
        self.prompt_frames = min(round(PROMPT_S * instrument.frame_rate_hz), room)
        self.new_frames = min(round(NEW_S * instrument.frame_rate_hz), room)
        self._sources: dict[str, Hearing] = {}
        self._own: dict[str, Hearing] = {}
        self._given = corpus
        self._reference: Mapping[str, Doubles] = corpus or {}
        (folder / VERDICTS_FOLDER).mkdir(parents=True, exist_ok=True)

    @property
    def rate_hz(self) -> int:
        """Of all sounds."""
        return self.instrument.codec.sample_rate_hz

    def sources(self, genre: str) -> Hearing:
        """Music of a genre to be continued: n pieces that the model made from the genre's name in words, unsteered."""
        if genre not in self._sources:
            first = SOURCE_SEED * (1 + self.pack.index(genre))
            pieces = [Piece(first + number, prompt=words_for(genre)) for number in range(self.samples)]
            self._sources[genre] = self.hear(f"{genre} sources", pieces, self.prompt_frames)
        return self._sources[genre]

    def steered(self, *knobs: tuple[str, float], orthogonal: bool = False) -> Blend:
        """What the pack's knobs add, at these positions."""
        return blend(ControlState(blend=knobs, orthogonal=orthogonal), self.pack)

    def own(self, genre: str) -> Hearing:
        """The model's own music of a genre: its sources continued unsteered, as long as any other piece. The yardstick of
        what is steered there."""
        if genre not in self._own:
            sources = self.sources(genre)
            pieces = continued(sources, [UNSTEERED] * len(sources), 1_000 * self.pack.index(genre))
            self._own[genre] = self.hear(f"{genre}, unsteered", pieces)
        return self._own[genre]

    @property
    def reference(self) -> Mapping[str, Doubles]:
        """Where music of each judged genre lies in the judge's embedding, ``(n, E)``: the corpus, if the judge brings it for
        all of them, or else music that the model makes from text for nothing but this."""
        genres = judged_genres(self)
        if not self._reference:
            corpus = self.judge.corpus
            whole = self._has_corpus(genres)
            self._reference = {genre: corpus[genre] if whole else self._from_text(genre) for genre in genres}
        return self._reference

    def _has_corpus(self, genres: Sequence[str]) -> bool:
        return all(genre in self.judge.corpus for genre in genres)

    def _from_text(self, genre: str) -> Doubles:
        """As sources are made, but others, since those are what is continued; as long as what is held against them."""
        first = REFERENCE_SEED * (1 + self.pack.index(genre))
        count = max(self.samples, LEAST_REFERENCE)
        pieces = [Piece(first + number, prompt=words_for(genre)) for number in range(count)]
        return self.hear(f"{genre} from text", pieces).places

    @property
    def reference_name(self) -> str:
        """In words, for reports."""
        if self._given:
            return "the corpus that was given, through the codec"
        if self._has_corpus(judged_genres(self)):
            return "the corpus that the ear learnt from"
        return "other pieces that the unsteered model made from the genre's name in words"

    def share(self, heard: Hearing, genre: str) -> Doubles:
        """The judge's probability of a genre, ``(n,)``."""
        return heard.shares[:, self.judge.labels.index(genre)]

    def hear(self, name: str, pieces: Sequence[Piece], frames: int | None = None) -> Hearing:
        """Play and judge pieces, or remember what was heard of them.

        Only what is new in each is judged, at equal loudness. Pieces that continue music must all be equally long.

        Args:
            name: what is being done, for the progress.
            frames: length of what is new; without it, :attr:`new_frames`.
        """
        frames = frames or self.new_frames
        size = self._generator.batch
        groups = [pieces[first : first + size] for first in range(0, len(pieces), size)]
        paths = [self.folder / VERDICTS_FOLDER / f"{self._digest(group, frames)}.safetensors" for group in groups]
        parts = [Hearing.load(path, len(group)) for path, group in zip(paths, groups, strict=True)]
        missing = [number for number, part in enumerate(parts) if part is None]
        with self._progress(name, len(pieces)) as advance:
            advance(sum(len(part) for part in parts if part is not None))
            for number, heard in zip(missing, self._crew([groups[i] for i in missing], frames), strict=True):
                heard.save(paths[number])
                parts[number] = heard
                advance(len(heard))
        return Hearing.joined([part for part in parts if part is not None])

    def _digest(self, pieces: Sequence[Piece], frames: int) -> str:
        """Names a batch: everything that what is heard depends on."""
        circumstances = [
            VERDICTS_VERSION,
            self.instrument.identity.digest,
            str(self.instrument.decoder.dtype),
            self.instrument.decoder.device.type,
            self.judge.identity,
            self._control.to_json(),
            frames,
        ]
        return pieces_digest(pieces, circumstances)

    def _alone(self, groups: Sequence[Sequence[Piece]], frames: int) -> Iterator[Hearing]:
        """The crew of one process."""
        return (self.play(group, frames) for group in groups)

    def play(self, pieces: Sequence[Piece], frames: int) -> Hearing:
        """Play and judge one batch."""
        new = self._generator.codes(pieces, frames).cpu()
        prompts = [piece.prompt_codes for piece in pieces if piece.prompt_codes is not None]
        whole = torch.cat([torch.from_numpy(np.stack(prompts)), new], -1) if prompts else new
        sounds = [self._sound(row, frames) for row in whole]
        verdicts = self.judge.judge([matched(sound, self.rate_hz) for sound in sounds], self.rate_hz)
        faults = [self._faults(sound, row.numpy()) for sound, row in zip(sounds, new, strict=True)]
        found = np.array(faults, np.uint8)
        return Hearing(
            codes=new.numpy().astype(np.int16),
            shares=evened(verdicts.shares, found[:, SILENT] > 0),
            places=verdicts.places,
            faults=found,
            nats=np.concatenate([self._nats(rows, frames) for rows in whole.split(NATS_ROWS)]),
            tempo_bpm=np.array([tempo_bpm(sound, self.rate_hz) for sound in sounds]),
            chroma=np.stack([chroma(sound, self.rate_hz) for sound in sounds]),
        )

    def _faults(self, sound: Floats, codes: NDArray[np.int64]) -> list[bool]:
        faults = listen_for_faults(sound, self.rate_hz)
        return [faults.silent, faults.noisy, faults.frozen, faults.clipped, is_looping(codes)]

    def _nats(self, rows: Tensor, frames: int) -> Doubles:
        decoder, window = self.instrument.decoder, self.instrument.window_frames
        kept = rows[:, :, -(window - decoder.codebooks) :]
        return frame_nats(decoder, window, kept)[:, -frames:].mean(1).cpu().double().numpy()

    def _sound(self, codes: Tensor, frames: int) -> Floats:
        """The last ``frames`` of codes ``(K, T)`` as mono samples ``(S,)``."""
        codec = self.instrument.codec
        context = round(CONTEXT_S * self.instrument.frame_rate_hz)
        samples = codec.full_decode(codes[:, -(frames + context) :].to(self.instrument.decoder.device))
        return samples[:, -frames * codec.hop_samples :].mean(0).cpu().numpy().astype(np.float32)

    def sound(self, prompt: NDArray[np.int16] | None, codes: NDArray[np.int16]) -> Floats:
        """What was judged, to listen to: new codes ``(K, T)`` after what they continue."""
        whole = codes if prompt is None else np.concatenate([prompt, codes], 1)
        return matched(self._sound(torch.from_numpy(whole.astype(np.int64)), codes.shape[1]), self.rate_hz)


def judged_genres(stage: Stage) -> list[str]:
    """Genres of the pack that the judge has a word for."""
    return [genre for genre in stage.pack.genres if genre in stage.judge.labels]


def matched(samples: Floats, rate_hz: int) -> Floats:
    """Mono samples ``(S,)`` at :data:`LOUDNESS_LUFS`; what is too soft to have a loudness is left as it is."""
    gain = 10 ** ((LOUDNESS_LUFS - integrated_lufs(samples[:, None], rate_hz)) / 20)
    return (samples * gain).astype(np.float32) if np.isfinite(gain) else samples


def continued(
    sources: Hearing, blends: Sequence[Blend], first_seed: int, prompt: str = "", period: int = 1
) -> list[Piece]:
    """Pieces that continue sources, each steered in its own way; seeds follow the sources' numbers and nothing else."""
    return [
        Piece(first_seed + number, steering, prompt, codes.astype(np.int64), period)
        for number, (codes, steering) in enumerate(zip(sources.codes, blends, strict=True))
    ]
