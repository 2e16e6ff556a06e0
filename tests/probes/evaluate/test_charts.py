"""Charts: well-formed, to scale, and not upset by what is not a number."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from probes.evaluate.charts import HEIGHT, WIDTH, Line, line_chart


def drawn(figure: str) -> Any:
    return ET.fromstring(figure)


def curve(figure: str, number: int = 0) -> list[tuple[float, float]]:
    points = [line.get("points") or "" for line in drawn(figure).iter("polyline")][number].split()
    return [tuple(map(float, point.split(","))) for point in points]  # type: ignore[misc]


def test_points_lie_to_scale() -> None:
    figure = line_chart("c", "x", "y", [Line("one", [(0, 0), (1, 5), (2, 10)])])
    (x0, y0), (x1, y1), (x2, y2) = curve(figure)
    assert x1 == pytest.approx((x0 + x2) / 2, abs=0.1)
    assert y1 == pytest.approx((y0 + y2) / 2, abs=0.1)
    assert x0 < x2
    assert y0 > y2, "up is more"
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in ((x0, y0), (x2, y2)))


def test_ticks_are_round_and_hold_everything() -> None:
    figure = line_chart("c", "x", "y", [Line("a", [(0, -0.13), (1, 0.87)], [(-0.2, 0.0), (0.8, 0.95)])], level=1.5)
    ticks = [float(text) for text in re.findall(r'class="end">([-\d.]+)<', figure)]
    assert ticks == sorted(ticks)
    assert ticks[0] <= -0.2
    assert ticks[-1] >= 1.5


@pytest.mark.parametrize(
    "points", [[], [(0.0, 1.0)], [(0.0, 0.0), (1.0, 0.0)], [(0.0, math.nan), (1.0, 2.0)], [(0.0, math.nan)]]
)
def test_little_or_nothing_can_be_drawn(points: list[tuple[float, float]]) -> None:
    figure = line_chart("c", "x", "y", [Line("a", points)])
    assert "nan" not in figure
    assert len(curve(figure)) == sum(math.isfinite(y) for _, y in points)


def test_an_interval_that_is_not_known_is_left_out() -> None:
    nan = math.nan
    figure = line_chart("c", "x", "y", [Line("a", [(0, 1), (1, 2)], [(nan, nan), (1.5, 2.5)])])
    assert "nan" not in figure
    assert len([line for line in drawn(figure).iter("line") if line.get("stroke")]) == 1


def test_many_names_take_more_rows_below_the_axes() -> None:
    """And none is cut off."""
    lines = [Line(f"classical and electronic {number}", [(0, 1)]) for number in range(7)]
    (drawing,) = drawn(line_chart("c", "x", "y", lines)).iter("svg")
    height = float(drawing.get("viewBox").split()[3])
    places = [float(text.get("y")) for text in drawing.iter("text") if (text.text or "").startswith("classical")]
    assert len(set(places)) == 4
    assert HEIGHT < min(places) < max(places) < height


def test_names_are_text_not_markup() -> None:
    figure = line_chart("a < b & c", "<x>", "y", [Line("r&b → <jazz>", [(0, 1)])])
    assert "r&b → <jazz>" in "".join(drawn(figure).itertext())
