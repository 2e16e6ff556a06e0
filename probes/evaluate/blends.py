"""Blends: the asked mixture against the heard one, of two genres and of four, from raw and from orthogonalised directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy.stats import spearmanr

from probes.evaluate.answers import answers, judged_genres
from probes.evaluate.charts import Line, line_chart
from probes.evaluate.hearing import Hearing
from probes.evaluate.page import html_table, markdown_table
from probes.evaluate.part import Part
from probes.evaluate.stage import Stage
from probes.moments import Doubles

#: a pair's first knob; the second is what is left to 1
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
THIRDS = 3  # mixtures of all genres are in steps of a third
MOST_GENRES = 4
#: pieces of each blend, as shares of the sources of a genre: what counts are the many blends together
PAIR_SHARE, MIXTURE_SHARE = 0.3, 0.2
LEAST_RANK = 0.8
SETS = {False: "raw", True: "orthogonalised"}


@dataclass(frozen=True)
class Pair:
    """Two knobs that add up to 1: the first genre's share of what is heard of the two, ``(P, n)``."""

    first: str
    second: str
    heard: Doubles

    @property
    def means(self) -> Doubles:
        """Over the pieces of each asked share, ``(P,)``."""
        return self.heard.mean(1)


@dataclass(frozen=True)
class Mixtures:
    """All knobs at once: asked ``(M, G)``, rows sum to 1, and mean heard ``(M, G)``."""

    genres: tuple[str, ...]
    asked: Doubles
    heard: Doubles

    @property
    def rank(self) -> float:
        """Rank correlation of every asked share with the heard one."""
        return rank(self.asked.ravel(), self.heard.ravel())

    @property
    def distance(self) -> float:
        """Half the sum of absolute differences of shares (total variation), mean over mixtures: 0 as asked, 1 none of it."""
        return float(np.abs(self.asked - self.heard).sum(1).mean() / 2)


def rank(asked: Doubles, heard: Doubles) -> float:
    """Spearman's; 0 where nothing changes."""
    return float(spearmanr(asked, heard).statistic) if np.ptp(heard) > 0 else 0.0


