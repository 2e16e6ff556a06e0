"""Real music as a yardstick: what of a corpus is heard, how, and that it is heard once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.audio.loudness import integrated_lufs
from engine.errors import CorpusError
from engine.instrument import Instrument
from engine.progress import silent
from probes.corpus.clip import Split
from probes.corpus.folder import open_folder
from probes.evaluate.judges.judge import Verdicts
from probes.evaluate.real_music import real_places
from probes.evaluate.stage import LOUDNESS_LUFS, NEW_S
from probes.moments import Doubles, Floats


class Listener:
    """Keeps what it hears; lies where a sound's brightness is."""

    name, identity, labels = "listener", "listener 1", ("drone", "hiss")
    corpus: dict[str, Doubles] = {}  # noqa: RUF012

    def __init__(self) -> None:
        self.heard: list[Floats] = []

    def judge(self, sounds: Sequence[Floats], rate_hz: int) -> Verdicts:
        self.heard += sounds
        bright = [np.abs(np.diff(sound)).mean() / np.abs(sound).mean() for sound in sounds]
        return Verdicts(np.full((len(sounds), 2), 0.5), np.array(bright)[:, None])


def test_clips_are_heard_as_pieces_are_and_once(genres: Path, tiny_instrument: Instrument, tmp_path: Path) -> None:
    corpus, judge = open_folder(genres), Listener()
    places = real_places(corpus, ("drone", "hiss"), 3, tiny_instrument, judge, tmp_path, silent)
    assert {genre: found.shape for genre, found in places.items()} == {"drone": (3, 1), "hiss": (3, 1)}
    rate_hz = tiny_instrument.codec.sample_rate_hz
    assert {len(sound) for sound in judge.heard} == {round(NEW_S * rate_hz)}
    for sound in judge.heard:
        assert integrated_lufs(sound[:, None], rate_hz) == pytest.approx(LOUDNESS_LUFS, abs=0.1)

    again = Listener()
    kept = real_places(corpus, ("drone", "hiss"), 3, tiny_instrument, again, tmp_path, silent)
    assert not again.heard
    for genre, found in places.items():
        np.testing.assert_array_equal(kept[genre], found)
    again.identity = "listener 2"
    real_places(corpus, ("drone", "hiss"), 3, tiny_instrument, again, tmp_path, silent)
    assert len(again.heard) == 6, "another judge hears for itself"


def test_the_codec_is_heard_too(genres: Path, tiny_instrument: Instrument, tmp_path: Path) -> None:
    """What it does to any music is not what steering does to a piece."""
    corpus, judge = open_folder(genres), Listener()
    real_places(corpus, ("drone", "hiss"), 2, tiny_instrument, judge, tmp_path, silent)
    codec = tiny_instrument.codec
    first = next(clip for clip in corpus.clips if clip.label == "drone" and clip.split is Split.TEST)
    original = first.read(codec.sample_rate_hz, codec.channels)[0]
    heard = judge.heard[0]
    likeness = np.corrcoef(heard, original[-len(heard) :])[0, 1]
    assert abs(likeness) < 0.9, "a tiny codec of random weights leaves little as it was"


def test_a_corpus_without_the_genres_is_refused(genres: Path, tiny_instrument: Instrument, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="has no genre 'polka', only clicks, drone, hiss: choose another"):
        real_places(open_folder(genres), ("hiss", "polka"), 3, tiny_instrument, Listener(), tmp_path, silent)
