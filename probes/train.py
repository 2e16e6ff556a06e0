"""From a corpus to a pack: record, analyse, fit, teach an ear, audition, choose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.control import ControlState, Law
from engine.instrument import Instrument
from engine.progress import Progress
from engine.steering.pack import PackDefaults, ProbePack
from probes.analyse import Finding, analyse_layer, best_layer
from probes.background import Background
from probes.choose import METHODS, Choice, choose
from probes.corpus.clip import Corpus, Split
from probes.evaluate.audition import Audition, Source
from probes.evaluate.batch import rows_at_once
from probes.evaluate.ear_training import Lesson, chosen_clips, teach
from probes.evaluate.generate import Generator, Piece, words_for
from probes.fit import Method
from probes.moments import Floats
from probes.recording import Recording, ShardRecorder, record_corpus, recording_folder

#: of a pack that nobody has heard: the authors work between 0.3 and 0.7, by a law that steers less
UNHEARD_ALPHA, UNHEARD_REDLINE = 0.3, 1.5
PROMPT_FRAMES, NEW_FRAMES = 125, 200
#: music to continue, of each genre: for candidates, for finalists, and for the winner's strengths
QUICK_SOURCES, THOROUGH_SOURCES, PATIENT_SOURCES = 1, 3, 5
#: far from an evaluation's: it plays on other music than the knobs were chosen on
SOURCE_SEED = 1_000_000_000
AUDITIONS_FOLDER = "auditions"
#: more would be played for an hour on a machine without an accelerator
MOST_LAYERS_PLAYED = 8


@dataclass(frozen=True)
class Training:
    """What came of it. The choice is None where the paper's rule alone was to decide."""

    corpus: Corpus
    recording: Recording
    findings: tuple[Finding, ...]
    pack: ProbePack
    background: Background
    lesson: Lesson
    choice: Choice | None = None

    @property
    def best(self) -> Finding:
        """The layer that the paper's rule takes."""
        return best_layer(self.findings)


def train(
    corpus: Corpus,
    instrument: Instrument,
    cache: Path,
    progress: Progress,
    by_effect: bool = True,
    batch: int = 4,
    record: ShardRecorder | None = None,
    found: Callable[[Finding], None] = lambda _: None,
) -> Training:
    """Make a pack.

    Args:
        instrument: a float32 model.
        cache: holds recordings and what was heard in auditions, so that an interrupted run goes on where it was.
        by_effect: play and judge the candidates; otherwise the paper's rule decides, at a middling strength.
        batch: clips that are recorded at a time.
        record: how shards of the corpus are recorded, if not here.
        found: hears of each layer as soon as it is analysed.
    """
    folder = recording_folder(cache, corpus, instrument)
    with progress("recording", len(corpus.clips)) as advance:
        recording = record_corpus(corpus, instrument, folder, batch, advance, record)
    findings = []
    with progress("fitting", recording.layers) as advance:
        for layer in range(recording.layers):
            findings.append(analyse_layer(recording, layer))
            found(findings[-1])
            advance(1)
    pack = make_pack(corpus, recording, findings, instrument)
    background = Background.of(recording, instrument.identity)
    with progress("teaching the ear", sum(1 for _ in chosen_clips(recording))) as advance:
        lesson = teach(recording, instrument.codec, advance)
    training = Training(corpus, recording, tuple(findings), pack, background, lesson)
    if not by_effect:
        return training
    choice = audition_pack(training, instrument, lesson, cache / AUDITIONS_FOLDER, progress)
    return replace(training, pack=chosen_pack(training, choice, lesson), choice=choice)


def stack(arrays: Iterable[Any]) -> Floats:
    """Contiguous float32, one entry per layer."""
    return np.ascontiguousarray(np.stack(list(arrays)), np.float32)


def with_method(pack: ProbePack, findings: Sequence[Finding], method: Method) -> ProbePack:
    """The pack with another method's directions."""
    return replace(pack, directions=stack(f.probes[method].directions for f in findings), method=method.value)


