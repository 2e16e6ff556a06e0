"""Which control was meant: found in what arrives while the player moves it."""

from __future__ import annotations

from gui.remote.decoder import LOW_HALF, Kind, Move, Source
from gui.remote.relative import Encoder, guess

CONTINUOUS = (Kind.NRPN, Kind.BEND, Kind.CC)  # in order of preference; a pair of CCs is found among the CCs


class Learning:
    """Listens for one target. A parameter wants a control that moves, an action one that is pressed."""

    def __init__(self, wants_press: bool) -> None:
        self._wants_press = wants_press
        self._heard: dict[Source, list[int]] = {}
        self._pressed: Source | None = None

    def hear(self, move: Move) -> bool:
        """Note a move; whether there is something to choose from now."""
        kind = move.source.kind
        if self._wants_press:
            if kind in (Kind.NOTE, Kind.CC) and move.share >= 0.5 and self._pressed is None:
                self._pressed = move.source
        elif kind in CONTINUOUS:
            self._heard.setdefault(move.source, []).append(move.raw)
        return bool(self._heard) or self._pressed is not None

    def choose(self) -> tuple[Source, Encoder]:
        """The control, and how it counts. Of several the one that spoke most."""
        if self._pressed is not None:
            return self._pressed, Encoder.ABSOLUTE
        for kind in CONTINUOUS:
            of_kind = [source for source in self._heard if source.kind is kind]
            if of_kind:
                source = max(of_kind, key=lambda source: len(self._heard[source]))
                return self._as_pair(source) or (source, self._encoder(source))
        raise ValueError("nothing was heard")

    def _encoder(self, source: Source) -> Encoder:
        return guess(self._heard[source]) if source.kind is Kind.CC else Encoder.ABSOLUTE

    def _as_pair(self, source: Source) -> tuple[Source, Encoder] | None:
        """The pair that a CC is half of, when the other half has spoken as well."""
        if source.kind is not Kind.CC or source.number >= 2 * LOW_HALF:
            return None
        upper = source.number % LOW_HALF
        halves = (source._replace(number=upper), source._replace(number=upper + LOW_HALF))
        if all(half in self._heard for half in halves):
            return Source(Kind.CC14, source.channel, upper), Encoder.ABSOLUTE
        return None
