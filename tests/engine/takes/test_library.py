"""Listing, renaming, marking and checking takes on disk."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
from invented_performance import HOP, Tune

from engine.errors import TakeError
from engine.takes.history import History
from engine.takes.library import Library, verify_take
from engine.takes.take import Take, describe_take, load_take, save_take
from engine.takes.writer import TakeWriter


@pytest.fixture
def library(tmp_path: Path, history: History, tune: Tune) -> Library:
    for name, frames, kind in (("jam", 20, "wav"), ("jam", 30, "flac"), ("solo", 10, "wav")):
        writer = TakeWriter(tmp_path, name, history, sound_format=kind)  # type: ignore[arg-type]
        for passage in tune.passages(0, frames):
            writer.offer(passage)
        writer.finish()
        assert writer.wait(30) is not None
    return Library(tmp_path)


def names(library: Library) -> list[str]:
    return sorted(take.path.name for take in library.scan().takes)


def test_scan_lists_takes_only(library: Library) -> None:
    (library.folder / "holiday.wav").touch()
    (library.folder / "notes.json").write_text("{}", encoding="utf-8")
    scan = library.scan()
    assert names(library) == ["jam-1.wav", "jam-2.flac", "solo-1.wav"]
    assert scan.problems == ()
    assert Library(library.folder / "none").scan() == ((), ())


def test_scan_reports_what_is_damaged_and_lists_the_rest(library: Library) -> None:
    (library.folder / "jam-1.segue.json").write_text('{"format": 3}', encoding="utf-8")
    (library.folder / "solo-1.wav").unlink()
    scan = library.scan()
    assert [take.path.name for take in scan.takes] == ["jam-2.flac"]
    assert len(scan.problems) == 2
    assert "format" in scan.problems[0]
    assert "put it back" in scan.problems[1]


def test_what_has_not_been_touched_is_not_read_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def load(sidecar: Path) -> Take:
        read.append(sidecar.name)
        return load_take(sidecar)

    monkeypatch.setattr("engine.takes.library.load_take", load)
    before = library.scan()
    Library(library.folder).set_star(before.takes[0], True)  # another window's
    (library.folder / "solo-1.wav").unlink()
    read.clear()
    after = library.scan()
    assert sorted(read) == sorted([before.takes[0].score_path.name, "solo-1.segue.json"])
    assert [take.star for take in after.takes] == [True, False]
    assert len(after.problems) == 1


@pytest.mark.parametrize("query", ["jam-2", "jam-2.flac", "{folder}/jam-2.flac", "{folder}/jam-2.segue.json"])
def test_found_by_name_or_path(library: Library, query: str) -> None:
    assert library.find(query.format(folder=library.folder)).path.name == "jam-2.flac"


def test_not_found_names_what_there_is(library: Library) -> None:
    with pytest.raises(TakeError, match=r"; is it jam-[12] or jam-[12]\?$"):
        library.find("jam-9")
    with pytest.raises(TakeError, match=r"'polka' in [^;]*$"):
        library.find("polka")


@pytest.mark.parametrize("name", ["jam-2.flac", "jam-2.segue.json"])
def test_another_take_of_that_name_is_not_what_a_path_meant(library: Library, tmp_path: Path, name: str) -> None:
    with pytest.raises(TakeError, match="renamed or moved"):
        library.find(str(tmp_path / "elsewhere" / name))


@pytest.mark.parametrize("query", [".", "/", ""])
def test_a_folder_is_no_take(library: Library, query: str) -> None:
    with pytest.raises(TakeError, match="is a folder: name a take"):
        library.find(query)


def test_renamed_with_its_sidecar_and_still_whole(library: Library) -> None:
    renamed = library.rename(library.find("jam-2"), "Blue: in green")
    assert renamed == load_take(renamed.score_path)
    assert renamed.path.name == "Blue in green.flac"
    assert verify_take(renamed) == []
    assert names(library) == ["Blue in green.flac", "jam-1.wav", "solo-1.wav"]
    assert len(list(library.folder.iterdir())) == 6
    assert library.rename(renamed, "Blue in green") == renamed


def test_a_name_in_use_is_refused_and_nothing_changes(library: Library) -> None:
    before = {path: path.read_bytes() for path in library.folder.iterdir()}
    with pytest.raises(TakeError, match="choose another name"):
        library.rename(library.find("jam-2"), "jam-1")
    assert {path: path.read_bytes() for path in library.folder.iterdir()} == before


def test_a_take_is_renamed_where_it_lies_and_never_over_another_one(library: Library, tmp_path: Path) -> None:
    """A list may still show takes of the folder that was shown before."""
    before = {path: path.read_bytes() for path in library.folder.iterdir()}
    other = Library(tmp_path / "other")
    other.folder.mkdir()
    with pytest.raises(TakeError, match="already a jam-1"):
        other.rename(library.find("jam-2"), "jam-1")
    assert {path: path.read_bytes() for path in library.folder.iterdir() if path.is_file()} == before
    assert other.rename(library.find("jam-2"), "free").path == library.folder / "free.flac"


def test_large_letters_for_small_ones_where_both_are_one_name(library: Library) -> None:
    """As on Windows and macOS; two names of one file stand for a disk that does not tell them apart."""
    take = library.find("jam-2")
    for path in (take.path, take.score_path):
        path.with_name(path.name.replace("jam", "Jam")).hardlink_to(path)
    renamed = library.rename(take, "Jam-2")
    assert (renamed.path.name, renamed.title) == ("Jam-2.flac", "Jam-2")
    assert load_take(renamed.score_path) == renamed
    assert verify_take(renamed) == []


def test_a_list_holds_headings_and_no_scores(library: Library) -> None:
    (heading, *_), (take, *_) = library.scan().takes, library.load().takes
    assert heading == take.heading
    assert not hasattr(heading, "score")
    assert heading.dropouts == len(take.score.dropouts)
    assert library.set_star(heading, True) == replace(heading, star=True)


def test_a_rename_that_the_system_refuses_leaves_everything_as_it_was(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows does not rename a file that another program plays."""

    def refuse(*_arguments: object) -> None:
        raise PermissionError("in use")

    before = {path: path.read_bytes() for path in library.folder.iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr("engine.takes.library.os.rename", refuse)
        with pytest.raises(TakeError, match="another program"):
            library.rename(library.find("jam-2"), "solo")
    assert {path: path.read_bytes() for path in library.folder.iterdir()} == before
    assert library.rename(library.find("jam-2"), "日" * 100).path.exists()


def test_a_folder_that_vanished_is_said(library: Library) -> None:
    take = library.find("jam-2")
    library.folder.rename(library.folder.with_name("elsewhere"))
    for change in (
        lambda: library.rename(take, "new"),
        lambda: library.set_star(take, True),
        lambda: library.set_notes(take, "x"),
    ):
        with pytest.raises(TakeError, match="jam-2"):
            change()
    assert not library.folder.exists()


def test_marks_are_kept_and_do_not_undo_each_other(library: Library) -> None:
    stale = library.find("jam-1")
    library.set_star(stale, True)
    library.set_notes(stale, "the bridge – again")
    found = library.find("jam-1")
    assert (found.star, found.notes) == (True, "the bridge – again")
    assert found.score == stale.score
    assert not [path for path in library.folder.iterdir() if path.name.startswith(".")]


def test_verify_knows_changed_shortened_and_unreadable_sound(library: Library) -> None:
    take = library.find("jam-1")
    assert verify_take(take) == []
    data = bytearray(take.path.read_bytes())
    data[-100] ^= 1
    take.path.write_bytes(data)
    assert verify_take(take) == ["the sound has been changed since it was recorded"]
    with soundfile.SoundFile(take.path) as file:
        sound = file.read(10 * HOP, always_2d=True)
    take.path.unlink()
    soundfile.write(take.path, sound, 44100, subtype="PCM_24")
    assert verify_take(take) == [
        "44100 Hz, 2 channels; recorded: 32000 Hz, 2",
        f"{10 * HOP} samples; recorded: {20 * HOP}",
    ]
    take.path.write_bytes(b"")
    assert "damaged" in verify_take(take)[0]


def test_a_sidecar_cannot_point_elsewhere(library: Library) -> None:
    take = library.find("jam-1")
    content = json.loads(take.score_path.read_text(encoding="utf-8"))
    content["file"] = "../../elsewhere.wav"
    take.score_path.write_text(json.dumps(content), encoding="utf-8")
    assert load_take(take.score_path).path == take.path
    content["file"] = "jam-1.exe"
    take.score_path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(TakeError, match="neither"):
        load_take(take.score_path)


def test_damaged_fields_of_a_sidecar(library: Library) -> None:
    take = library.find("jam-1")
    whole = json.loads(take.score_path.read_text(encoding="utf-8"))
    for field in whole:
        if field in ("peak_dbfs", "lufs_integrated"):
            continue
        take.score_path.write_text(json.dumps({**whole, field: [1]}), encoding="utf-8")
        with pytest.raises(TakeError, match=r"jam-1\.segue\.json"):
            load_take(take.score_path)
    take.score_path.write_text(json.dumps({**whole, "heard": {"jazz": 7}}), encoding="utf-8")
    with pytest.raises(TakeError, match="shares"):
        load_take(take.score_path)


def test_silent_takes_survive_json(library: Library) -> None:
    take = library.find("jam-1")
    silent = replace(take, measurement=take.measurement._replace(peak_dbfs=float("-inf"), lufs=float("-inf")))
    save_take(silent)
    found = load_take(take.score_path)
    assert found.peak_dbfs == found.lufs == float("-inf")
    assert describe_take(found)["peak_dbfs"] is None
    json.dumps(describe_take(found), allow_nan=False)


def test_unwritable_sidecar_is_an_error_that_leaves_the_old_one(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError("read-only")

    take = library.find("jam-1")
    monkeypatch.setattr("engine.replacing.os.replace", refuse)
    with pytest.raises(TakeError, match="check the folder"):
        library.set_star(take, True)
    assert load_take(take.score_path) == take
    assert not [path for path in library.folder.iterdir() if path.name.startswith(".")]


def test_description_is_what_a_list_shows(library: Library) -> None:
    take: Take = library.find("solo-1")
    description = describe_take(take)
    assert description["name"] == "solo-1"
    assert description["seconds"] == pytest.approx(0.2)
    assert description["seed"] == 7
    assert description["model"] == "pocket"


@pytest.mark.parametrize("number", [10**400, -(10**400), 1e999], ids=["large", "small", "infinite"])
def test_numbers_of_hundreds_of_digits_do_not_end_the_list(library: Library, number: float) -> None:
    take = library.find("jam-1")
    content = json.loads(take.score_path.read_text(encoding="utf-8"))
    for name in ("peak_dbfs", "samples"):
        take.score_path.write_text(json.dumps({**content, name: number}), encoding="utf-8")
        (problem,) = library.scan().problems
        assert f"{name} is missing or not a" in problem or "not a number" in problem


def test_a_name_or_a_folder_that_is_too_long_is_not_found(tmp_path: Path) -> None:
    for query in ("x" * 300, f"{tmp_path}/{'x' * 300}.wav"):
        with pytest.raises(TakeError, match="there is no take"):
            Library(tmp_path).find(query)
    assert Library(tmp_path / ("x" * 300)).scan() == ((), ())
