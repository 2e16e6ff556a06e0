"""Matrices of numbers: every cell once, where it belongs, and as deep as it is large."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from probes.evaluate.charts import CELL_HEIGHT, CELL_WIDTH, MARGIN, matrix_chart


def test_cells_stand_under_their_column_in_their_row() -> None:
    figure = matrix_chart("c", ["a", "b"], ["x", "y", "z"], [[0.1, 0.2, 0.3], [0.4, 0.5, -1.0]])
    cells = [(float(r.get("x") or 0), float(r.get("y") or 0)) for r in ET.fromstring(figure).iter("rect")]
    assert cells == [(MARGIN + CELL_WIDTH * j, CELL_HEIGHT * (i + 1)) for i in range(2) for j in range(3)]
    assert re.findall(r">(-?\d\.\d\d)<", figure) == ["0.10", "0.20", "0.30", "0.40", "0.50", "-1.00"]


def test_shades_follow_size_and_hues_the_sign() -> None:
    figure = matrix_chart("c", ["a"], ["x", "y", "z"], [[0.1, 0.9, -0.9]])
    cells = list(ET.fromstring(figure).iter("rect"))
    small, large, negative = (float(cell.get("fill-opacity") or 0) for cell in cells)
    assert small < large == negative <= 1
    hues = [cell.get("fill") for cell in cells]
    assert hues[0] == hues[1] != hues[2]


def test_names_are_text() -> None:
    figure = matrix_chart("<c>", ["<a>"], ["<x>"], [[0.5]], "<row>")
    assert "<a>" not in figure
    ET.fromstring(figure)
