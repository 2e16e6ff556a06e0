"""Writes a composed corpus: FLAC files and a manifest, by several processes, resuming where it was stopped."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path

import numpy as np
import soundfile

from engine.errors import CorpusError
from engine.progress import Progress, bars
from probes.corpus.composed.filters import SAMPLE_RATE_HZ
from probes.corpus.composed.genres import GENRES
from probes.corpus.composed.make import make
from probes.corpus.composed.manifest import Manifest
from probes.corpus.composed.plan import Clip, plan_clip
from probes.corpus.composed.render import Renderer
from probes.corpus.composed.soundfont import find_soundfont

_renderer: Renderer | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did."""

    folder: Path
    written: int
    kept: int
    splits: dict[str, int]
    interrupted: bool


def write_corpus(
    folder: Path,
    *,
    clips_per_genre: int,
    seconds: float,
    workers: int = 1,
    base_seed: int = 0,
    progress: Progress = bars,
) -> Summary:
    """Compose ``clips_per_genre`` clips of every genre into ``folder``; clips that are there already are kept.

    The genres take turns, so that a corpus that is still growing is balanced. Interrupting leaves a valid corpus.

    Raises:
        CorpusError: nothing is asked for, the folder holds another corpus or cannot be written, FluidSynth or the
            soundfont is missing.
    """
    if clips_per_genre < 1:
        raise CorpusError("zero clips were asked for; give --clips-per-genre at least 1")
    if workers < 1:
        raise CorpusError("composing needs at least one worker; give --workers 1 or more")
    find_soundfont()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(f"cannot make the folder {folder}: {error.strerror or error}") from error
    manifest = Manifest(folder)
    clips = [plan_clip(genre, index, base_seed) for index in range(clips_per_genre) for genre in GENRES]
    _same_corpus(manifest, clips, seconds)
    missing = [clip for clip in clips if clip.name not in manifest.entries]
    kept = len(clips) - len(missing)
    before = len(manifest.entries)
    interrupted = False
    with progress("composing", len(clips)) as advance:
        advance(kept)
        try:
            for entry in _made(missing, folder, seconds, workers):
                manifest.append(entry)
                advance(1)
        except KeyboardInterrupt:
            interrupted = True
            manifest = Manifest(folder)
        except OSError as error:
            raise _unwritable(folder, error) from error
    splits = Counter(str(entry["split"]) for entry in manifest.entries.values())
    return Summary(folder, len(manifest.entries) - before, kept, dict(splits), interrupted)


def _same_corpus(manifest: Manifest, clips: list[Clip], seconds: float) -> None:
    """Refuse to mix corpora of different lengths or seeds in one folder."""
    planned = {clip.name: clip for clip in clips}
    for name, entry in manifest.entries.items():
        if entry["seconds"] != seconds:
            held = entry["seconds"]
            raise CorpusError(f"the folder holds clips of {held} s; ask for --seconds {held} or name another folder")
        if name in planned and entry["seed"] not in planned[name].seeds:
            raise CorpusError("the folder holds a corpus of another seed; name another folder")


def _made(clips: list[Clip], folder: Path, seconds: float, workers: int) -> Iterator[dict[str, object]]:
    """Manifest entries in the clips' order, each after its file is whole."""
    job = partial(_write_clip, folder=folder, seconds=seconds)
    if workers == 1:
        yield from map(job, clips)
        return
    pool = ProcessPoolExecutor(
        min(workers, max(1, len(clips))), mp_context=get_context("spawn"), initializer=_follow_parent
    )
    try:
        yield from pool.map(job, clips)
    except BrokenProcessPool as error:
        raise CorpusError(
            "a worker ended early, out of memory perhaps; run the same command again with fewer --workers: it resumes"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _follow_parent() -> None:
    """Leave interrupts to the parent, and end with it, should it be ended without having had the time to say so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:

        def end_with_it() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=end_with_it, daemon=True).start()


def _write_clip(clip: Clip, folder: Path, seconds: float) -> dict[str, object]:
    global _renderer
    if _renderer is None:
        _renderer = Renderer()
    sound, facts = make(clip, seconds, _renderer)
    path = folder / clip.genre / f"{clip.name}.flac"
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(exist_ok=True)
        pcm = np.round(sound * 32767).astype(np.int16)
        soundfile.write(part, pcm, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
        os.replace(part, path)
    except (OSError, soundfile.LibsndfileError) as error:
        part.unlink(missing_ok=True)
        raise _unwritable(folder, error) from error
    return {"id": facts["id"], "file": f"{clip.genre}/{path.name}", **facts}


def _unwritable(folder: Path, error: Exception) -> CorpusError:
    reason = getattr(error, "strerror", None) or error
    return CorpusError(
        f"cannot write to {folder}: {reason}; free some space and run the same command again: it resumes"
    )
