"""All that the player asks for now: one frozen, validated, numbered value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self

from engine.errors import ControlError

MAX_ALPHA = 10.0
MAX_PROMPT_CHARACTERS = 500
MAX_NUMBER = 2**63 - 1


class Law(StrEnum):
    """How an offset enters the residual stream; the formulas stand in ``engine.steering.laws``."""

    PRESERVE = "preserve"
    UNIT = "unit"
    RELATIVE = "relative"
    ADD = "add"


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ControlError(f"{name} must be a number, not {value!r}")
    try:
        number = float(value)
    except OverflowError:  # a whole number of hundreds of digits
        number = math.inf
    if not low <= number <= high:
        raise ControlError(f"{name} must lie between {low:g} and {high:g}, not {number:g}")
    return number


def _whole(name: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ControlError(f"{name} must be a whole number from {low} to {high}, not {value!r}")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ControlError(f"{name} must be text, not {value!r}")
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, from a terminal of another encoding
        raise ControlError(f"{name} holds characters that are not Unicode: type it again") from None
    return value


@dataclass(frozen=True, slots=True)
class ControlState:
    """The continuous intent. The newest wins; ``number`` tells which is newer.

    Attributes:
        blend: (genre, knob) pairs; 1 is the strongest that keeps quality, negative steers away. A genre named twice is
            summed.
        strength: master factor on every knob.
        law, layers, orthogonal: None leaves the choice to the pack. ``layers`` are (index, weight) pairs.
        period: steer every nth frame.
        guidance: classifier-free guidance; at 1 the conditional row alone decides, below it the unconditional one has a
            say, and at 0 all of it.
        temperature: 0 is greedy.
        top_k, top_p: candidates kept at each draw.
        prompt: text; empty for none.
    """

    number: int = 0
    blend: tuple[tuple[str, float], ...] = ()
    strength: float = 1.0
    law: Law | None = None
    layers: tuple[tuple[int, float], ...] | None = None
    orthogonal: bool = False
    period: int = 1
    guidance: float = 3.0
    temperature: float = 1.0
    top_k: int = 250
    top_p: float = 1.0
    prompt: str = ""

    def __post_init__(self) -> None:
        _whole("the number of a control state", self.number, 0, MAX_NUMBER)
        for genre, alpha in self.blend:
            _text("a genre's name", genre)
            _number(f"the knob of {genre}", alpha, -MAX_ALPHA, MAX_ALPHA)
        for layer, weight in self.layers or ():
            _whole("a layer", layer, 0, 1023)
            _number(f"the weight of layer {layer}", weight, -MAX_ALPHA, MAX_ALPHA)
        _number("strength", self.strength, 0.0, MAX_ALPHA)
        if self.law is not None and not isinstance(self.law, Law):
            raise ControlError(f"the law must be one of {', '.join(Law)}, not {self.law!r}")
        if not isinstance(self.orthogonal, bool):
            raise ControlError(f"orthogonal must be true or false, not {self.orthogonal!r}")
        _whole("period", self.period, 1, 10_000)
        _number("guidance", self.guidance, 0.0, 20.0)
        _number("temperature", self.temperature, 0.0, 5.0)
        _whole("top-k", self.top_k, 1, 256)
        _number("top-p", self.top_p, 0.0, 1.0)
        if len(_text("the prompt", self.prompt)) > MAX_PROMPT_CHARACTERS:
            raise ControlError(f"the prompt is longer than {MAX_PROMPT_CHARACTERS} characters: shorten it")

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a score."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_json`; a scalar or a prompt that is missing has its default.

        Raises:
            ControlError: unknown keys, no blend, law or layers, or values out of range.
        """
        try:
            fields = dict(data)
            fields["blend"] = tuple((str(g), a) for g, a in fields["blend"])
            fields["law"] = None if fields["law"] is None else Law(fields["law"])
            if fields["layers"] is not None:
                fields["layers"] = tuple((n, w) for n, w in fields["layers"])
            return cls(**fields)
        except (KeyError, TypeError, ValueError) as error:
            raise ControlError(f"a control state that cannot be read: {error}") from None

    def changed(self, **changes: Any) -> Self:
        """A copy with some values changed and the next number."""
        return replace(self, number=self.number + 1, **changes)


def parse_blend(text: str) -> tuple[tuple[str, float], ...]:
    """Read ``jazz=0.6,rock=-0.2``.

    Raises:
        ControlError: not of that form.
    """
    pairs = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        genre, sign, value = part.partition("=")
        try:
            pairs.append((genre.strip(), float(value)))
        except ValueError:
            raise ControlError(f"'{part}' is no knob setting: write it like jazz=0.6,rock=-0.2") from None
        if not sign or not genre.strip():
            raise ControlError(f"'{part}' is no knob setting: write it like jazz=0.6,rock=-0.2")
    return tuple(pairs)
