"""``segue study`` as a user runs it: words in, one line of complaint or one object out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import main
from engine.instrument import Instrument
from engine.steering.pack import PackDefaults, ProbePack
from engine.study.plan import Arm, Study
from engine.study.sheet import Answer, Group, open_sheet


@pytest.fixture(scope="module")
def study(tiny_spectral: Path, tiny_instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Made by the command: one transition, the shortest clips."""
    folder = tmp_path_factory.mktemp("study")
    directions = np.random.default_rng(0).standard_normal((3, 2, 64)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    ProbePack(
        tiny_instrument.identity,
        ("jazz", "rock"),
        directions,
        directions,
        np.zeros((3, 2), np.float32),
        np.ones(3, np.float32),
        np.ones(2, np.float32),
        PackDefaults(((1, 1.0),)),
        1,
        "random",
    ).save(folder / "pack.safetensors")
    words = ["study", "new", str(folder / "one"), "--model", str(tiny_spectral), "--transitions", "jazz:rock"]
    words += ["--pack", str(folder / "pack.safetensors"), "--sources", "2", "--seconds", "2", "--json"]
    assert main.main(words) == 0
    return Study.load(folder / "one")


def test_new(study: Study, tiny_instrument: Instrument) -> None:
    assert len(study.clips) == 4 + 10 * 4
    assert len(study.booklets[0]) == 10
    assert (study.model, study.facts["clip_s"]) == (tiny_instrument.identity.name, 2.0)
    study.check_clips()


def test_every_action_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    for action, words in (("new", "make the clips"), ("score", "count the answers")):
        with pytest.raises(SystemExit):
            main.main(["study", action, "--help"])
        assert words in capsys.readouterr().out


def test_score(study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["study", "score", str(study.folder)]) == 2
    assert "nobody has taken part yet" in capsys.readouterr().err
    sheet = open_sheet(study, "P01", Group.LISTENER)
    for trial in sheet.trials:
        sheet = sheet.with_answer(Answer(trial.right, 1.0, {"a": 1, "b": 1, "x": 0}))
    out = tmp_path / "table.md"
    assert main.main(["study", "score", str(study.folder), "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["participants"] == {"listener": 1}
    cells = {(cell["arm"], cell["source"]): cell for cell in told["cells"]}
    assert (cells["preference", "jazz"]["right"], cells["preference", "jazz"]["trials"]) == (6, 6)
    assert cells[Arm.ABX.value, None]["share"] == 1.0
    assert "| jazz → rock | 6/6 | 1.000 |" in out.read_text(encoding="utf-8")
    assert main.main(["study", "score", str(sheet.path), "-o", str(out)]) == 2
    assert "--force" in capsys.readouterr().err
    assert main.main(["study", "score", str(sheet.path), "-o", str(out), "--force"]) == 0
    assert "1 listener." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["new", "{tmp}/s", "--sources", "0"], "0 sources"),
        (["new", "{tmp}/s", "--seconds", "0"], "--seconds must lie"),
        (["new", "{tmp}/s", "--seconds", "nan"], "--seconds must lie"),
        (["new", "{tmp}/s", "--transitions", "jazz"], "'jazz' is no transition"),
        (["new", "{tmp}/s", "--transitions", "jazz:polka", "--sources", "1"], "polka"),
        (["new", "{tmp}/none/s"], "there is no folder"),
        (["new", "{tmp}"], "is not empty"),
        (["new", "{tmp}/s", "--model", "{tmp}/none"], "none"),
        (["new", "{tmp}/s", "--pack", "{tmp}/file"], "file"),
        (["score", "{tmp}/none.json"], "does not exist"),
        (["score", "{tmp}"], "does not exist"),
        (["score", "{tmp}/file"], "is damaged"),
        (["score", "{tmp}/file", "-o", "{tmp}/none/table.md"], "there is no folder"),
    ],
)
def test_mistakes_are_one_line(
    words: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("rubbish", encoding="utf-8")
    assert main.main(["study", *(word.replace("{tmp}", str(tmp_path)) for word in words)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("segue: ")
    assert complaint in line
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
