from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert asked == {"folder": tmp_path, "clips_per_genre": 2, "seconds": 3.5, "workers": 2, "progress": not json}
    assert result["written"] == 7
    assert result["splits"] == {"train": 8}
    assert result["interrupted"] is True
    assert ("7 clips composed" in capsys.readouterr().out) is not json


def test_an_action_is_needed() -> None:
    with pytest.raises(SystemExit):
        options()


def test_the_command_line_loads_without_the_composer() -> None:
    code = (
        "import sys, probes.commands.corpus; print([m for m in ('numpy', 'scipy', 'fluidsynth') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
