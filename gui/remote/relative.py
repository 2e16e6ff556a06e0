"""Endless encoders: the three ways in which they write a number of steps into seven bits."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

MOST_STEPS = 7  # in one message, when somebody turns an encoder to show it


class Encoder(StrEnum):
    """How a CC's value is meant: as a place, or as steps."""

    ABSOLUTE = "absolute"
    TWOS_COMPLEMENT = "two's complement"  # 1, 2 … up; 127, 126 … down
    BINARY_OFFSET = "binary offset"  # 65, 66 … up; 63, 62 … down
    SIGN_BIT = "sign bit"  # 1, 2 … up; 65, 66 … down


def steps(encoder: Encoder, raw: int) -> int:
    """The steps that a value of 0 to 127 stands for, upwards positive."""
    if encoder is Encoder.TWOS_COMPLEMENT:
        return raw if raw < 64 else raw - 128
    if encoder is Encoder.BINARY_OFFSET:
        return raw - 64
    if encoder is Encoder.SIGN_BIT:
        return raw if raw < 64 else 64 - raw
    raise ValueError(encoder)


def guess(values: Sequence[int]) -> Encoder:
    """What a control is that sent these values in turn.

    An encoder sends few steps at a time, and the same number again and again, where a fader that has not moved keeps silent.
    A sign bit turned down alone looks like an offset: that has to be told by hand.
    """
    if not any(one == other for one, other in pairwise(values)):
        return Encoder.ABSOLUTE
    if all(_small(Encoder.TWOS_COMPLEMENT, value) for value in values):
        return Encoder.TWOS_COMPLEMENT
    if all(_small(Encoder.BINARY_OFFSET, value) for value in values):
        return Encoder.BINARY_OFFSET
    if all(_small(Encoder.SIGN_BIT, value) for value in values):
        return Encoder.SIGN_BIT
    return Encoder.ABSOLUTE


def _small(encoder: Encoder, raw: int) -> bool:
    return 1 <= abs(steps(encoder, raw)) <= MOST_STEPS
