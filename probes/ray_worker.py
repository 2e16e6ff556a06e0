"""What a worker on another machine must share with the one that asks: the names of files, and what is behind them."""

from __future__ import annotations

import platform
from pathlib import Path

from engine.errors import CorpusError
from engine.model.checkpoint_files import POCKET


def whole_name(model: str) -> str:
    """A model by a name that does not depend on the folder that a process runs in; hub ids and ``pocket`` stay."""
    if model == POCKET:
        return model
    folder = Path(model).expanduser()
    return str(folder.absolute()) if folder.is_dir() else model


def whole_judge(word: str) -> str:
    """The same for the model of ``clap:MODEL``."""
    kind, colon, model = word.partition(":")
    return f"{kind}:{whole_name(model)}" if model else kind + colon


def check_same(what: str, ours: str, theirs: str) -> None:
    """Refuse to work with something else than the machine that asks: its results would be mixed with others.

    Args:
        what: in words.
        ours: digest of what is on this machine.
        theirs: of what is on the one that asks.

    Raises:
        CorpusError: they differ.
    """
    if ours != theirs:
        raise CorpusError(
            f"{platform.node()} has another {what} than the machine that asks: give every machine the same installation "
            "and the same files"
        )
