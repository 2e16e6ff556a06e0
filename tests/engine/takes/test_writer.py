"""Recording, and every way in which it can go wrong while the music plays on."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from invented_performance import HOP, RATE, Tune, make_origin, make_state

from engine.takes import writer as writer_module
from engine.takes.history import History
from engine.takes.journal import SUFFIX as JOURNAL_SUFFIX
from engine.takes.library import verify_take
from engine.takes.passage import CodesHash
from engine.takes.recovery import recover
from engine.takes.retro import Retro
from engine.takes.sound import SoundFormat
from engine.takes.take import load_take
from engine.takes.writer import TakeChange, TakeEvent, TakeWriter

FORMATS = pytest.mark.parametrize("sound_format", ["wav", "flac"])
PATIENCE_S = 30


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="int32", always_2d=True)[0] >> 8


def codes_sha256(tune: Tune, start: int, stop: int) -> str:
    digest = CodesHash()
    digest.update(tune.codes(start, stop))
    return digest.hexdigest()


@FORMATS
@pytest.mark.parametrize("channels", [1, 2])
def test_a_take_holds_the_sound_and_the_score(
    tmp_path: Path, make_history: Callable[[int], History], sound_format: SoundFormat, channels: int
) -> None:
    tune, history, events = Tune(channels), make_history(channels), list[TakeEvent]()
    history.change(3, make_state(0.3, "a trio"))
    folder = tmp_path / "new" / "folder"
    writer = TakeWriter(folder, "jam", history, sound_format=sound_format, on_event=events.append)
    for passage in tune.passages(10, 110, 2):
        if passage.frame == 60:
            history.change(60, make_state(0.9))
            history.dropout(60 * HOP, 512)
        assert writer.offer(passage)
    history.change(200, make_state(0.1))
    assert writer.recording
    writer.finish({"jazz": 0.75})
    assert not writer.recording
    assert not writer.offer(tune.passage(110))
    take = writer.wait(PATIENCE_S)

    assert [event.change for event in events] == [TakeChange.STARTED, TakeChange.FINISHED]
    assert take is not None
    assert events[-1].take == take == load_take(take.score_path)
    assert take.path == folder / f"jam-1.{sound_format}"
    assert sorted(os.listdir(folder)) == sorted([take.path.name, "jam-1.segue.json"])
    np.testing.assert_array_equal(read(take.path), tune.pcm(10 * HOP, 110 * HOP))
    assert take.seconds == pytest.approx(2.0)
    assert take.peak_dbfs == pytest.approx(20 * np.log10(np.abs(tune.samples(10 * HOP, 110 * HOP)).max()), abs=0.01)
    assert take.heard == {"jazz": 0.75}
    assert take.dropouts == 1
    assert take.interrupted == ""
    assert (take.score.start_frame, take.score.end_frame, take.score.start_sample) == (10, 110, 10 * HOP)
    assert [change.frame for change in take.score.changes] == [3, 60]
    assert take.score.codes_sha256 == codes_sha256(tune, 10, 110)
    assert verify_take(take) == []
    with soundfile.SoundFile(take.path) as file:
        assert file.title == "jam-1"
        assert "seed 7" in file.comment
        assert "pocket" in file.comment
        assert file.copyright == "Apache-2.0"


@FORMATS
def test_words_that_are_not_unicode_do_not_stop_a_take(
    tmp_path: Path, tune: Tune, sound_format: SoundFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a path of another encoding comes from the system, or a name from somebody else's pack."""
    monkeypatch.setattr(writer_module, "NOTE_S", 0.0)
    origin = replace(make_origin(), pack="caf\udce9", pack_file="/music/caf\udce9", model_licence="")
    writer = TakeWriter(tmp_path, "jam", History(origin, make_state(0.0, "\udce9")), sound_format=sound_format)
    for passage in tune.passages(0, 20):
        writer.offer(passage)
    writer.finish()
    take = writer.wait(PATIENCE_S)
    assert take is not None
    assert load_take(take.score_path).score.origin == origin
    with soundfile.SoundFile(take.path) as file:
        assert file.comment.endswith("pack caf?")


