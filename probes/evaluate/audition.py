"""Settings of the knobs, played and judged: what the ear hears of the target, and what it costs.

Music of other genres is continued, once unsteered and once towards each genre, with the same seed; only what is new is
judged. Judge and probe share no features.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.control import ControlState, Law
from engine.steering.blend import blend
from engine.steering.pack import PackDefaults, ProbePack
from probes.evaluate.detectors import listen_for_faults
from probes.evaluate.distance import frechet, strangeness
from probes.evaluate.generate import Generator, Piece
from probes.evaluate.judges.judge import Judge
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
        faulty: share of pieces that are silent, noise, frozen or clipped.
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


class Audition:
    """Plays and judges settings.

    Args:
        generator: of the model.
        packs: directions by every method that is to be heard.
        judge: its labels are the pack's genres, in any order.
        sources: music to continue, of every genre.
        corpus: where real music of each genre lies in the judge's embedding, ``(n, E)``.
        frames: length of what is new.
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
        advance: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._generator, self._packs, self._judge, self._sources = generator, packs, judge, sources
        self._corpus, self._frames, self._advance = corpus, frames, advance
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
        rate_hz, size = self._generator.instrument.codec.sample_rate_hz, self._generator.batch
        verdicts, faulty = [], []
        for first in range(0, len(pieces), size):
            sounds = list(self._generator.sounds(pieces[first : first + size], self._frames, self._advance))
            verdicts.append(self._judge.judge(sounds, rate_hz))
            faulty += [bool(listen_for_faults(sound, rate_hz)) for sound in sounds]
        shares, places = (np.concatenate([getattr(v, name) for v in verdicts]) for name in ("shares", "places"))
        return _Judged(shares, places, np.array(faulty))

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
