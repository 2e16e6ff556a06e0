"""A corpus by the word that the user gave for it."""

from __future__ import annotations

from pathlib import Path

from engine.errors import CorpusError
from engine.progress import Progress, bars
from probes.corpus.clip import Corpus
from probes.corpus.composed_corpus import CLIPS_PER_GENRE, MANIFEST, compose_corpus, open_composed
from probes.corpus.folder import open_folder
from probes.corpus.hub import open_hub

COMPOSED = "composed"
HUB = "hub:"


def open_corpus(word: str, cache: Path, progress: Progress = bars) -> Corpus:
    """``composed``, ``composed:CLIPS`` of each genre, ``hub:NAME``, or a directory: of genre folders, or written by
    `segue corpus compose`.

    Args:
        cache: where a composed or downloaded corpus is kept.

    Raises:
        CorpusError: it cannot be had or used.
    """
    name, _, count = word.partition(":")
    if name == COMPOSED and (not count or count.isdecimal()):
        return compose_corpus(cache / "composed", int(count) if count else CLIPS_PER_GENRE, progress)
    if word.startswith(HUB):
        return open_hub(word.removeprefix(HUB), cache)
    folder = Path(word)
    try:
        is_folder, is_composed = folder.is_dir(), (folder / MANIFEST).exists()
    except OSError as error:
        raise CorpusError(f"{word} cannot be read ({error.strerror}): choose another folder") from None
    if not is_folder:
        raise CorpusError(f"no corpus at {word}: give composed, composed:CLIPS, a folder of genre folders, or hub:NAME")
    return open_composed(folder) if is_composed else open_folder(folder)
