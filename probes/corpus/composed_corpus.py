"""A corpus that `segue corpus compose` wrote, or that is composed now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.errors import CorpusError
from probes.corpus.clip import SEGMENT_S, Clip, Corpus, Split, balanced

MANIFEST = "manifest.jsonl"


def read_manifest(folder: Path) -> list[dict[str, Any]]:
    """Rows of a composed corpus; a last line that a kill cut short is left out.

    Raises:
        CorpusError: no manifest, or one that is not of this format.
    """
    path = folder / MANIFEST
    try:
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines]
    except (OSError, UnicodeDecodeError, ValueError):
        raise CorpusError(f"{path} is no manifest of a composed corpus: make one with `segue corpus compose`") from None


def open_composed(folder: Path, clips_per_genre: int | None = None) -> Corpus:
    """List a composed corpus. Solos are left out: an instrument alone often belongs to no genre.

    Args:
        clips_per_genre: use at most so many training clips of each genre, and a quarter as many held-out ones.

    Raises:
        CorpusError: missing, damaged, or with fewer than two genres.
    """
    clips, skipped = [], []
    try:
        for row in read_manifest(folder):
            path = folder / str(row["file"])
            if row["solo"]:
                continue
            if not path.is_file():
                skipped.append(f"{path}: missing")
                continue
            count = max(1, int(float(row["seconds"]) // SEGMENT_S))
            clips += [
                Clip(
                    path,
                    index * SEGMENT_S,
                    min(SEGMENT_S, float(row["seconds"])),
                    str(row["genre"]),
                    str(row["song"]),
                    str(row["style"]),
                    Split(row["split"]),
                    str(row["prompts"][0]),
                )
                for index in range(count)
            ]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise CorpusError(f"{folder / MANIFEST} cannot be understood ({error}): compose the corpus again") from None
    labels = tuple(sorted({clip.label for clip in clips}))
    return Corpus(str(folder), labels, balanced(clips, labels, clips_per_genre), tuple(skipped))
