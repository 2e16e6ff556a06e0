"""Scales: steps and values are inverse, texts and values too."""

from __future__ import annotations

import pytest

from gui.play.scale import Scale


@pytest.mark.parametrize(
    "scale", [Scale(-2, 2, 0.001, 0, bipolar=True), Scale(0, 10, 0.01, 3), Scale(1, 256, 1, 250, 0)]
)
def test_steps_and_values_are_inverse(scale: Scale) -> None:
    assert all(scale.to_step(scale.from_step(step)) == step for step in range(scale.steps + 1))
    assert scale.from_step(0) == scale.low
    assert scale.from_step(scale.steps) == scale.high


@pytest.mark.parametrize(("value", "text"), [(0.5, "+0.50"), (-0.5, "−0.50"), (0.0, "0.00"), (-0.001, "0.00")])
def test_signs(value: float, text: str) -> None:
    scale = Scale(-2, 2, 0.001, 0, bipolar=True)
    assert scale.text(value) == text
    assert scale.parse(text) == pytest.approx(round(value, 2))


@pytest.mark.parametrize("text", ["", "jazz", "nan", "inf", "1 2"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        Scale(0, 1, 0.1, 0).parse(text)
