from __future__ import annotations

import numpy as np
import pytest

from probes.corpus.composed.compose import compose
from probes.corpus.composed.filters import SAMPLE_RATE_HZ
from probes.corpus.composed.make import choose_solo, make, sounds
from probes.corpus.composed.plan import Clip, Kind, plan_clip
from probes.corpus.composed.render import Renderer
from probes.corpus.composed.song import Song


class Faulty(Renderer):
    """Renders what it is given, one after another, then noise."""

    def __init__(self, *faults: np.ndarray) -> None:
        self.faults = list(faults)
        self.songs: list[Song] = []

    def render(self, song: Song, solo: str | None = None) -> np.ndarray:
        self.songs.append(song)
        return self.faults.pop(0) if self.faults else noise()


def noise(seconds: float = 3.0) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.2, 0.2, int(seconds * SAMPLE_RATE_HZ)).astype(np.float32)


def broken() -> dict[str, np.ndarray]:
    gap, nan, loud = noise(), noise(), noise()
    gap[:40_000] = 0
    nan[5] = np.nan
    loud[5] = 0.99
    return {"silent": noise() * 0, "gap": gap, "nan": nan, "loud": loud, "short": noise(2.0)}


@pytest.mark.parametrize("name", ["silent", "gap", "nan", "loud", "short"])
def test_broken_clips_are_made_again_with_the_next_seed(name: str) -> None:
    clip = Clip("rock", 0, "punk rock", Kind.BAND, "train", (11, 12, 13))
    sound, facts = make(clip, 3.0, Faulty(broken()[name]))
    assert facts["seed"] == 12
    assert facts["bpm"] == compose("rock", 12, "punk rock", 3.0).facts()["bpm"]
    np.testing.assert_array_equal(sound, noise())


def test_a_clip_that_never_sounds_is_our_failure() -> None:
    clip = Clip("rock", 0, "punk rock", Kind.BAND, "train", (1, 2))
    with pytest.raises(RuntimeError, match="silent or broken"):
        make(clip, 3.0, Faulty(*[noise() * 0] * 2))


def test_a_solo_that_never_sounds_becomes_a_band() -> None:
    clip = Clip("rock", 0, "punk rock", Kind.SOLO, "train", (1, 2))
    _, facts = make(clip, 3.0, Faulty(*[noise() * 0] * 2))
    assert facts["solo"] is False
    assert len(facts["instruments"]) > 1


def test_solos_may_rest_longer_than_bands() -> None:
    gap = broken()["gap"]
    gap[32_000:40_000] = 0.1
    assert not sounds(gap, 3.0, Kind.BAND)
    assert sounds(gap, 3.0, Kind.SOLO)


def test_solo_clips_name_their_instrument_alone() -> None:
    clip = Clip("jazz", 4, "big band", Kind.SOLO, "train", (5,))
    renderer = Faulty()
    _, facts = make(clip, 3.0, renderer)
    (instrument,) = facts["instruments"]
    others = {track.name for track in renderer.songs[0].tracks} - {instrument}
    prompts = facts["prompts"]
    assert facts["solo"] is True
    assert all(instrument in prompt for prompt in prompts)
    assert not any(other in prompt.replace(instrument, "") for prompt in prompts for other in others)


def test_the_soloist_plays_most_of_the_time() -> None:
    for seed in range(10):
        song = compose("rock", seed, "indie rock", 10.0)
        name = choose_solo(song, np.random.default_rng(seed))
        track = next(track for track in song.tracks if track.name == name)
        assert track.is_melodic
        assert sum(note.beats for note in track.notes) > 0.3 * song.beats


def test_entries_have_what_readers_of_the_corpus_expect(renderer: Renderer) -> None:
    clip = plan_clip("electronic", 3)
    sound, facts = make(clip, 2.0, renderer)
    assert len(sound) == 2 * SAMPLE_RATE_HZ
    song = {"genre", "style", "song", "bpm", "metre", "key", "mode", "instruments", "prompts"}
    clip_facts = {"id", "split", "seed", "seconds", "sample_rate", "solo"}
    assert set(facts) == song | clip_facts
    assert facts["id"] == "electronic-00003"
    assert facts["sample_rate"] == 32_000
