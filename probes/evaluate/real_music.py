"""Real music, heard as pieces are: the yardstick of a judge that brings none, or of an ear on other music than its own."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from engine.errors import AudioFileError, CorpusError
from engine.instrument import Instrument
from engine.progress import Progress
from probes.corpus.clip import Clip, Corpus, Split
from probes.evaluate.generate import CONTEXT_S
from probes.evaluate.judges.judge import Judge
from probes.evaluate.stage import NEW_S, VERDICTS_VERSION, matched
from probes.moments import Doubles, Floats

FEWEST = 2  # that have a spread
#: whose clips are heard first: music that nothing was fitted to
ORDER = (Split.TEST, Split.STYLE, Split.VALID, Split.TRAIN)


def real_places(
    corpus: Corpus,
    genres: Sequence[str],
    most: int,
    instrument: Instrument,
    judge: Judge,
    folder: Path,
    progress: Progress,
) -> dict[str, Doubles]:
    """Where up to ``most`` clips of each genre lie in the judge's embedding, ``(n, E)``.

    Clips go through the codec, which is not to count as the model's fault, and are as long and as loud as pieces.

    Args:
        folder: keeps what was heard.

    Raises:
        CorpusError: the corpus lacks a genre, or too few of its clips can be heard.
    """
    missing = [genre for genre in genres if genre not in corpus.labels]
    if missing:
        raise CorpusError(f"{corpus.name} has no genre '{missing[0]}', only {', '.join(corpus.labels)}: choose another")
    most = max(most, FEWEST)
    path = folder / f"{_digest(corpus, genres, most, instrument, judge)}.safetensors"
    try:
        kept = load_file(path)
        return {genre: kept[str(row)] for row, genre in enumerate(genres)}
    except (OSError, SafetensorError, LookupError):
        pass  # not heard yet
    places = {}
    with progress("hearing the corpus", len(genres)) as advance:
        for genre in genres:
            sounds = list(_sounds(corpus, genre, most, instrument))
            if len(sounds) < FEWEST:
                raise CorpusError(f"{corpus.name} has {len(sounds)} clip(s) of '{genre}' to hear: add music")
            places[genre] = judge.judge(sounds, instrument.codec.sample_rate_hz).places
            advance(1)
    part = path.with_name(path.name + ".part")
    try:
        save_file({str(row): np.ascontiguousarray(places[genre]) for row, genre in enumerate(genres)}, part)
        os.replace(part, path)
    except (OSError, SafetensorError) as error:
        raise CorpusError(f"{path} cannot be written ({error}): make room and run it again") from None
    return places


def _digest(corpus: Corpus, genres: Sequence[str], most: int, instrument: Instrument, judge: Judge) -> str:
    model = [instrument.identity.digest, instrument.decoder.device.type]
    facts = [VERDICTS_VERSION, corpus.digest, list(genres), most, *model, judge.identity, CONTEXT_S, NEW_S]
    return f"corpus-{hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]}"


def _sounds(corpus: Corpus, genre: str, most: int, instrument: Instrument) -> Iterator[Floats]:
    """Of the first clips that can be read: mono samples ``(S,)``."""
    clips = sorted((clip for clip in corpus.clips if clip.label == genre), key=lambda clip: ORDER.index(clip.split))
    heard = 0
    for clip in clips:
        if heard == most:
            return
        try:
            sound = _sound(clip, instrument)
        except AudioFileError:
            continue
        heard += 1
        yield sound


def _sound(clip: Clip, instrument: Instrument) -> Floats:
    """As a piece sounds: the codec hears what comes before, so that it begins in full sound."""
    codec = instrument.codec
    longest = round((CONTEXT_S + NEW_S) * codec.sample_rate_hz)
    samples = clip.read(codec.sample_rate_hz, codec.channels)[:, :longest]
    codes = codec.encode(torch.from_numpy(np.ascontiguousarray(samples)).to(instrument.decoder.device))
    passed = codec.full_decode(codes).mean(0).cpu().numpy().astype(np.float32)
    return matched(passed[-round(NEW_S * codec.sample_rate_hz) :], codec.sample_rate_hz)
