"""A composed corpus as probes see it: a fifth of the songs held out, no solos, whole styles held out, torn lines left out."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.errors import CorpusError
from engine.progress import silent
from probes.corpus.clip import Clip, Split
from probes.corpus.composed.plan import plan_clip
from probes.corpus.composed_corpus import BASE_SEED, FEWEST_CLIPS, MANIFEST, compose_corpus, open_composed
from probes.corpus.open import open_corpus

GENRES = ("classical", "electronic", "jazz", "rock")


def write(folder: Path, clips: int, seconds: float = 10.0) -> Path:
    """Of each genre the last style is held out; every fifth clip is a solo."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for genre in GENRES:
        for number in range(clips):
            name = f"{genre}-{number:05d}"
            samples = 0.1 * np.random.default_rng(number).standard_normal(round(800 * seconds))
            soundfile.write(folder / f"{name}.flac", samples, 800)
            split = ("train", "train", "valid", "test", "style", "train")[number % 6]
            row = {"id": name, "file": f"{name}.flac", "genre": genre, "style": f"{genre} {split == 'style'}"}
            row |= {"song": name, "split": split, "prompts": [f"{genre} music"], "seconds": seconds}
            lines.append(json.dumps(row | {"solo": number % 5 == 4}) + "\n")
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")
    return folder


def test_every_side_has_all_genres_alike(tmp_path: Path) -> None:
    corpus = open_composed(write(tmp_path, clips=18))
    assert corpus.labels == GENRES
    assert {clip.split for clip in corpus.clips} == set(Split)
    assert all(clip.prompt == f"{clip.label} music" for clip in corpus.clips)
    count = Counter((clip.split, clip.label) for clip in corpus.clips)
    for side in Split:
        assert len({count[side, genre] for genre in GENRES}) == 1


def test_as_many_songs_are_held_out_as_of_music_that_is_composed_for_it(tmp_path: Path) -> None:
    """The manifest holds out less: it was written for whoever trains a model."""
    corpus = open_composed(write(tmp_path, clips=60))
    count = Counter(clip.split for clip in corpus.clips if clip.split is not Split.STYLE)
    assert count[Split.TEST] / count.total() == pytest.approx(0.2, abs=0.03)
    assert count[Split.VALID] / count.total() == pytest.approx(0.1, abs=0.03)


def test_no_style_stands_on_two_sides(tmp_path: Path) -> None:
    corpus = open_composed(write(tmp_path, clips=18))
    styles = {clip.style for clip in corpus.clips if clip.split is Split.STYLE}
    assert len(styles) == len(GENRES)
    assert not styles & {clip.style for clip in corpus.clips if clip.split is not Split.STYLE}


def test_solos_are_left_out(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (write(tmp_path, clips=18) / MANIFEST).read_text("utf-8").splitlines()]
    solos = {row["id"] for row in rows if row["solo"]}
    assert solos
    assert not solos & {clip.song for clip in open_composed(tmp_path).clips}


def test_long_clips_give_several_segments(tmp_path: Path) -> None:
    corpus = open_composed(write(tmp_path, clips=12, seconds=25.0))
    starts = {clip.start_s for clip in corpus.clips}
    assert starts == {0.0, 10.0}
    assert corpus.clips[0].read(800, 1).shape == (1, 8_000)


def test_a_torn_last_line_and_missing_files_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, clips=12)
    with (tmp_path / MANIFEST).open("a", encoding="utf-8") as file:
        file.write('{"id": "torn", "fi')
    (tmp_path / "jazz-00000.flac").unlink()
    corpus = open_composed(tmp_path)
    assert "jazz-00000" not in {clip.song for clip in corpus.clips}
    assert any("jazz-00000.flac: missing" in line for line in corpus.skipped)


@pytest.mark.parametrize("text", ["no json\n", '{"id": 1}\n', '{"solo": false, "file": "x"}\n', ""])
def test_a_foreign_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError):
        open_composed(tmp_path)


