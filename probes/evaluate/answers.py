"""How music answers to steering: the same sources continued under one blend after another, with the same noise."""

from __future__ import annotations

from collections.abc import Sequence

from engine.steering.blend import Blend
from probes.evaluate.generate import Piece
from probes.evaluate.hearing import Hearing
from probes.evaluate.stage import Stage, continued


def answers(stage: Stage, name: str, genres: Sequence[str], blends: Sequence[Blend], count: int) -> list[Hearing]:
    """What is heard under each blend of pieces that continue music of these genres, about ``count`` of them in equal shares.

    Args:
        name: what is being done, for the progress.
    """
    each = min(stage.samples, max(1, -(-count // len(genres))))
    pieces: list[Piece] = []
    for steering in blends:
        for genre in genres:
            # A source's seed is its own: what differs between two answers is the blend alone.
            pieces += continued(stage.sources(genre)[:each], [steering] * each, 1_000 * stage.pack.index(genre))
    heard = stage.hear(name, pieces)
    size = each * len(genres)
    return [heard[start : start + size] for start in range(0, len(pieces), size)]