def ranks(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Of asked share and heard share over all pairs together: of the means, and piece by piece."""
    means = np.concatenate([pair.means for pair in pairs])
    pieces = np.concatenate([pair.heard.ravel() for pair in pairs])
    asked = np.tile(SHARES, len(pairs))
    count = pairs[0].heard.shape[1]
    return rank(asked, means), rank(np.repeat(asked, count), pieces)


def blends(stage: Stage) -> Part:
    """The section. Of a pack of many genres the first few are blended."""
    genres = judged_genres(stage)[:MOST_GENRES]
    if len(genres) < 2:
        return Part("Blends", {"blends": {}}, "One genre cannot be blended.", "<p>One genre cannot be blended.</p>")
    pairs = {orthogonal: hear_pairs(stage, genres, orthogonal) for orthogonal in SETS}
    mixtures = {orthogonal: hear_mixtures(stage, genres, orthogonal) for orthogonal in SETS}
    tables = [pair_table(pairs), mixture_table(mixtures)]
    lines = [verdict(pairs[False])]
    charts = "".join(pair_chart(pairs[each], SETS[each]) + mixture_chart(mixtures[each], SETS[each]) for each in SETS)
    return Part(
        "Blends",
        {"blends": {SETS[each]: blend_facts(pairs[each], mixtures[each]) for each in SETS}},
        "\n\n".join([*lines, *(markdown_table(*table) for table in tables)]),
        "".join(f"<p>{line}</p>" for line in lines)
        + "".join(html_table(*table) for table in tables)
        + f'<div class="charts">{charts}</div>',
    )


def hear_pairs(stage: Stage, genres: Sequence[str], orthogonal: bool) -> list[Pair]:
    """Every two genres, on music of the others; of only two genres, on their own."""
    pairs = []
    for first, second in combinations(genres, 2):
        others = [genre for genre in genres if genre not in (first, second)] or list(genres)
        steering = [stage.steered((first, share), (second, 1 - share), orthogonal=orthogonal) for share in SHARES]
        heard = answers(
            stage, f"{first} and {second}, {SETS[orthogonal]}", others, steering, round(PAIR_SHARE * stage.samples)
        )
        pairs.append(Pair(first, second, np.stack([between(stage, part, first, second) for part in heard])))
    return pairs


def between(stage: Stage, heard: Hearing, first: str, second: str) -> Doubles:
    """The first genre's share of what is heard of two, ``(n,)``."""
    one, other = stage.share(heard, first), stage.share(heard, second)
    return one / np.maximum(one + other, 1e-12)


def hear_mixtures(stage: Stage, genres: Sequence[str], orthogonal: bool) -> Mixtures:
    """All genres at once in steps of a third, on music of each."""
    steps = [step for step in product(range(THIRDS + 1), repeat=len(genres)) if sum(step) == THIRDS]
    asked = np.array(steps, np.float64) / THIRDS
    steering = [stage.steered(*zip(genres, map(float, shares), strict=True), orthogonal=orthogonal) for shares in asked]
    heard = answers(stage, f"mixtures, {SETS[orthogonal]}", genres, steering, round(MIXTURE_SHARE * stage.samples))
    shares = np.array([[stage.share(part, genre).mean() for genre in genres] for part in heard])
    return Mixtures(tuple(genres), asked, shares / shares.sum(1, keepdims=True))


def verdict(pairs: Sequence[Pair]) -> str:
    """Whether the pack's own directions blend as they should."""
    of_means = ranks(pairs)[0]
    word = "met" if of_means >= LEAST_RANK else "NOT met"
    return f"{word}: asked and heard mixtures of two genres correlate by rank, {of_means:.2f} (at least {LEAST_RANK})"


def pair_table(pairs: dict[bool, list[Pair]]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Heard share of each pair's first genre at every asked share."""
    head = ("two genres", "directions", *(f"asked {share:g}" for share in SHARES), "rank", "rank of pieces")
    rows: list[Sequence[str]] = []
    for orthogonal, several in pairs.items():
        for group, name in [*(([pair], f"{pair.first} – {pair.second}") for pair in several), (several, "all")]:
            means = np.mean([pair.means for pair in group], axis=0)
            rows.append(
                (name, SETS[orthogonal], *(f"{mean:.2f}" for mean in means), *map("{:.2f}".format, ranks(group)))
            )
    return head, rows


def mixture_table(mixtures: dict[bool, Mixtures]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """How far mixtures of all genres are from what was asked."""
    head = ("all genres", "mixtures", "rank correlation", "distance asked to heard")
    rows: list[Sequence[str]] = [
        (SETS[each], str(len(mix.asked)), f"{mix.rank:.2f}", f"{mix.distance:.2f}") for each, mix in mixtures.items()
    ]
    return head, rows


def pair_chart(pairs: Sequence[Pair], name: str) -> str:
    """Heard share against asked share, a line for each pair."""
    lines = [
        Line(f"{pair.first} – {pair.second}", list(zip(SHARES, map(float, pair.means), strict=True))) for pair in pairs
    ]
    caption = f"Two genres, {name}: the first one's share of what is heard of both."
    return line_chart(caption, "asked share", "heard share", lines)


def mixture_chart(mixtures: Mixtures, name: str) -> str:
    """Mean heard share of each genre against its asked share in mixtures of all."""
    lines = []
    for column, genre in enumerate(mixtures.genres):
        asked = mixtures.asked[:, column]
        points = [(float(x), float(mixtures.heard[asked == x, column].mean())) for x in np.unique(asked)]
        lines.append(Line(genre, points))
    return line_chart(f"All genres at once, {name}.", "asked share", "heard share", lines)


def blend_facts(pairs: Sequence[Pair], mixtures: Mixtures) -> dict[str, object]:
    """For JSON."""
    of_means, of_pieces = ranks(pairs)
    return {
        "asked": SHARES,
        "pairs": [
            {"genres": [pair.first, pair.second], "heard": pair.means, "rank": rank(np.array(SHARES), pair.means)}
            for pair in pairs
        ],
        "rank": of_means,
        "rank_of_pieces": of_pieces,
        "mixtures": {
            "genres": mixtures.genres,
            "asked": mixtures.asked,
            "heard": mixtures.heard,
            "rank": mixtures.rank,
            "distance": mixtures.distance,
        },
    }