def test_composed_songs_are_new_and_more_are_held_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def write_corpus(folder: Path, **settings: Any) -> SimpleNamespace:
        asked.update(settings)
        write(folder, settings["clips_per_genre"])
        return SimpleNamespace(interrupted=False)

    monkeypatch.setattr("probes.corpus.composed.write.write_corpus", write_corpus)
    corpus = compose_corpus(tmp_path / "composed", clips_per_genre=60, progress=silent)
    # Pocket learnt from the songs of base seed 0.
    assert asked["base_seed"] == BASE_SEED != 0
    assert corpus.name == "composed"
    count = Counter(clip.split for clip in corpus.clips)
    share = count[Split.TEST] / (count[Split.TEST] + count[Split.TRAIN] + count[Split.VALID])
    assert share == pytest.approx(0.2, abs=0.03)
    assert count[Split.STYLE] == 4 * 8
    sides: dict[str, set[Split]] = {}
    for clip in corpus.clips:
        sides.setdefault(clip.song, set()).add(clip.split)
    assert all(len(side) == 1 for side in sides.values())


def test_a_smaller_corpus_is_the_beginning_of_a_larger_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "composed", 60)
    monkeypatch.setattr(
        "probes.corpus.composed.write.write_corpus", lambda _folder, **_: SimpleNamespace(interrupted=False)
    )
    corpus = open_corpus("composed:24", tmp_path, silent)
    assert {int(clip.song.rsplit("-")[-1]) for clip in corpus.clips} <= set(range(24))
    assert len(corpus.clips) > 4 * 12


def test_the_fewest_clips_are_enough_and_fewer_are_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.corpus.composed.write.write_corpus", lambda *_, **__: pytest.fail("composed"))
    for few in (0, FEWEST_CLIPS - 1):
        with pytest.raises(CorpusError, match=f"ask for composed:{FEWEST_CLIPS} or more"):
            open_corpus(f"composed:{few}", tmp_path, silent)
    # The plan alone decides: what would be composed can be split.
    plans = [plan_clip(genre, index, BASE_SEED) for genre in GENRES for index in range(FEWEST_CLIPS)]
    clips = [
        Clip(tmp_path, 0.0, 10.0, plan.genre, plan.name, plan.style, Split(plan.split))
        for plan in plans
        if plan.kind == "band"
    ]
    monkeypatch.setattr(
        "probes.corpus.composed.write.write_corpus", lambda *_, **__: SimpleNamespace(interrupted=False)
    )
    monkeypatch.setattr("probes.corpus.composed_corpus.list_clips", lambda *_: (clips, []))
    assert {clip.split for clip in open_corpus(f"composed:{FEWEST_CLIPS}", tmp_path, silent).clips} >= {
        Split.TRAIN,
        Split.TEST,
    }


def test_composing_that_is_stopped_stops_what_needed_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "composed", 24)
    monkeypatch.setattr(
        "probes.corpus.composed.write.write_corpus", lambda _folder, **_: SimpleNamespace(interrupted=True)
    )
    with pytest.raises(KeyboardInterrupt):
        open_corpus("composed:24", tmp_path, silent)


def test_words_for_corpora(tmp_path: Path) -> None:
    assert open_corpus(str(write(tmp_path / "c", clips=12)), tmp_path).labels == GENRES
    for label in ("a", "b"):
        for song in range(3):
            (tmp_path / "f" / label).mkdir(parents=True, exist_ok=True)
            samples = 0.1 * np.random.default_rng(song).standard_normal(6 * 8_000)
            soundfile.write(tmp_path / "f" / label / f"{song}.wav", samples, 8_000)
    assert open_corpus(str(tmp_path / "f"), tmp_path).labels == ("a", "b")
    with pytest.raises(CorpusError, match="give composed, composed:CLIPS, a folder"):
        open_corpus("jazz", tmp_path)
