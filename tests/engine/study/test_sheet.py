"""Studies and sheets on disk: what is written is read again, what was touched is refused, nothing is lost."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import StudyError
from engine.study import sealed
from engine.study.plan import Arm, Study, Trial
from engine.study.sheet import Answer, Group, Sheet, open_sheet, sheets_of

TRIALS = (
    Trial(Arm.PREFERENCE, "jazz", "rock", "1.flac", "2.flac", "b"),
    Trial(Arm.CHECK, "rock", "jazz", "3.flac", "1.flac", "a"),
    Trial(Arm.ABX, "jazz", "rock", "1.flac", "3.flac", "b", "3.flac"),
)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    (tmp_path / "clips").mkdir()
    digests = {}
    for name in ("1.flac", "2.flac", "3.flac"):
        (tmp_path / "clips" / name).write_bytes(name.encode())
        digests[name] = hashlib.sha256(name.encode()).hexdigest()
    return Study(tmp_path, 7, "toy", "CC0-1.0", digests, (TRIALS, TRIALS[::-1]), {"clip_s": 10.0}).save()


def answer(choice: str) -> Answer:
    return Answer(choice, 12.5, {"a": 2, "b": 1, "x": 0})


def edit(path: Path, change: Any, seal: bool = False) -> None:
    """Change a file as an editor would, or as an older Segue would have written it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    if seal:
        content["seal"] = sealed.seal(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_a_study_is_read_as_it_was_written(study: Study) -> None:
    assert Study.load(study.folder) == study
    study.check_clips()
    assert len(study.digest) == 64


def test_answers_are_on_disk_after_every_trial_and_are_gone_on_with(study: Study) -> None:
    sheet = open_sheet(study, "P01", Group.MUSICIAN)
    assert (sheet.booklet, sheet.trials) == (0, TRIALS)
    for choice in "aba":
        sheet = sheet.with_answer(answer(choice))
        again = open_sheet(Study.load(study.folder), "p01", Group.MUSICIAN)
        assert again == sheet, "the same participant, however the code is typed"
    assert sheet.finished
    assert [each.choice for each in sheet.answers] == list("aba")
    assert open_sheet(study, "P02", Group.LISTENER).booklet == 1
    assert open_sheet(study, "P03", Group.LISTENER).booklet == 0, "after the last booklet the first again"
    assert [each.participant for each in sheets_of(study)] == ["P01", "P03", "P02"]
    assert not list(study.answers.glob(".*")), "no draft is left"


def test_a_participant_stays_in_the_group(study: Study) -> None:
    open_sheet(study, "P01", Group.MUSICIAN)
    with pytest.raises(StudyError, match="P01 has begun as a musician"):
        open_sheet(study, "P01", Group.LISTENER)


@pytest.mark.parametrize("code", ["", "a b", "../x", "con", "LPT1", "x" * 41, ".hidden", "-", "a/b"])
def test_impossible_codes(study: Study, code: str) -> None:
    with pytest.raises(StudyError, match="code"):
        open_sheet(study, code, Group.LISTENER)
    assert not study.answers.exists()


def test_a_failed_write_loses_nothing(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = open_sheet(study, "P01", Group.MUSICIAN).with_answer(answer("a"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.replacing.os.replace", full)
    with pytest.raises(StudyError, match="No space left"):
        sheet.with_answer(answer("b"))
    monkeypatch.undo()
    assert Sheet.load(sheet.path) == sheet
    assert sheet.with_answer(answer("b")).answers[1].choice == "b"


@pytest.mark.parametrize("name", ["study.json", "answers/P01.json"])
def test_files_that_were_edited_are_refused(study: Study, name: str) -> None:
    open_sheet(study, "P01", Group.MUSICIAN).with_answer(answer("a"))
    path = study.folder / name

    def flip(content: Any) -> None:
        trials = content["booklets"][0] if "booklets" in content else content["trials"]
        trials[0]["right"] = "a"

    edit(path, flip)
    with pytest.raises(StudyError, match="has been changed since Segue wrote it"):
        Study.load(study.folder) if name == "study.json" else Sheet.load(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "of version 2"),
        ({"format": "segue-take"}, "no segue-study file"),
        ({"booklets": []}, "clips that it does not have"),
        ({"booklets": [[{"arm": "odd"}]]}, "a trial that cannot be read"),
        ({"booklets": 3}, "lacks what a study needs"),
        ({"clips": {"1.flac": "0"}}, "clips that it does not have"),
    ],
)
def test_files_of_others_are_refused_though_sealed(study: Study, change: dict[str, Any], words: str) -> None:
    edit(study.folder / "study.json", lambda content: content.update(change), seal=True)
    with pytest.raises(StudyError, match=words) as refused:
        Study.load(study.folder)
    assert "\n" not in str(refused.value)


def test_clips_cannot_lie_elsewhere(study: Study) -> None:
    def point_elsewhere(content: Any) -> None:
        content["clips"]["../3.flac"] = "0"

    edit(study.folder / "study.json", point_elsewhere, seal=True)
    with pytest.raises(StudyError, match="outside its folder"):
        Study.load(study.folder)


@pytest.mark.parametrize("text", ["", "[", "[]", '{"format": NaN}', "\x00", "[" * 100_000])
def test_rubbish_is_refused_in_one_line(study: Study, text: str) -> None:
    for path, load in ((study.folder / "study.json", Study.load), (study.folder / "x.json", Sheet.load)):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(StudyError) as refused:
            load(study.folder if path.name == "study.json" else path)
        assert "\n" not in str(refused.value)


def test_clips_that_changed_or_went_are_told(study: Study) -> None:
    study.clip("2.flac").write_bytes(b"other")
    with pytest.raises(StudyError, match=r"2\.flac has been changed"):
        study.check_clips()
    study.clip("2.flac").unlink()
    with pytest.raises(StudyError, match=r"2\.flac is gone"):
        study.check_clips()


def test_sheets_of_another_study_are_refused(study: Study, tmp_path: Path) -> None:
    sheet = open_sheet(study, "P01", Group.MUSICIAN)
    other = replace(study, seed=8).save()
    with pytest.raises(StudyError, match="another study"):
        sheet.check_belongs(other)
    with pytest.raises(StudyError, match="booklet 1"):
        replace(sheet, booklet=1).check_belongs(study)


def test_more_answers_than_trials(study: Study) -> None:
    sheet = open_sheet(study, "P01", Group.MUSICIAN)
    replace(sheet, answers=(answer("a"),) * 4).save()
    with pytest.raises(StudyError, match="more answers than trials"):
        Sheet.load(sheet.path)
    with pytest.raises(ValueError, match="every trial"):
        replace(sheet, answers=(answer("a"),) * 3).with_answer(answer("a"))


def test_what_a_system_lays_beside_the_sheets_is_none_of_them(study: Study) -> None:
    sheet = open_sheet(study, "P01", Group.MUSICIAN)
    (study.answers / "._P01.json").write_bytes(b"\x00\x05\x16\x07")
    assert sheets_of(study) == [sheet]
