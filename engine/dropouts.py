"""The gaps that the listener hears in a performance, each told of once and when it is over."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Counters(Protocol):
    """What an output counts since it was made."""

    @property
    def underruns(self) -> int: ...

    @property
    def missed_samples(self) -> int: ...

    @property
    def starving(self) -> bool: ...


class Gap(NamedTuple):
    """Before ``sample`` of the performance ``missing_samples`` of silence were heard."""

    sample: int
    missing_samples: int


class Dropouts:
    """Reads an output's counters. One thread."""

    def __init__(self, output: Counters) -> None:
        self._output = output
        self.begin()

    def begin(self) -> None:
        """Another performance."""
        #: gaps of this performance that are over
        self.count = 0
        self.skip()

    def skip(self) -> None:
        """What the output has counted until now is not this performance's."""
        self._underruns, self._missed = self._output.underruns, self._output.missed_samples
        self._place: int | None = None

    def look(self, heard_samples: int) -> Gap | None:
        """The gap that is over since the last look, if one is; ``heard_samples`` of the performance have been heard."""
        # In this order: a gap that begins meanwhile is seen either whole or not at all.
        underruns, missed, starving = self._output.underruns, self._output.missed_samples, self._output.starving
        if starving:  # nothing is played now: the gap is where the ear is
            self._place = heard_samples
            return None
        if underruns == self._underruns:
            return None
        gap = Gap(heard_samples if self._place is None else self._place, missed - self._missed)
        self.count += underruns - self._underruns
        self._underruns, self._missed, self._place = underruns, missed, None
        return gap
