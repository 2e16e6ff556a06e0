"""Settings of the knobs, played and judged: what the ear hears of the target, and what it costs.

Music of other genres is continued, once unsteered and once towards each genre, with the same seed; only what is new is
judged. Judge and probe share no features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from engine.control import ControlState, Law
from engine.steering.blend import blend
from engine.steering.pack import PackDefaults, ProbePack
from probes.evaluate.detectors import listen_for_faults
from probes.evaluate.distance import frechet
from probes.evaluate.generate import Generator, Piece
from probes.evaluate.judges.judge import Judge
from probes.fit import Method
from probes.moments import Doubles

NEIGHBOURS = 3


@dataclass(frozen=True)
class Setting:
    """A way to steer: whose directions, where, by which law, and α of that law at a knob of 1."""

    method: Method
    layers: tuple[tuple[int, float], ...]
    law: Law
    alpha: float

    def on(self, pack: ProbePack) -> ProbePack:
        """The method's pack with this setting as its own."""
        return replace(pack, defaults=PackDefaults(self.layers, self.law, self.alpha))


@dataclass(frozen=True)
class Source:
    """Music that is continued: codes ``(K, P)`` of a clip of a genre."""

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
        delta, share, faulty: means over the targets.
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
    def faulty(self) -> float:
        return float(np.mean([heard.faulty for heard in self.genres.values()]))


@dataclass(frozen=True)
class _Verdict:
    shares: Doubles  # (G,)
    place: Doubles  # (E,)
    faulty: bool


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
        packs: Mapping[Method, ProbePack],
        judge: Judge,
        sources: Sequence[Source],
        corpus: Mapping[str, Doubles],
        frames: int,
        advance: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._generator, self._packs, self._judge, self._sources = generator, packs, judge, sources
        self._corpus, self._all = corpus, np.concatenate(list(corpus.values()))
        self._frames, self._advance = frames, advance
        self._plain: dict[tuple[str, int], _Verdict] = {}

    def _pairs(self) -> list[tuple[str, int]]:
        """(target, source's number): every genre is a target for the sources of all others."""
        return [
            (target, number)
            for target in self._judge.labels
            for number, source in enumerate(self._sources)
            if source.label != target
        ]

    def count(self, settings: int) -> int:
        """Pieces that hearing so many settings takes; the unsteered ones are played once."""
        return len(self._pairs()) * (settings + (not self._plain))

    def _piece(self, pair: tuple[str, int], pack: ProbePack | None) -> Piece:
        target, number = pair
        # The seed belongs to the pair: steered and unsteered draw the same noise.
        seed = number * len(self._judge.labels) + self._judge.labels.index(target)
        codes = self._sources[number].codes
        if pack is None:
            return Piece(seed, prompt_codes=codes)
        return Piece(seed, blend(ControlState(blend=((target, 1.0),)), pack), prompt_codes=codes)

    def _listen(self, pieces: Sequence[Piece]) -> Iterator[_Verdict]:
        rate_hz = self._generator.instrument.codec.sample_rate_hz
        for sound in self._generator.sounds(pieces, self._frames, self._advance):
            heard = self._judge.judge([sound], rate_hz)
            yield _Verdict(heard.shares[0], heard.places[0], bool(listen_for_faults(sound, rate_hz)))

    def hear(self, settings: Sequence[Setting]) -> list[Effect]:
        """Play every setting towards every genre of the judge."""
        pairs = self._pairs()
        pieces = [] if self._plain else [self._piece(pair, None) for pair in pairs]
        for setting in settings:
            set_pack = setting.on(self._packs[setting.method])
            pieces += [self._piece(pair, set_pack) for pair in pairs]
        verdicts = self._listen(pieces)
        if not self._plain:
            self._plain = {pair: next(verdicts) for pair in pairs}
        return [self._effect(setting, {pair: next(verdicts) for pair in pairs}) for setting in settings]

    def _effect(self, setting: Setting, steered: dict[tuple[str, int], _Verdict]) -> Effect:
        genres = {}
        for index, target in enumerate(self._judge.labels):
            pairs = [pair for pair in steered if pair[0] == target]
            after = np.array([steered[pair].shares[index] for pair in pairs])
            before = np.array([self._plain[pair].shares[index] for pair in pairs])
            mine = [steered[pair] for pair in pairs]
            usual = self._strangeness([self._plain[pair] for pair in pairs])
            genres[target] = Heard(
                float((after - before).mean()),
                float(after.mean()),
                self._strangeness(mine) / usual,
                _frechet(mine, self._corpus[target]),
                float(np.mean([verdict.faulty for verdict in mine])),
            )
        cost = _frechet(list(steered.values()), self._all) / _frechet(list(self._plain.values()), self._all)
        return Effect(setting, genres, cost)

    def _strangeness(self, verdicts: Sequence[_Verdict]) -> float:
        """Mean distance to the third nearest music of the corpus: grows off the beaten track, whatever the genre."""
        distances = cdist(np.stack([verdict.place for verdict in verdicts]), self._all)
        nearest = min(NEIGHBOURS, distances.shape[1]) - 1
        return max(float(np.partition(distances, nearest, axis=1)[:, nearest].mean()), 1e-9)

    @property
    def usual(self) -> tuple[float, float]:
        """Of the unsteered pieces: mean probability of the target, share of faulty ones."""
        targets = {target: index for index, target in enumerate(self._judge.labels)}
        shares = [verdict.shares[targets[target]] for (target, _), verdict in self._plain.items()]
        return float(np.mean(shares)), float(np.mean([verdict.faulty for verdict in self._plain.values()]))


def _frechet(verdicts: Sequence[_Verdict], corpus: Doubles) -> float:
    return max(frechet(np.stack([verdict.place for verdict in verdicts]), corpus), 1e-9)
