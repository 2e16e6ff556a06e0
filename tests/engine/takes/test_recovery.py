"""A process that records is really killed; nothing but its last second may be missing."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from invented_performance import HOP, RATE, Tune

from engine.takes.history import History
from engine.takes.journal import SUFFIX as JOURNAL_SUFFIX
from engine.takes.journal import Journal
from engine.takes.library import Library, verify_take
from engine.takes.passage import CodesHash
from engine.takes.recovery import recover
from engine.takes.sound import SoundFormat, create_sound
from engine.takes.take import Take

RECORDING = """
import os, sys, time
sys.path[:0] = [sys.argv[3]]
from pathlib import Path
from invented_performance import HOP, RATE, Tune, make_origin, make_state
from engine.takes.history import History
from engine.takes.writer import TakeWriter
tune, history = Tune(), History(make_origin(), make_state())
writer = TakeWriter(Path(sys.argv[1]), "jam", history, sound_format=sys.argv[2])
start = time.monotonic()
for frame in range(100, 100000):
    writer.offer(tune.passage(frame))
    if frame % 5 == 0:
        history.change(frame + 1, make_state(frame / 100000))
    os.write(1, f"{frame + 1 - 100}\\n".encode())
    time.sleep(max(start + (frame - 99) * HOP / RATE - time.monotonic(), 0))  # as live: 50 frames a second
"""


def record_and_kill(folder: Path, sound_format: str, seconds: float) -> int:
    """Record in real time in another process, kill it after `seconds`; how many frames it had offered by then."""
    command = [sys.executable, "-c", RECORDING, str(folder), sound_format, str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        offered = process.stdout.readline()
        time.sleep(seconds)
        # SIGKILL; on Windows TerminateProcess, which is as merciless.
        os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        offered += process.stdout.read()
    return int(offered.split(b"\n")[-2])


def check(take: Take, offered_frames: int) -> None:
    tune, score = Tune(), take.score
    lost_s = (offered_frames * HOP - take.samples) / RATE
    assert lost_s <= 1.0
    sound = soundfile.read(take.path, dtype="int32", always_2d=True)[0] >> 8
    np.testing.assert_array_equal(sound, tune.pcm(100 * HOP, 100 * HOP + take.samples))
    assert verify_take(take) == []
    assert "cut off" in take.interrupted
    assert score.start_frame == 100
    codes = CodesHash()
    codes.update(tune.codes(100, score.end_frame))
    assert score.codes_sha256 == codes.hexdigest()
    assert (offered_frames - (score.end_frame - 100)) * HOP / RATE <= 1.0
    assert [change.frame for change in score.changes] == list(range(101, score.end_frame, 5))


@pytest.mark.parametrize("sound_format", ["wav", "flac"])
@pytest.mark.parametrize("seconds", [0.4, 1.3, 2.6])
def test_killed_in_mid_take(tmp_path: Path, sound_format: SoundFormat, seconds: float) -> None:
    offered_frames = record_and_kill(tmp_path, sound_format, seconds)
    recoveries = recover(tmp_path)
    assert [recovery.name for recovery in recoveries] == ["jam-1"]
    take = recoveries[0].take
    assert take is not None
    check(take, offered_frames)
    assert Library(tmp_path).load().takes == (take,)
    assert sorted(os.listdir(tmp_path)) == sorted([take.path.name, take.score_path.name])
    assert recover(tmp_path) == [], "once"


def test_a_take_being_recorded_is_left_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RECORDING, str(tmp_path), "wav", str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        assert recover(tmp_path) == []
        assert (tmp_path / f"jam-1{JOURNAL_SUFFIX}").exists()
        process.kill()
        process.stdout.read()
    assert [recovery.name for recovery in recover(tmp_path)] == ["jam-1"]


@pytest.mark.parametrize("sound_format", ["wav", "flac"])
def test_killed_between_the_head_and_the_first_block(
    tmp_path: Path, history: History, tune: Tune, sound_format: SoundFormat
) -> None:
    sound, origin = tmp_path / f"jam-1.{sound_format}", history.origin
    journal = Journal.create(tmp_path / f"jam-1{JOURNAL_SUFFIX}")
    assert journal is not None
    journal.begin(sound.name, "jam-1", "2026-01-02T03:04:05+00:00", history, 0, 0)
    journal.close()
    writer = create_sound(tmp_path / f"other.{sound_format}", origin.sample_rate_hz, origin.channels, {})
    writer.write(tune.pcm(0, 4000 if sound_format == "flac" else 0))
    shutil.copy(tmp_path / f"other.{sound_format}", sound)
    writer.close()
    (tmp_path / f"other.{sound_format}").unlink()
    recoveries = recover(tmp_path)
    assert [(recovery.name, recovery.take) for recovery in recoveries] == [("jam-1", None)]
    assert "before its first sound" in recoveries[0].text
    assert list(tmp_path.iterdir()) == []


def test_killed_before_the_head(tmp_path: Path) -> None:
    (tmp_path / f"jam-1{JOURNAL_SUFFIX}").touch()
    (tmp_path / "jam-1.wav").write_bytes(b"RIFF")
    assert recover(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"{}\n", b"nonsense\n", b'{"journal": 9}\n', b"\xff\xfe\n"])
def test_a_journal_that_is_none_is_reported_and_kept(tmp_path: Path, content: bytes) -> None:
    journal, sound = tmp_path / f"jam-1{JOURNAL_SUFFIX}", tmp_path / "jam-1.wav"
    journal.write_bytes(content)
    sound.write_bytes(b"RIFF")
    recoveries = recover(tmp_path)
    assert len(recoveries) == 1
    assert recoveries[0].take is None
    assert "jam-1" in recoveries[0].text
    assert journal.read_bytes() == content
    assert sound.read_bytes() == b"RIFF"


def test_a_torn_line_ends_the_journal(tmp_path: Path) -> None:
    offered_frames = record_and_kill(tmp_path, "wav", 2.4)
    journal = tmp_path / f"jam-1{JOURNAL_SUFFIX}"
    with open(journal, "ab") as file:
        file.write(b'{"change": [999999, {"blend": []}]}\n{"ma')
    take = recover(tmp_path)[0].take
    assert take is not None
    check(take, offered_frames)


def test_no_folder_is_nothing_to_recover(tmp_path: Path) -> None:
    assert recover(tmp_path / "none") == []


def test_old_drafts_of_ours_are_swept_and_nothing_else(tmp_path: Path) -> None:
    drafts = (".jam-1.segue.json.4711", ".4711.out.wav", ".4711.Out.FLAC", ".jam-1.flac.repaired")
    others = ("jam-1.wav", ".hidden.wav", ".jam-1.segue.json", "4711.out.wav", ".4711.out.txt", "x.part")
    for name in (*drafts, *others):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / ".4712.young.wav").touch()
    assert recover(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == {*others, ".4712.young.wav"}


@pytest.mark.parametrize("name", ["gone", "x" * 300])
def test_a_folder_that_cannot_be_holds_nothing(tmp_path: Path, name: str) -> None:
    assert recover(tmp_path / name) == []
