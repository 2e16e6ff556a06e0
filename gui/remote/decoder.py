"""From the messages of one MIDI port to moves of its controls: CC, CC pairs of 14 bits, NRPN, pitch bend, notes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

LOW_HALF = 32  # CC n + 32 carries the lower seven bits of CC n (MIDI 1.0)
DATA_HIGH, DATA_LOW = 6, 38
NRPN_LOW, NRPN_HIGH, RPN_LOW, RPN_HIGH = 98, 99, 100, 101
NONE = 127  # parameter 127/127 selects nothing
HIGHEST_7, HIGHEST_14 = 127, 16383
TYPES = frozenset({"control_change", "pitchwheel", "note_on", "note_off"})


class Kind(StrEnum):
    """How a control speaks."""

    CC = "cc"
    CC14 = "cc14"
    NRPN = "nrpn"
    BEND = "bend"
    NOTE = "note"


class Source(NamedTuple):
    """One control of a device. ``channel`` counts from 0, as in the message; players count from 1."""

    kind: Kind
    channel: int
    number: int = 0

    @property
    def name(self) -> str:
        """As it is told to the player."""
        words = {
            Kind.CC: f"CC {self.number}",
            Kind.CC14: f"CC {self.number} (14 bit)",
            Kind.NRPN: f"NRPN {self.number}",
            Kind.BEND: "pitch bend",
            Kind.NOTE: f"note {self.number}",
        }[self.kind]
        return f"{words}, channel {self.channel + 1}"


class Move(NamedTuple):
    """A control has moved to ``share`` of its way, 0 to 1; ``raw`` is the number that it sent."""

    source: Source
    share: float
    raw: int


class Decoder:
    """Remembers what halves of values and parameter numbers need. One for each port."""

    def __init__(self) -> None:
        self._high: dict[Source, int] = {}
        self._low: dict[Source, int] = {}
        self._parameter: dict[int, tuple[int, int]] = {}  # channel → the NRPN selected, in halves

    def decode(self, message: Any) -> list[Move]:
        """What a mido message says; nothing for types that are of no use here. A CC may be half of a pair: both are told."""
        match message.type:
            case "control_change":
                return self._decode_cc(message.channel, message.control, message.value)
            case "pitchwheel":
                raw = message.pitch + 8192
                return [Move(Source(Kind.BEND, message.channel), raw / HIGHEST_14, raw)]
            case "note_on" | "note_off":
                pressed = message.type == "note_on" and message.velocity > 0
                source = Source(Kind.NOTE, message.channel, message.note)
                return [Move(source, float(pressed), message.velocity if pressed else 0)]
        return []

    def _decode_cc(self, channel: int, number: int, value: int) -> list[Move]:
        if number in (NRPN_HIGH, NRPN_LOW):
            high, low = self._parameter.get(channel, (NONE, NONE))
            self._parameter[channel] = (value, low) if number == NRPN_HIGH else (high, value)
            return []
        if number in (RPN_HIGH, RPN_LOW):
            self._parameter.pop(channel, None)
            return []
        high, low = self._parameter.get(channel, (NONE, NONE))
        if number in (DATA_HIGH, DATA_LOW) and (high, low) != (NONE, NONE):
            return [self._join(Source(Kind.NRPN, channel, high << 7 | low), value, number == DATA_HIGH)]
        moves = [Move(Source(Kind.CC, channel, number), value / HIGHEST_7, value)]
        pair = Source(Kind.CC14, channel, number % LOW_HALF)
        if number < LOW_HALF and pair in self._low:
            moves.append(self._join(pair, value, True))
        elif number < LOW_HALF:
            self._high[pair] = value
        elif number < 2 * LOW_HALF:
            moves.append(self._join(pair, value, False))
        return moves

    def _join(self, source: Source, value: int, is_high: bool) -> Move:
        if is_high:
            # By the standard a new upper half sets the lower to zero; repeated, it must not, or the value would flicker.
            if self._high.get(source) != value:
                self._low[source] = 0
            self._high[source] = value
        else:
            self._low[source] = value
        raw = self._high.get(source, 0) << 7 | self._low.get(source, 0)
        return Move(source, raw / HIGHEST_14, raw)