@pytest.mark.parametrize("place", ["reserve_next", "quantise", "save_take"])
def test_a_failure_of_ours_is_told_and_what_there_is_stays(
    place: str, tmp_path: Path, tune: Tune, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ValueError("a mistake")

    monkeypatch.setattr(writer_module, place, fail)
    events = list[TakeEvent]()
    writer = TakeWriter(tmp_path, "jam", history, on_event=events.append)
    for passage in tune.passages(0, 20):
        writer.offer(passage)
    writer.finish()
    assert writer.wait(PATIENCE_S) is None
    assert events[-1].change is TakeChange.FAILED
    assert "a failure of ours" in events[-1].text
    assert len(recover(tmp_path)) == (place == "save_take"), "whose sound is there"


def test_retro_capture_becomes_a_take_that_may_go_on(tmp_path: Path, tune: Tune, history: History) -> None:
    retro = Retro(RATE, 2, 4, HOP, seconds=1.0)
    for passage in tune.passages(0, 80):
        retro.push(passage)
    kept = TakeWriter(tmp_path, "kept", history, opening=retro.keep())
    kept.finish()
    longer = TakeWriter(tmp_path, "kept", history, opening=retro.keep())
    for passage in tune.passages(80, 100):
        assert longer.offer(passage)
    longer.finish()
    for take, stop in ((kept.wait(PATIENCE_S), 80), (longer.wait(PATIENCE_S), 100)):
        assert take is not None
        np.testing.assert_array_equal(read(take.path), tune.pcm(30 * HOP, stop * HOP))
        assert take.score.codes_sha256 == codes_sha256(tune, 30, stop)


def test_an_opening_is_written_in_pieces(
    tmp_path: Path, tune: Tune, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten minutes of it, quantised at once, would take hundreds of megabytes."""
    monkeypatch.setattr(writer_module, "PIECE_SAMPLES", 1000)
    longest, quantise = [0], writer_module.quantise
    monkeypatch.setattr(writer_module, "quantise", lambda block: (longest.append(len(block)), quantise(block))[1])
    retro = Retro(RATE, 2, 4, HOP, seconds=1.0)
    for passage in tune.passages(0, 30):
        retro.push(passage)
    writer = TakeWriter(tmp_path, "kept", history, opening=retro.keep())
    writer.finish()
    take = writer.wait(PATIENCE_S)
    assert take is not None
    assert max(longest) == 1000
    np.testing.assert_array_equal(read(take.path), tune.pcm(0, 30 * HOP))
    assert take.score.codes_sha256 == codes_sha256(tune, 0, 30)


def test_checkpoints_grow_while_recording(
    tmp_path: Path, tune: Tune, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "NOTE_S", 0.02)
    monkeypatch.setattr(writer_module, "CHECKPOINT_S", 0.02)
    writer = TakeWriter(tmp_path, "jam", history)
    marks: list[int] = []
    journal = tmp_path / f"jam-1{JOURNAL_SUFFIX}"
    for passage in tune.passages(0, 2000):
        writer.offer(passage)
        history.change(passage.frame, make_state(passage.frame / 2000))
        threading.Event().wait(0.002)
        if journal.exists() and (lines := journal.read_text(encoding="utf-8").splitlines()):
            last = json.loads(lines[-1])
            if "mark" in last and (not marks or last["mark"]["end_frame"] > marks[-1]):
                marks.append(last["mark"]["end_frame"])
        if len(marks) == 5:
            break
    assert len(marks) == 5
    changes = [json.loads(line)["change"] for line in lines if line.startswith('{"change"')]
    assert [frame for frame, _ in changes] == list(range(1, len(changes) + 1))
    assert all(set(difference) <= {"blend"} for _, difference in changes)
    writer.finish()
    assert writer.wait(PATIENCE_S) is not None
    assert not journal.exists()


def test_nothing_recorded_leaves_nothing(tmp_path: Path, history: History) -> None:
    events = list[TakeEvent]()
    writer = TakeWriter(tmp_path, "jam", history, on_event=events.append)
    writer.finish()
    assert writer.wait(PATIENCE_S) is None
    assert [event.change for event in events] == [TakeChange.STARTED]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_fails_loudly(tmp_path: Path, tune: Tune, history: History) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    events = list[TakeEvent]()
    writer = TakeWriter(blocked / "folder", "jam", history, on_event=events.append)
    assert writer.wait(PATIENCE_S) is None
    assert [event.change for event in events] == [TakeChange.FAILED]
    assert "choose another folder" in events[0].text
    assert not writer.offer(tune.passage(0)), "and the engine plays on"


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_a_folder_that_goes_away_fails_loudly(
    tmp_path: Path, tune: Tune, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "CHECKPOINT_S", 0.02)
    events, failed = list[TakeEvent](), threading.Event()

    def note(event: TakeEvent) -> None:
        events.append(event)
        if event.change is TakeChange.FAILED:
            failed.set()

    folder = tmp_path / "stick"
    writer = TakeWriter(folder, "jam", history, on_event=note)
    for passage in tune.passages(0, 3000):
        writer.offer(passage)
        if passage.frame == 50:
            while not events:
                threading.Event().wait(0.005)
            shutil.rmtree(folder)
        if failed.wait(0.005):
            break
    assert "is gone" in events[-1].text
    assert writer.wait(PATIENCE_S) is None
    assert [event.change for event in events] == [TakeChange.STARTED, TakeChange.FAILED]
    assert not writer.offer(tune.passage(3000))


DISK_FULL = """
import resource, sys
sys.path[:0] = [sys.argv[3]]
from pathlib import Path
from invented_performance import Tune, make_origin, make_state
from engine.takes.history import History
from engine.takes.writer import TakeWriter
# No file may grow beyond this: as on a full disk, a write is taken in part and the next one fails.
resource.setrlimit(resource.RLIMIT_FSIZE, (200_001, 200_001))
tune = Tune()
writer = TakeWriter(Path(sys.argv[1]), "jam", History(make_origin(), make_state()), sound_format=sys.argv[2],
                    on_event=lambda event: print(event.change.value, event.text))
for passage in tune.passages(0, 300):
    writer.offer(passage)
writer.finish()
take = writer.wait(30)
print("kept", take.samples if take else None)
"""


@FORMATS
@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes there")
def test_a_full_disk_fails_loudly_and_keeps_what_fits(tmp_path: Path, tune: Tune, sound_format: SoundFormat) -> None:
    here = str(Path(__file__).parent)
    run = subprocess.run(
        [sys.executable, "-c", DISK_FULL, str(tmp_path), sound_format, here],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["started", "failed", "finished", "kept"]
    assert "free some space" in lines[1]
    take = load_take(tmp_path / "jam-1.segue.json")
    assert str(take.samples) == lines[-1].split()[1]
    assert take.samples > 30000
    assert "could not be written on" in take.interrupted
    assert verify_take(take) == []
    np.testing.assert_array_equal(read(take.path), tune.pcm(0, take.samples))


def test_a_disk_that_does_not_keep_up_fails_loudly_at_once(
    tmp_path: Path, tune: Tune, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, events = threading.Event(), list[TakeEvent]()
    real = writer_module.quantise

    def slow(block: np.ndarray) -> np.ndarray:
        stuck.wait(PATIENCE_S)
        return real(block)

    monkeypatch.setattr(writer_module, "quantise", slow)
    monkeypatch.setattr(writer_module, "QUEUE_PASSAGES", 8)
    writer = TakeWriter(tmp_path, "jam", history, on_event=events.append)
    taken = 0
    while writer.offer(tune.passage(taken)):
        taken += 1
        assert taken < 20
    assert events[-1].change is TakeChange.FAILED
    assert "keep up" in events[-1].text
    assert not writer.offer(tune.passage(taken))
    stuck.set()
    take = writer.wait(PATIENCE_S)
    assert take is not None
    assert take.samples == taken * HOP, "what had been taken is kept"
    assert "keep up" in take.interrupted
    assert events[-1].change is TakeChange.FINISHED


def test_a_restart_of_the_performance_ends_the_take(tmp_path: Path, tune: Tune, history: History) -> None:
    events = list[TakeEvent]()
    writer = TakeWriter(tmp_path, "jam", history, on_event=events.append)
    for frame in (5, 6, 0, 1):
        writer.offer(tune.passage(frame))
    writer.finish()
    take = writer.wait(PATIENCE_S)
    assert take is not None
    assert take.samples == 2 * HOP
    assert "started anew" in take.interrupted


def test_a_sidecar_that_cannot_be_written_leaves_the_take_to_recovery(
    tmp_path: Path, tune: Tune, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError("read-only now")

    events = list[TakeEvent]()
    writer = TakeWriter(tmp_path, "jam", history, on_event=events.append)
    for passage in tune.passages(0, 100):
        writer.offer(passage)
    with monkeypatch.context() as patch:
        patch.setattr("engine.replacing.os.replace", refuse)
        writer.finish()
        assert writer.wait(PATIENCE_S) is None
    assert events[-1].change is TakeChange.FAILED
    assert "next start" in events[-1].text
    recovered = recover(tmp_path)
    assert len(recovered) == 1
    assert recovered[0].take is not None
    assert recovered[0].take.samples == 100 * HOP


def test_a_sound_file_that_cannot_be_begun_leaves_nothing(
    tmp_path: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.takes.wav.write_all", full)
    events = list[TakeEvent]()
    writer = TakeWriter(tmp_path, "jam", history, on_event=events.append)
    assert writer.wait(PATIENCE_S) is None
    assert [event.change for event in events] == [TakeChange.FAILED]
    assert list(tmp_path.iterdir()) == []
