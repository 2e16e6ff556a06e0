"""The parts of an evaluation.

A section is a function from the :class:`~probes.evaluate.stage.Stage` to a :class:`Part`: it says what is to be played
(:meth:`Stage.hear`, which plays in batches, judges, and keeps the verdicts so that an interrupted run goes on), counts what
was heard, and tells it three times over: as JSON, as Markdown for ``table-1.md`` and as HTML for ``index.html``
(:mod:`probes.evaluate.charts` draws). To add one, write it in a module of its own and list it in :func:`sections`; what it
plays need not be kept, and it may play the same pieces as another section at no cost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from probes.background import Background
from probes.evaluate.part import Part
from probes.evaluate.stage import Stage

Section: TypeAlias = Callable[[Stage], Part]


def sections(pairs: Sequence[tuple[str, str]], background: Background | None, swept: bool) -> tuple[Section, ...]:
    """All of them, in the order of the page.

    Args:
        pairs: the transitions that are asked for.
        background: the corpus sample beside the pack, if there is one.
        swept: play the sweep as well, which takes longer than all others together.
    """
    from probes.evaluate.blends import blends
    from probes.evaluate.glossary import glossary
    from probes.evaluate.linearity import linearity
    from probes.evaluate.sweep import sweep
    from probes.evaluate.transition_report import transitions

    played: tuple[Section, ...] = (partial(transitions, pairs=pairs, background=background), linearity, blends)
    return (*played, *([sweep] if swept else []), glossary)
