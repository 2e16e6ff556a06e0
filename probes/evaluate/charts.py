"""Charts as inline SVG, in numpy and the standard library alone: a report must not need what draws notebooks."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 460.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 12.0, 40.0
TICKS = 5
MARGIN, CELL_WIDTH, CELL_HEIGHT = 90.0, 80.0, 40.0
# Told apart without colour vision (Okabe and Ito, 2008)
LEGEND_ROW, LEGEND_MARK, CHARACTER = 16.0, 20.0, 6.2
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#777777", "#000000")
#: how drawings look, whether they stand in a page or in a file of their own
RULES = (
    "text{font:11px system-ui,sans-serif;fill:#333}",
    ".mid{text-anchor:middle}",
    ".end{text-anchor:end}",
    ".grid{stroke:#ddd}",
    ".level{stroke:#888;stroke-dasharray:2 3}",
)


class Figure(str):
    """HTML of a drawing with its caption.

    Attributes:
        caption: as text.
        file: the drawing alone, as an SVG file that needs nothing beside it.
    """

    caption: str
    file: str

    @classmethod
    def of(cls, caption: str, width: float, height: float, parts: Sequence[str]) -> Figure:
        """From elements of SVG."""
        words, drawing = html.escape(caption), "".join(parts)
        box = f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{words}"'
        figure = cls(f'<figure class="chart"><svg {box}>{drawing}</svg><figcaption>{words}</figcaption></figure>')
        figure.caption = caption
        figure.file = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" {box}>'
            f'<style>{"".join(RULES)}</style><rect width="{width:g}" height="{height:g}" fill="#fff"/>{drawing}</svg>\n'
        )
        return figure


@dataclass(frozen=True)
class Line:
    """One curve.

    Attributes:
        points: (x, y), in order of x; points that are no numbers are left out.
        bars: low and high of each point's interval, or none.
    """

    name: str
    points: Sequence[tuple[float, float]]
    bars: Sequence[tuple[float, float]] = ()
    dashed: bool = False


def line_chart(caption: str, x_name: str, y_name: str, lines: Sequence[Line], level: float | None = None) -> Figure:
    """A ``<figure>`` with curves over common axes.

    Args:
        level: where a horizontal line marks what counts as nothing, or as the most that is allowed.
    """
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    ys += [bound for line in lines for bar in line.bars for bound in bar]
    across, up = (
        _Axis.of(xs, LEFT, WIDTH - RIGHT),
        _Axis.of([*ys, *([] if level is None else [level])], HEIGHT - BOTTOM, TOP),
    )
    parts = [
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(y):.1f}" y2="{up(y):.1f}" class="grid"/>'
        f'<text x="{LEFT - 6}" y="{up(y) + 4:.1f}" class="end">{y:g}</text>'
        for y in up.ticks
    ]
    parts += [f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 16}" class="mid">{x:g}</text>' for x in across.ticks]
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" class="mid">{html.escape(x_name)}</text>')
    parts.append(
        f'<text transform="translate(13 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" class="mid">{html.escape(y_name)}</text>'
    )
    if level is not None:
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(level):.1f}" y2="{up(level):.1f}" class="level"/>'
        )
    for number, line in enumerate(lines):
        parts += _curve(line, COLOURS[number % len(COLOURS)], across, up)
    legend, below = _legend([line.name for line in lines])
    return Figure.of(caption, WIDTH, HEIGHT + below, [*parts, *legend])


def matrix_chart(
    caption: str, rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[float]], row_name: str = ""
) -> Figure:
    """A ``<figure>`` with a number and a shade in every cell, the darker the nearer to 1, whatever the sign.

    Args:
        row_name: what rows are, in a word.
    """
    parts = [
        f'<text x="{MARGIN + CELL_WIDTH * (j + 0.5)}" y="{CELL_HEIGHT - 12}" class="mid">{html.escape(name)}</text>'
        for j, name in enumerate(columns)
    ]
    parts.append(f'<text x="{MARGIN - 8}" y="{CELL_HEIGHT - 12}" class="end">{html.escape(row_name)}</text>')
    for i, (name, row) in enumerate(zip(rows, values, strict=True)):
        y = CELL_HEIGHT * (i + 1)
        parts.append(f'<text x="{MARGIN - 8}" y="{y + CELL_HEIGHT / 2 + 4}" class="end">{html.escape(name)}</text>')
        for j, value in enumerate(row):
            x, depth = MARGIN + CELL_WIDTH * j, min(1.0, abs(value))
            ink = "#fff" if depth > 0.55 else "#222"
            parts.append(
                f'<rect x="{x}" y="{y}" width="{CELL_WIDTH - 2}" height="{CELL_HEIGHT - 2}" '
                f'fill="{COLOURS[0 if value >= 0 else 1]}" fill-opacity="{0.04 + 0.96 * depth:.3f}"/>'
                f'<text x="{x + CELL_WIDTH / 2 - 1}" y="{y + CELL_HEIGHT / 2 + 3}" class="mid" style="fill:{ink}">'
                f"{value:.2f}</text>"
            )
    width, height = MARGIN + CELL_WIDTH * len(columns), CELL_HEIGHT * (len(rows) + 1)
    return Figure.of(caption, width, height, parts)


def _legend(names: Sequence[str]) -> tuple[list[str], float]:
    """Colours and names in rows below the axes, and how much room they take."""
    parts, x, y = [], LEFT, HEIGHT + LEGEND_ROW / 2
    for number, name in enumerate(names):
        width = LEGEND_MARK + CHARACTER * len(name) + LEGEND_MARK / 2
        if x > LEFT and x + width > WIDTH:
            x, y = LEFT, y + LEGEND_ROW
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<rect x="{x:.1f}" y="{y - 5:.1f}" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + LEGEND_MARK:.1f}" y="{y:.1f}">{html.escape(name)}</text>')
        x += width
    return parts, y - HEIGHT + LEGEND_ROW / 2


def _curve(line: Line, colour: str, across: _Axis, up: _Axis) -> list[str]:
    places = [(across(x), up(y)) for x, y in line.points if math.isfinite(x) and math.isfinite(y)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dash = ' stroke-dasharray="5 4"' if line.dashed else ""
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>']
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
    for (x, _), (low, high) in zip(line.points, line.bars, strict=False):
        if not (math.isfinite(low) and math.isfinite(high)):
            continue
        parts.append(
            f'<line x1="{across(x):.1f}" x2="{across(x):.1f}" y1="{up(low):.1f}" y2="{up(high):.1f}" stroke="{colour}"/>'
        )
    return parts


@dataclass(frozen=True)
class _Axis:
    """From values to places on the page."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float], start: float, end: float) -> _Axis:
        """Room for these values, between round numbers."""
        real = [value for value in values if math.isfinite(value)] or [0.0]
        low, high = min(real), max(real)
        span = (high - low) or abs(high) or 1.0
        rough = span / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        last = max(last, first + 1)
        ticks = tuple(round(step * number, 10) for number in range(first, last + 1))
        return cls(ticks[0], ticks[-1], start, end, ticks)

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
