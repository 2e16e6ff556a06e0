"""A corpus by the word that the user gave for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.errors import CorpusError
from engine.progress import Progress, bars
from probes.corpus.clip import Corpus
from probes.corpus.composed_corpus import CLIPS_PER_GENRE, MANIFEST, compose_corpus, open_composed
from probes.corpus.folder import open_folder
from probes.corpus.hub import open_hub

COMPOSED = "composed"
HUB = "hub:"


def open_corpus(word: str, cache: Path, progress: Progress = bars, only: Sequence[str] = ()) -> Corpus:
    """``composed``, ``composed:CLIPS`` of each genre, ``hub:NAME``, or a directory: of genre folders, or written by
    `segue corpus compose`.

    Args:
        cache: where a composed or downloaded corpus is kept.
        only: genres to take of a folder or a data set; see :func:`probes.corpus.folder.open_folder`.

    Raises:
        CorpusError: it cannot be had or used.
    """
    name, _, count = word.partition(":")
    if name == COMPOSED and (not count or count.isdecimal()):
        _refuse(only)
        return compose_corpus(cache / "composed", int(count) if count else CLIPS_PER_GENRE, progress)
    if word.startswith(HUB):
        return open_hub(word.removeprefix(HUB), cache, only)
    folder = Path(word)
    try:
        is_folder, is_composed = folder.is_dir(), (folder / MANIFEST).exists()
    except OSError as error:
        raise CorpusError(f"{word} cannot be read ({error.strerror}): choose another folder") from None
    if not is_folder:
        raise CorpusError(f"no corpus at {word}: give composed, composed:CLIPS, a folder of genre folders, or hub:NAME")
    if not is_composed:
        return open_folder(folder, only=only)
    _refuse(only)
    return open_composed(folder)


def _refuse(only: Sequence[str]) -> None:
    if only:
        raise CorpusError("composed music comes with all of its four genres: leave --genres out")
