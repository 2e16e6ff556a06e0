"""A corpus that `segue corpus compose` wrote, or that is composed now."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.errors import CorpusError
from engine.progress import Progress, bars
from probes.corpus.clip import SEGMENT_S, Clip, Corpus, Split, balanced
from probes.corpus.split import split_songs

MANIFEST = "manifest.jsonl"
CLIPS_PER_GENRE = 240
#: of fewer, solos and the held-out style left out, none could be held out
FEWEST_CLIPS = 5
#: other songs than those that Pocket learnt from
BASE_SEED = 1


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


def open_composed(folder: Path) -> Corpus:
    """List a composed corpus, with the whole styles that its manifest holds out.

    Raises:
        CorpusError: missing, damaged, or with fewer than two genres.
    """
    clips, skipped = list_clips(folder)
    return _held_out_anew(str(folder), clips, skipped)


def _held_out_anew(name: str, listed: list[Clip], skipped: list[str]) -> Corpus:
    """Balanced, with more songs held out than the manifest holds out from training a model."""
    labels = tuple(sorted({clip.label for clip in listed}))
    clips = balanced(listed, labels)
    sides: dict[str, Split] = {}
    for label in labels:
        songs = {clip.song for clip in clips if clip.label == label and clip.split is not Split.STYLE}
        sides |= split_songs(songs, label)
    split = [replace(clip, split=sides.get(clip.song, Split.STYLE)) for clip in clips]
    return Corpus(name, labels, balanced(split, labels), tuple(skipped))


def list_clips(folder: Path, only: Collection[str] | None = None) -> tuple[list[Clip], list[str]]:
    """Clips of a composed corpus, and what is missing. Solos are left out: one instrument alone may be of any genre.

    Args:
        only: ids of the clips to take, of all those that are there.

    Raises:
        CorpusError: the manifest is missing or damaged.
    """
    clips: list[Clip] = []
    skipped: list[str] = []
    try:
        for row in read_manifest(folder):
            path = folder / str(row["file"])
            if row["solo"] or (only is not None and row["id"] not in only):
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
    return clips, skipped


def compose_corpus(folder: Path, clips_per_genre: int = CLIPS_PER_GENRE, progress: Progress = bars) -> Corpus:
    """Compose songs for a probe, or take those that are there, and hold more of them out than training a model would.

    Raises:
        CorpusError: too few clips; FluidSynth or the soundfont is missing, or the folder cannot be written.
        KeyboardInterrupt: it was stopped; the next call goes on.
    """
    if clips_per_genre < FEWEST_CLIPS:
        raise CorpusError(
            f"composed:{clips_per_genre} leaves none to hold out: ask for composed:{FEWEST_CLIPS} or more"
        )

    from probes.corpus.composed.genres import GENRES
    from probes.corpus.composed.plan import plan_clip
    from probes.corpus.composed.write import write_corpus

    workers = os.cpu_count() or 1
    summary = write_corpus(
        folder,
        clips_per_genre=clips_per_genre,
        seconds=SEGMENT_S,
        workers=workers,
        base_seed=BASE_SEED,
        progress=progress,
    )
    if summary.interrupted:
        raise KeyboardInterrupt
    # A larger corpus that was composed before begins with the same clips.
    only = {plan_clip(genre, index, BASE_SEED).name for index in range(clips_per_genre) for genre in GENRES}
    listed, skipped = list_clips(folder, only)
    return _held_out_anew("composed", listed, skipped)
