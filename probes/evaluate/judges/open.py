"""A judge by the word that the user gave for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.errors import CorpusError
from probes.background import beside
from probes.evaluate.judges.ear import Ear
from probes.evaluate.judges.judge import Judge

EAR, CLAP = "ear", "clap"


def open_judge(word: str, pack: Path, labels: Sequence[str], template: str | None = None) -> Judge:
    """``ear``, the one beside the pack; ``clap``; or ``clap:MODEL`` with a folder or a hub id in the local cache.

    Args:
        pack: where the pack lies.
        labels: what CLAP may hear; an ear brings its own.
        template: CLAP's sentence about a label.

    Raises:
        CorpusError: no such judge, or no ear beside the pack.
        CheckpointError: the CLAP is not on this machine.
    """
    kind, _, model = word.partition(":")
    if word == EAR:
        path = beside(pack, EAR)
        if not path.exists():
            raise CorpusError(
                f"no ear lies beside the pack ({path}): make both with `segue probe train`, or use --judge clap"
            )
        return Ear.load(path)
    if kind == CLAP:
        from probes.evaluate.judges.clap import DEFAULT_MODEL, TEMPLATE, Clap

        return Clap(model or DEFAULT_MODEL, labels, template or TEMPLATE)
    raise CorpusError(f"there is no judge '{word}': choose ear, clap, or clap:MODEL")
