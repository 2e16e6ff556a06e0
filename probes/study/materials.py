"""The clips of a study: sources from their genre's prompt, each continued steered, prompted, unsteered and at random.

A stopped run is gone on with: clips are written whole and levelled together with all that they are compared with,
``study.json`` last of all. Until then the folder holds :data:`UNFINISHED`, which knows what was asked.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.control import ControlState
from engine.errors import StudyError
from engine.instrument import PROMPT_SECONDS, Instrument
from engine.progress import Progress
from engine.steering.blend import Blend, blend
from engine.steering.pack import ProbePack
from engine.study.begun import UNFINISHED
from engine.study.plan import CLIPS_NAME, PLAN_NAME, VERSION, Study
from probes.evaluate.generate import Generator, Piece, words_for
from probes.evaluate.transitions import along
from probes.moments import Floats
from probes.study.design import Design, Item, Source, Transition, Version, lay_out
from probes.study.levels import TARGET_LUFS, match

#: of the facts: whoever lays studies out in another way makes other clips under the same names
LAYOUT = 2
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Request:
    """What a study is made of.

    Attributes:
        transitions, sources, seed: see :func:`probes.study.design.lay_out`.
        seconds: length of a clip.
    """

    transitions: tuple[Transition, ...]
    sources: int
    seed: int
    seconds: float = 10.0


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds something else, before any work is done.

    Raises:
        StudyError: a finished study, or files that are none of ours.
    """
    if (folder / PLAN_NAME).exists():
        raise StudyError(f"{folder} holds a study already: choose another folder")
    if folder.exists() and not folder.is_dir():
        raise StudyError(f"{folder} is no folder: choose another name")
    if not folder.parent.is_dir():
        raise StudyError(f"there is no folder {folder.parent}: make it first")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / UNFINISHED).exists():
        raise StudyError(f"{folder} is not empty: choose another folder")


def make_study(
    folder: Path, request: Request, instrument: Instrument, pack: ProbePack, progress: Progress, batch: int = 16
) -> Study:
    """Make a study, or go on making it; returns it.

    Raises:
        StudyError: the folder is in use, or the disk full.
        PackError: the pack lacks a genre.
    """
    check_folder(folder)
    for transition in request.transitions:
        pack.index(transition.source)
        pack.index(transition.target)
    design = lay_out(request.transitions, request.sources, request.seed)
    try:
        return _Making(folder, request, design, instrument, pack, progress, batch).run()
    except (OSError, soundfile.LibsndfileError) as error:
        raise StudyError(
            f"{folder} cannot be written ({error}): make room there and give the same words again"
        ) from None


