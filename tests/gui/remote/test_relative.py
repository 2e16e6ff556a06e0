"""The three ways of endless encoders."""

from __future__ import annotations

import pytest

from gui.remote.relative import Encoder, guess, steps

WRITE = {
    Encoder.TWOS_COMPLEMENT: lambda n: n % 128,
    Encoder.BINARY_OFFSET: lambda n: n + 64,
    Encoder.SIGN_BIT: lambda n: n if n >= 0 else 64 - n,
}


@pytest.mark.parametrize("encoder", WRITE)
def test_steps_are_read_as_they_are_written(encoder: Encoder) -> None:
    for count in range(-63, 64):
        assert steps(encoder, WRITE[encoder](count)) == count


@pytest.mark.parametrize(
    ("values", "encoder"),
    [
        ([1, 1, 1, 2], Encoder.TWOS_COMPLEMENT),
        ([127, 127, 126], Encoder.TWOS_COMPLEMENT),
        ([1, 1, 127, 127], Encoder.TWOS_COMPLEMENT),
        ([65, 65, 65], Encoder.BINARY_OFFSET),
        ([63, 63, 62], Encoder.BINARY_OFFSET),
        ([1, 1, 65, 65], Encoder.SIGN_BIT),
        ([60, 61, 62, 63], Encoder.ABSOLUTE),
        ([90, 110, 127, 127], Encoder.ABSOLUTE),  # a fader that was thrown to its end
        ([64], Encoder.ABSOLUTE),
        ([], Encoder.ABSOLUTE),
    ],
)
def test_a_guess(values: list[int], encoder: Encoder) -> None:
    assert guess(values) is encoder
