from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import CorpusError
from engine.progress import bars, lines
from probes.commands import corpus
from probes.corpus.composed import write


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    corpus.configure(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize("json", [True, False])
def test_compose_passes_its_options_on_and_returns_a_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], json: bool
) -> None:
    asked: dict[str, object] = {}

    def record(folder: Path, **settings: object) -> write.Summary:
        asked.update(folder=folder, **settings)
        return write.Summary(folder, 7, 1, {"train": 8}, interrupted=True)

    monkeypatch.setattr(write, "write_corpus", record)
    words = ["compose", str(tmp_path), "--clips-per-genre", "2", "--seconds", "3.5", "--workers", "2"]
    result = corpus.run(options(*(["--json"] if json else []), *words))
    told = {"progress": lines if json else bars}
    assert asked == {"folder": tmp_path, "clips_per_genre": 2, "seconds": 3.5, "workers": 2, **told}
    assert result["written"] == 7
    assert result["splits"] == {"train": 8}
    assert result["interrupted"] is True
    assert ("7 clips composed" in capsys.readouterr().out) is not json


def test_show_tells_what_a_folder_holds_and_what_it_cannot_use(writing: Callable[..., Path], tmp_path: Path) -> None:
    music = writing(tmp_path / "music", songs=4, seconds=12.0, genres=2)
    (music / "drone" / "broken.wav").write_bytes(b"nothing")
    result = corpus.run(options("--json", "show", str(music)))
    assert result["genres"] == [
        {"genre": genre, "clips": 4, "songs": 4, "seconds": pytest.approx(40.0)} for genre in ("clicks", "drone")
    ]
    assert len(result["skipped"]) == 1
    assert "broken.wav" in result["skipped"][0]


def test_show_takes_no_folder_for_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CorpusError, match="no corpus at"):
        corpus.run(options("--json", "show", "composed"))


def test_an_action_is_needed() -> None:
    with pytest.raises(SystemExit):
        options()


def test_the_command_line_loads_without_the_composer() -> None:
    code = (
        "import sys, probes.commands.corpus; print([m for m in ('numpy', 'scipy', 'fluidsynth') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