class _Making:
    def __init__(
        self,
        folder: Path,
        request: Request,
        design: Design,
        instrument: Instrument,
        pack: ProbePack,
        progress: Progress,
        batch: int,
    ) -> None:
        self._folder, self._request, self._design = folder, request, design
        self._instrument, self._pack, self._progress = instrument, pack, progress
        self._batch = batch
        self._generator = Generator(instrument, ControlState(), batch)
        self._frames = round(request.seconds * instrument.frame_rate_hz)
        self._prompt_frames = round(PROMPT_SECONDS * instrument.frame_rate_hz)
        # What is asked, by whom: a run that goes on must ask for the very same.
        self._facts: dict[str, Any] = {
            "version": VERSION,
            "layout": LAYOUT,
            "model_digest": instrument.identity.digest,
            "pack_digest": pack.digest,
            "transitions": [[transition.source, transition.target] for transition in request.transitions],
            "sources": request.sources,
            "seed": request.seed,
            "clip_s": request.seconds,
            "target_lufs": TARGET_LUFS,
        }

    def run(self) -> Study:
        self._folder.mkdir(exist_ok=True)
        codes = self._sources()
        self._continuations(codes)
        names = sorted(self._design.names.values())
        clips = {name: hashlib.sha256(self._path(name).read_bytes()).hexdigest() for name in names}
        identity = self._instrument.identity
        study = Study(
            self._folder,
            self._request.seed,
            identity.name,
            self._instrument.licence,
            clips,
            self._design.booklets,
            self._facts,
        ).save()
        (self._folder / UNFINISHED).unlink()
        return study

    # Sources

    def _sources(self) -> dict[Source, Codes]:
        """Their codes, made or, by a run that goes on, read; their clips are there in either case."""
        path = self._folder / UNFINISHED
        codes = self._read_sources(path) if path.exists() else self._make_sources(path)
        (self._folder / CLIPS_NAME).mkdir(exist_ok=True)
        if not all(self._path(self._design.names[source]).exists() for source in codes):
            sounds = [self._sound(each, self._frames) for each in codes.values()]
            self._write(list(codes), match(sounds, self._rate_hz))
        return codes

    def _make_sources(self, path: Path) -> dict[Source, Codes]:
        frames = max(self._frames, self._prompt_frames)
        pieces = [
            Piece(_seed(self._request.seed, "source", source.genre, source.number), prompt=words_for(source.genre))
            for source in self._design.sources
        ]
        made: list[Codes] = []
        with self._progress("making sources", len(pieces)) as advance:
            for first in range(0, len(pieces), self._batch):
                group = pieces[first : first + self._batch]
                made += [codes.cpu().numpy().astype(np.int64) for codes in self._generator.codes(group, frames)]
                advance(len(group))
        codes = dict(zip(self._design.sources, made, strict=True))
        part = path.with_name(f".{path.name}.part")
        arrays = {f"{source.genre}/{source.number}": each.astype(np.int16) for source, each in codes.items()}
        save_file(arrays, part, metadata={"request": json.dumps(self._facts, sort_keys=True)})
        os.replace(part, path)
        return codes

    def _read_sources(self, path: Path) -> dict[Source, Codes]:
        try:
            with safe_open(path, "numpy") as file:
                asked = json.loads((file.metadata() or {}).get("request", "null"))
                if asked != self._facts:
                    raise StudyError(
                        f"{self._folder} holds an unfinished study of other words, another model or another Segue: give "
                        "those again, or choose another folder"
                    )
                return {
                    source: file.get_tensor(f"{source.genre}/{source.number}").astype(np.int64)
                    for source in self._design.sources
                }
        except (SafetensorError, ValueError):
            raise StudyError(f"{path} is damaged: delete {self._folder} and begin again") from None

    # Continuations

    def _continuations(self, codes: dict[Source, Codes]) -> None:
        """All versions of an item share seed and prompt, are made in one batch, and are levelled together."""
        per_batch = max(1, self._batch // len(Version))
        missing = [item for item in self._design.items if not self._is_made(item)]
        done = len(self._design.items) - len(missing)
        with self._progress("continuing them four ways", len(self._design.items)) as advance:
            advance(done)
            for first in range(0, len(missing), per_batch):
                group = missing[first : first + per_batch]
                pieces = [piece for item in group for piece in self._pieces(item, codes[item.source])]
                sounds = self._generator.sounds(pieces, self._frames)
                for item in group:
                    clips = [clip for clip, _ in itertools.islice(sounds, len(Version))]
                    self._write([(item, version) for version in Version], match(clips, self._rate_hz))
                    advance(1)

    def _pieces(self, item: Item, source: Codes) -> Iterator[Piece]:
        transition, prompt = item.transition, source[:, -self._prompt_frames :]
        seed = _seed(self._request.seed, str(transition), item.source.number, item.round)
        steered = blend(ControlState(blend=((transition.target, 1.0),)), self._pack)
        for version in Version:
            match version:
                case Version.STEERED:
                    yield Piece(seed, steered, prompt_codes=prompt)
                case Version.PROMPTED:
                    yield Piece(seed, prompt=words_for(transition.source, transition.target), prompt_codes=prompt)
                case Version.UNSTEERED:
                    yield Piece(seed, prompt_codes=prompt)
                case Version.RANDOM:
                    yield Piece(seed, random_twin(steered, seed), prompt_codes=prompt)

    def _is_made(self, item: Item) -> bool:
        return all(self._path(self._design.names[item, version]).exists() for version in Version)

    # Files

    @property
    def _rate_hz(self) -> int:
        return self._instrument.codec.sample_rate_hz

    def _sound(self, codes: Codes, frames: int) -> Floats:
        samples = self._instrument.codec.full_decode(torch.from_numpy(codes).to(self._instrument.decoder.device))
        mono: Floats = samples.mean(0).cpu().numpy().astype(np.float32)
        return mono[-frames * self._instrument.codec.hop_samples :]

    def _path(self, name: str) -> Path:
        return self._folder / CLIPS_NAME / name

    def _write(self, clips: Sequence[Source | tuple[Item, Version]], sounds: Sequence[Floats]) -> None:
        for clip, sound in zip(clips, sounds, strict=True):
            path = self._path(self._design.names[clip])
            part = path.with_name(f".{path.name}.part")
            soundfile.write(part, sound, self._rate_hz, subtype="PCM_24", format="FLAC")
            os.replace(part, path)


def random_twin(steered: Blend, seed: int) -> Blend:
    """A blend that pushes every layer as far, in a random direction."""
    rng = np.random.default_rng(seed)
    return along(steered, lambda layer: rng.standard_normal(len(steered.offsets[layer].vector)))


def _seed(*parts: int | str) -> int:
    """Below 2³¹, and another for all other parts."""
    return int.from_bytes(hashlib.sha256(json.dumps(parts).encode()).digest()[:4], "little") >> 1
