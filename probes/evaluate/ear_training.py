"""Teaches an ear a recorded corpus, and examines it on the songs and styles that were held out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import AudioFileError
from engine.model.codec import Codec
from probes.corpus.clip import Clip, Split
from probes.evaluate.features import describe
from probes.evaluate.judges.ear import Ear, train_ear, windows
from probes.moments import Doubles, Floats
from probes.recording import Recording
from probes.score import Accuracy

TRAIN_CLIPS, HELD_OUT_CLIPS = 120, 40  # of each genre
SIDES = {Split.TRAIN: Split.TRAIN, Split.VALID: Split.TRAIN, Split.TEST: Split.TEST, Split.STYLE: Split.STYLE}


@dataclass(frozen=True)
class Lesson:
    """An ear, and how often it was right.

    Attributes:
        original, passthrough: right answers about whole clips of held-out songs, as they are and through the codec.
        style_passthrough: about clips of held-out sub-styles, through the codec.
    """

    ear: Ear
    original: Accuracy
    passthrough: Accuracy
    style_passthrough: Accuracy


@dataclass
class _Clips:
    """Features of the windows of some clips, each with its class and the number of its clip."""

    features: list[Floats] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    clips: list[int] = field(default_factory=list)

    def add(self, sound: Floats, rate_hz: int, target: int, clip: int) -> None:
        for window in windows(sound, rate_hz):
            self.features.append(describe(window, rate_hz))
            self.targets.append(target)
            self.clips.append(clip)


def chosen_clips(recording: Recording) -> Iterator[tuple[int, Clip, NDArray[np.int64]]]:
    """(number, clip, codes) of as many clips of each genre and side as an ear needs."""
    taken: Counter[tuple[str, Split]] = Counter()
    for number, (clip, codes) in enumerate(zip(recording.clips, recording.codes(), strict=True)):
        side = SIDES[clip.split]
        if taken[clip.label, side] < (TRAIN_CLIPS if side is Split.TRAIN else HELD_OUT_CLIPS):
            taken[clip.label, side] += 1
            yield number, clip, codes


def teach(recording: Recording, codec: Codec, advance: Callable[[int], None] = lambda _: None) -> Lesson:
    """Train on originals and on what the codec makes of them; judge each apart."""
    heard = {(side, through): _Clips() for side in set(SIDES.values()) for through in (False, True)}
    for number, clip, codes in chosen_clips(recording):
        try:
            original = clip.read(codec.sample_rate_hz, codec.channels).mean(0)
        except AudioFileError:
            continue  # it was there when it was recorded
        passed = codec.full_decode(torch.from_numpy(codes)).mean(0).cpu().numpy()
        target, side = recording.labels.index(clip.label), SIDES[clip.split]
        heard[side, False].add(original, codec.sample_rate_hz, target, number)
        heard[side, True].add(passed, codec.sample_rate_hz, target, number)
        advance(1)
    learnt = [heard[Split.TRAIN, through] for through in (False, True)]
    features = np.stack([row for part in learnt for row in part.features])
    targets = np.array([target for part in learnt for target in part.targets])
    ear = train_ear(features, targets, recording.labels)
    original, passthrough, style = (
        _examine(ear, heard[key]) for key in ((Split.TEST, False), (Split.TEST, True), (Split.STYLE, True))
    )
    facts: dict[str, Any] = {
        "clips": len(set(learnt[0].clips)),
        "held_out_accuracy": {"original": original.share, "passthrough": passthrough.share},
        "held_out_clips": passthrough.count,
    }
    if style.count:
        facts["held_out_accuracy"]["styles_passthrough"] = style.share
    places = _by_clip(learnt[1], ear.places(np.stack(learnt[1].features)))
    classes = _by_clip(learnt[1], np.array(learnt[1].targets, np.float64)[:, None])[:, 0]
    corpus = {label: places[classes == index] for index, label in enumerate(ear.labels)}
    return Lesson(replace(ear, facts=facts, corpus=corpus), original, passthrough, style)


def _by_clip(clips: _Clips, values: Doubles) -> Doubles:
    """Means over each clip's windows."""
    numbers = np.array(clips.clips)
    return np.stack([values[numbers == number].mean(0) for number in sorted(set(clips.clips))])


def _examine(ear: Ear, clips: _Clips) -> Accuracy:
    if not clips.features:
        return Accuracy(0, 0)
    told = _by_clip(clips, ear.shares(np.stack(clips.features))).argmax(1)
    truth = _by_clip(clips, np.array(clips.targets, np.float64)[:, None])[:, 0]
    return Accuracy(int((told == truth).sum()), len(told))
