"""Settings of the knobs, played and judged: what the ear hears of the target, and what it costs.

Music of other genres is continued, once unsteered and once towards each genre, with the same seed; only what is new is
judged. Judge and probe share no features.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from engine.control import ControlState, Law
from engine.errors import CorpusError
from engine.steering.blend import blend
from engine.steering.pack import PackDefaults, ProbePack
from probes.evaluate.detectors import is_looping, listen_for_faults
from probes.evaluate.distance import frechet, strangeness
from probes.evaluate.generate import Generator, Piece, pieces_digest
from probes.evaluate.hearing import evened
from probes.evaluate.judges.judge import Judge
from probes.evaluate.stage import VERDICTS_VERSION
from probes.moments import Doubles, Labels


@dataclass(frozen=True)
class Setting:
    """A way to steer: whose directions, where, by which law, α of that law at a knob of 1, and every how many frames."""

    method: str
    layers: tuple[tuple[int, float], ...]
    law: Law
    alpha: float
    period: int = 1

    def on(self, pack: ProbePack) -> ProbePack:
        """The method's pack with this setting as its own."""
        return replace(pack, defaults=PackDefaults(self.layers, self.law, self.alpha), knob_map=None)


@dataclass(frozen=True)
class Source:
    """Music of a genre that is continued: codes ``(K, P)``."""

    label: str
    codes: NDArray[np.int64]


@dataclass(frozen=True)
class Heard:
    """What was heard of some pieces that were steered towards one genre; the unsteered ones are its measure.

    Attributes:
        delta: mean rise of the target's probability over the same pieces unsteered.
        share: mean probability of the target.
        strangeness: distance to the nearest music of the corpus, in multiples of the unsteered pieces'.
        frechet: distance to the target's own music: grows as pieces become unlike it, or too like each other.
        faulty: share of pieces that are silent, noise, frozen, clipped or going round in a circle.
    """

    delta: float
    share: float
    strangeness: float
    frechet: float
    faulty: float


@dataclass(frozen=True)
class Effect:
    """A setting and what it does.

    Attributes:
        genres: apart for each target.
        delta, share, faulty: means over the targets; weakest: the smallest share.
        frechet: distance of all steered pieces to the corpus, in multiples of the unsteered pieces'.
    """

    setting: Setting
    genres: dict[str, Heard]
    frechet: float

    @property
    def delta(self) -> float:
        return float(np.mean([heard.delta for heard in self.genres.values()]))

    @property
    def share(self) -> float:
        return float(np.mean([heard.share for heard in self.genres.values()]))

    @property
    def weakest(self) -> float:
        return min(heard.share for heard in self.genres.values())

    @property
    def faulty(self) -> float:
        return float(np.mean([heard.faulty for heard in self.genres.values()]))


class Judged(Protocol):
    """What was heard of n pieces: ``(n, G)`` probabilities, ``(n, E)`` places in the judge's embedding, ``(n,)`` faulty."""

    @property
    def shares(self) -> Doubles: ...

    @property
    def places(self) -> Doubles: ...

    @property
    def faulty(self) -> NDArray[np.bool_]: ...


