"""Blends: the asked mixture against the heard one, of two genres and of four, from raw and from orthogonalised directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy.stats import spearmanr

from probes.evaluate.answers import answers
from probes.evaluate.charts import Figure, Line, line_chart
from probes.evaluate.page import html_table, markdown_table
from probes.evaluate.part import Check, Part
from probes.evaluate.stage import Stage, judged_genres
from probes.moments import Doubles

#: a pair's first knob; the second is what is left to 1
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
THIRDS = 3  # mixtures of all genres are in steps of a third
MOST_GENRES = 4
#: pieces of each blend, as shares of the sources of a genre: what counts are the many blends together
PAIR_SHARE, MIXTURE_SHARE = 0.3, 0.2
LEAST_RANK = 0.8
#: two genres that are hardly heard have a share of each other all the same: so much both together have to be heard
LEAST_HEARD = 0.5
SETS = {False: "raw", True: "orthogonalised"}
READING = (
    "Of two genres: the first one's share of what is heard of the two, and in brackets how much is heard of the two at all, "
    "the sum of their probabilities. Of all genres: every mixture in steps of a third."
)


@dataclass(frozen=True)
class Pair:
    """Two knobs that add up to 1.

    Attributes:
        heard: the first genre's share of what is heard of the two, ``(P, n)``.
        together: how much is heard of the two at all, ``(P, n)``.
    """

    first: str
    second: str
    heard: Doubles
    together: Doubles

    @property
    def name(self) -> str:
        """``jazz – rock``."""
        return f"{self.first} – {self.second}"

    @property
    def together_means(self) -> Doubles:
        """Over the pieces of each asked share, ``(P,)``."""
        return self.together.mean(1)

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
    drawn = {f"blends-{SETS[each]}-two": pair_chart(pairs[each], SETS[each]) for each in SETS}
    drawn |= {f"blends-{SETS[each]}-all": mixture_chart(mixtures[each], SETS[each]) for each in SETS}
    return Part(
        "Blends",
        {"blends": {SETS[each]: blend_facts(pairs[each], mixtures[each]) for each in SETS}},
        "\n\n".join([READING, *(markdown_table(*table) for table in tables)]),
        f"<p>{READING}</p>{''.join(html_table(*table) for table in tables)}"
        f'<div class="charts">{"".join(drawn.values())}</div>',
        drawn,
        verdicts(pairs[False]),
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
        one, other = (np.stack([stage.share(part, genre) for part in heard]) for genre in (first, second))
        pairs.append(Pair(first, second, one / np.maximum(one + other, 1e-12), one + other))
    return pairs


def hear_mixtures(stage: Stage, genres: Sequence[str], orthogonal: bool) -> Mixtures:
    """All genres at once in steps of a third, on music of each."""
    steps = [step for step in product(range(THIRDS + 1), repeat=len(genres)) if sum(step) == THIRDS]
    asked = np.array(steps, np.float64) / THIRDS
    steering = [stage.steered(*zip(genres, map(float, shares), strict=True), orthogonal=orthogonal) for shares in asked]
    heard = answers(stage, f"mixtures, {SETS[orthogonal]}", genres, steering, round(MIXTURE_SHARE * stage.samples))
    shares = np.array([[stage.share(part, genre).mean() for genre in genres] for part in heard])
    return Mixtures(tuple(genres), asked, shares / shares.sum(1, keepdims=True))


def verdicts(pairs: Sequence[Pair]) -> list[Check]:
    """Whether the pack's own directions blend as they should."""
    of_means = ranks(pairs)[0]
    each = {pair.name: follows(pair) and pair.together_means.min() >= LEAST_HEARD for pair in pairs}
    return [
        Check(
            f"asked and heard mixtures of two genres correlate by rank, {of_means:.2f} (at least {LEAST_RANK})",
            of_means >= LEAST_RANK,
        ),
        Check.every(
            each,
            f"so they do in every pair, and at every asked share the two together are heard with a probability of at least "
            f"{LEAST_HEARD}",
        ),
    ]


def follows(pair: Pair) -> bool:
    """Whether what is heard rises with what is asked."""
    return rank(np.array(SHARES), pair.means) >= LEAST_RANK


def pair_table(pairs: dict[bool, list[Pair]]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Heard share of each pair's first genre at every asked share, and how much is heard of the two at all."""
    head = ("two genres", "directions", *(f"asked {share:g}" for share in SHARES), "rank", "rank of pieces")
    rows: list[Sequence[str]] = []
    for orthogonal, several in pairs.items():
        for group, name in [*(([pair], pair.name) for pair in several), (several, "all")]:
            means = np.mean([pair.means for pair in group], axis=0)
            together = np.mean([pair.together_means for pair in group], axis=0)
            cells = [f"{mean:.2f} ({both:.2f})" for mean, both in zip(means, together, strict=True)]
            rows.append((name, SETS[orthogonal], *cells, *map("{:.2f}".format, ranks(group))))
    return head, rows


def mixture_table(mixtures: dict[bool, Mixtures]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """How far mixtures of all genres are from what was asked."""
    head = ("all genres", "mixtures", "rank correlation", "distance asked to heard")
    rows: list[Sequence[str]] = [
        (SETS[each], str(len(mix.asked)), f"{mix.rank:.2f}", f"{mix.distance:.2f}") for each, mix in mixtures.items()
    ]
    return head, rows


def pair_chart(pairs: Sequence[Pair], name: str) -> Figure:
    """Heard share against asked share, a line for each pair."""
    lines = [Line(pair.name, list(zip(SHARES, map(float, pair.means), strict=True))) for pair in pairs]
    caption = f"Two genres, {name}: the first one's share of what is heard of both."
    return line_chart(caption, "asked share", "heard share", lines)


def mixture_chart(mixtures: Mixtures, name: str) -> Figure:
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
            {
                "genres": [pair.first, pair.second],
                "heard": pair.means,
                "heard_at_all": pair.together_means,
                "rank": rank(np.array(SHARES), pair.means),
            }
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