def make_pack(corpus: Corpus, recording: Recording, findings: Sequence[Finding], instrument: Instrument) -> ProbePack:
    """Directions of the paper's probe, readouts, and the paper's choice of layer."""
    best = best_layer(findings)
    counts = {split.value: len(recording.rows(split)) for split in Split}
    provenance = {
        "corpus": corpus.name,
        "clips": counts,
        "seconds": round(sum(clip.seconds for clip in recording.clips), 1),
        "held_out_accuracy": best.accuracy.share,
        "rule": "accuracy",
    }
    if best.style.count:
        provenance["held_out_style_accuracy"] = best.style.share
    return ProbePack(
        instrument.identity,
        recording.labels,
        stack(finding.probes[Method.MSE].directions for finding in findings),
        stack(finding.readout.weights for finding in findings),
        stack(finding.readout.bias for finding in findings),
        stack(finding.accuracy.share for finding in findings),
        np.full(len(recording.labels), UNHEARD_REDLINE, np.float32),
        PackDefaults(((best.layer, 1.0),), Law.PRESERVE, UNHEARD_ALPHA),
        best.layer,
        Method.MSE.value,
        provenance,
    )


def audition_pack(training: Training, instrument: Instrument, lesson: Lesson, kept: Path, progress: Progress) -> Choice:
    """Play candidates on the model's own music, which is what knobs will be turned on."""
    recording = training.recording
    frames = min(NEW_FRAMES, instrument.window_frames)
    prompt_frames = min(PROMPT_FRAMES, instrument.window_frames // 4)
    layers = played_layers(training.findings)
    tokens = recording.tokens
    norms = np.sqrt(np.trace(tokens.gram, axis1=1, axis2=2) / tokens.counts.sum())
    packs = {method.value: with_method(training.pack, training.findings, method) for method in METHODS}
    generator = Generator(instrument, ControlState(), rows_at_once(instrument, prompt_frames, frames))
    sources = play_sources(generator, recording.labels, prompt_frames, PATIENT_SOURCES)
    # Of two genres each is steered on the other's music alone, and a spread needs two pieces.
    fewest = 2 if len(sources) == 2 else 1
    with progress("auditioning", 0) as advance:
        quick, thorough, patient = (
            Audition(
                generator,
                packs,
                lesson.ear,
                [source for group in sources for source in group[: max(each, fewest)]],
                lesson.ear.corpus,
                frames,
                kept,
                advance,
            )
            for each in (QUICK_SOURCES, THOROUGH_SOURCES, PATIENT_SOURCES)
        )
        return choose(quick, thorough, patient, recording.labels, layers, [float(norm) for norm in norms])


def played_layers(findings: tuple[Finding, ...]) -> list[int]:
    """All layers of a small model; of a large one the most accurate."""
    ranked = sorted(findings, key=lambda finding: finding.rank, reverse=True)[:MOST_LAYERS_PLAYED]
    return sorted(finding.layer for finding in ranked)


def play_sources(generator: Generator, labels: Sequence[str], frames: int, each: int) -> list[list[Source]]:
    """Music to continue: ``each`` pieces of every genre, which the model makes from the genre's name, unsteered."""
    asked = [(label, SOURCE_SEED * (row + 1) + number) for row, label in enumerate(labels) for number in range(each)]
    sources: list[Source] = []
    for first in range(0, len(asked), generator.batch):
        group = asked[first : first + generator.batch]
        codes = generator.codes([Piece(seed, prompt=words_for(label)) for label, seed in group], frames).cpu().numpy()
        sources += [Source(label, made) for (label, _), made in zip(group, codes, strict=True)]
    return [sources[first : first + each] for first in range(0, len(sources), each)]


def chosen_pack(training: Training, choice: Choice, lesson: Lesson) -> ProbePack:
    """The pack with what the audition decided."""
    setting = choice.setting
    pack = with_method(training.pack, training.findings, Method(setting.method))
    provenance = pack.provenance | {
        "rule": "effect",
        "effect": {
            "delta": choice.effect.delta,
            "target_share": choice.effect.share,
            "frechet_ratio": choice.effect.frechet,
            "layers_by_effect": list(choice.layers),
        },
        "straightness": {
            genre: dict(zip(("before", "after"), choice.straightness(row, genre), strict=True))
            for row, genre in enumerate(pack.genres)
        },
        "ear": lesson.ear.facts,
    }
    defaults = PackDefaults(setting.layers, setting.law, setting.alpha)
    return replace(pack, defaults=defaults, redline=choice.redline, provenance=provenance, knob_map=choice.knob_map)