@dataclass(frozen=True)
class _Judged:
    shares: Doubles
    places: Doubles
    faulty: NDArray[np.bool_]

    def __getitem__(self, rows: slice) -> _Judged:
        return _Judged(self.shares[rows], self.places[rows], self.faulty[rows])

    def save(self, path: Path) -> None:
        """Write it whole or not at all.

        Raises:
            CorpusError: it cannot be written.
        """
        part = path.with_name(path.name + ".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_file({field.name: np.ascontiguousarray(getattr(self, field.name)) for field in fields(self)}, part)
            os.replace(part, path)
        except (OSError, SafetensorError) as error:
            raise CorpusError(f"{path} cannot be written ({error}): make room and run it again") from None

    @classmethod
    def load(cls, path: Path, count: int) -> Self | None:
        """What was kept of ``count`` pieces; None where there is nothing, or nothing that can be read."""
        try:
            judged = cls(**load_file(path))
        except (OSError, SafetensorError, TypeError):
            return None
        return judged if all(len(getattr(judged, field.name)) == count for field in fields(cls)) else None


class Audition:
    """Plays and judges settings.

    Args:
        generator: of the model.
        packs: directions by every method that is to be heard.
        judge: its labels are the pack's genres, in any order.
        sources: music to continue, of every genre.
        corpus: where real music of each genre lies in the judge's embedding, ``(n, E)``.
        frames: length of what is new.
        kept: a folder for what was heard of each batch: an interrupted run goes on where it was. None keeps nothing.
        advance: hears how many more pieces are done.
    """

    def __init__(
        self,
        generator: Generator,
        packs: Mapping[str, ProbePack],
        judge: Judge,
        sources: Sequence[Source],
        corpus: Mapping[str, Doubles],
        frames: int,
        kept: Path | None = None,
        advance: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._generator, self._packs, self._judge, self._sources = generator, packs, judge, sources
        self._corpus, self._frames, self._kept, self._advance = corpus, frames, kept, advance
        #: (target, source's number): every genre is a target for the music of all others
        self._pairs = [
            (target, number)
            for target in judge.labels
            for number, source in enumerate(sources)
            if source.label != target
        ]
        self._targets = np.array([judge.labels.index(target) for target, _ in self._pairs])
        self._plain: _Judged | None = None

    def count(self, settings: int) -> int:
        """Pieces that hearing so many settings takes; the unsteered ones are played once."""
        return len(self._pairs) * (settings + (self._plain is None))

    def _pieces(self, setting: Setting | None) -> list[Piece]:
        pieces = []
        for (target, number), label in zip(self._pairs, self._targets, strict=True):
            # The seed belongs to the pair: steered and unsteered draw the same noise.
            seed = number * len(self._judge.labels) + int(label)
            codes = self._sources[number].codes
            if setting is None:
                pieces.append(Piece(seed, prompt_codes=codes))
            else:
                steering = blend(ControlState(blend=((target, 1.0),)), setting.on(self._packs[setting.method]))
                pieces.append(Piece(seed, steering, prompt_codes=codes, period=setting.period))
        return pieces

    def _play(self, pieces: Sequence[Piece]) -> _Judged:
        size = self._generator.batch
        parts = [self._judged(pieces[first : first + size]) for first in range(0, len(pieces), size)]
        return _Judged(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(_Judged)))

    def _judged(self, pieces: Sequence[Piece]) -> _Judged:
        """What is heard of one batch, or was."""
        if self._kept is None:
            return self._judge_anew(pieces)
        instrument, control = self._generator.instrument, self._generator.control
        decoder = instrument.decoder
        model = instrument.identity.digest, str(decoder.dtype), decoder.device.type
        circumstances = [VERDICTS_VERSION, *model, self._judge.identity, control.to_json(), self._frames]
        digest = pieces_digest(pieces, circumstances)
        path = self._kept / f"{digest}.safetensors"
        judged = _Judged.load(path, len(pieces))
        if judged is None:
            judged = self._judge_anew(pieces)
            judged.save(path)
        else:
            self._advance(len(pieces))
        return judged

    def _judge_anew(self, pieces: Sequence[Piece]) -> _Judged:
        rate_hz = self._generator.instrument.codec.sample_rate_hz
        played = list(self._generator.sounds(pieces, self._frames, self._advance))
        verdicts = self._judge.judge([sound for sound, _ in played], rate_hz)
        faults = [listen_for_faults(sound, rate_hz) for sound, _ in played]
        faulty = [bool(heard) or is_looping(codes) for heard, (_, codes) in zip(faults, played, strict=True)]
        silent = np.array([heard.silent for heard in faults])
        return _Judged(evened(verdicts.shares, silent), verdicts.places, np.array(faulty))

    def hear(self, settings: Sequence[Setting]) -> list[Effect]:
        """Play every setting towards every genre of the judge. An α of 0 is what is unsteered, and costs nothing."""
        asked = [None] * (self._plain is None) + [setting for setting in settings if setting.alpha]
        heard = self._play([piece for setting in asked for piece in self._pieces(setting)])
        size = len(self._pairs)
        parts = (heard[slice(i, i + size)] for i in range(0, len(heard.faulty), size))
        plain = self._plain = self._plain or next(parts)
        steered = (next(parts) if setting.alpha else plain for setting in settings)
        return [
            weigh(setting, self._judge.labels, self._targets, part, plain, self._corpus)
            for setting, part in zip(settings, steered, strict=True)
        ]

    @property
    def usual(self) -> tuple[float, float]:
        """Of the unsteered pieces: mean probability of the target, share of faulty ones."""
        assert self._plain is not None, "nothing has been heard yet"
        shares = self._plain.shares[np.arange(len(self._targets)), self._targets]
        return float(shares.mean()), float(self._plain.faulty.mean())


def weigh(
    setting: Setting,
    labels: Sequence[str],
    targets: Labels,
    steered: Judged,
    plain: Judged,
    corpus: Mapping[str, Doubles],
) -> Effect:
    """What a setting does to n pieces, and what it costs.

    Args:
        targets: which of the labels each piece was steered towards, ``(n,)``.
        plain: the same pieces unsteered.
        corpus: see :class:`Audition`.
    """
    everything = np.concatenate(list(corpus.values()))
    genres = {}
    for index, label in enumerate(labels):
        mine = targets == index
        after, before = steered.shares[mine, index], plain.shares[mine, index]
        places = steered.places[mine]
        genres[label] = Heard(
            float((after - before).mean()),
            float(after.mean()),
            strangeness(places, everything) / strangeness(plain.places[mine], everything),
            _frechet(places, corpus[label]),
            float(steered.faulty[mine].mean()),
        )
    return Effect(setting, genres, _frechet(steered.places, everything) / _frechet(plain.places, everything))


def _frechet(places: Doubles, corpus: Doubles) -> float:
    return max(frechet(places, corpus), 1e-9)
