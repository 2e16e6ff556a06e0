"""Exports and replays from the panel: real files, a real child, stopped and ended whole."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from invented_takes import RATE_HZ, make_take
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.takes.take import Take
from gui.takes.export_dialog import ExportDialog
from gui.takes.export_job import ExportChoice, ExportJob
from gui.takes.list_model import TAKE_ROLE
from gui.takes.panel import TakesPanel
from gui.takes.replay_job import ReplayJob


def long_take(folder: Path, seconds: int = 60) -> Take:
    take = make_take(folder, 3)
    noise = np.random.default_rng(0).normal(size=seconds * RATE_HZ) * 0.05
    soundfile.write(take.path, noise, RATE_HZ, subtype="PCM_24")
    return take


def test_an_export_from_the_menu_to_the_file(
    qtbot: QtBot, panel: TakesPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "exports" / "song"
    out.parent.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    index = panel.list.model().index(0, 0)
    (action,) = [each for each in panel.menu(index).actions() if each.text().startswith("Export")]
    action.trigger()
    dialog = panel.findChild(ExportDialog)
    for _ in range(3):
        qtbot.keyClick(dialog.target, Qt.Key.Key_Right)
    with qtbot.waitSignal(panel.told, timeout=30_000) as told:
        qtbot.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    assert told.args[0].startswith("exported song.wav: −23.0 LUFS, ")
    assert "dBTP, turned down by " in told.args[0]
    assert soundfile.info(out.with_suffix(".wav")).frames == 2 * RATE_HZ
    assert (panel.jobs.choice.lufs, panel.jobs.folder) == (-23.0, out.parent)
    assert not panel.jobs.bars[0].isVisible()


def test_only_what_the_file_dialog_has_asked_about_is_overwritten(
    qtbot: QtBot, panel: TakesPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    take: Take = panel.list.model().index(0, 0).data(TAKE_ROLE)
    for typed, asked in (("song.wav", True), ("song", False)):
        (folder / "song.wav").write_bytes(b"precious")
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, typed=typed: (str(folder / typed), ""))
        with qtbot.waitSignal(panel.told if asked else panel.failed, timeout=30_000):
            panel.jobs._ask_place(take, ExportChoice())
        assert ((folder / "song.wav").read_bytes() == b"precious") is not asked
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(take.path), ""))
    with qtbot.waitSignal(panel.failed, timeout=30_000) as failed:
        panel.jobs._ask_place(take, ExportChoice())
    assert "a take of its own" in failed.args[0]


def test_a_suffix_in_large_letters_is_one(panel: TakesPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Path, bool]] = []
    monkeypatch.setattr(panel.jobs, "export", lambda _take, path, _choice, overwrite: asked.append((path, overwrite)))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "X.WAV"), ""))
    (tmp_path / "X.WAV").touch()
    panel.jobs._ask_place(panel.model.take(0), ExportChoice())
    assert asked == [(tmp_path / "X.WAV", True)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes otherwise")
@pytest.mark.parametrize("overwrite", [False, True])
def test_an_export_that_crashes_leaves_no_half_of_a_file(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    program = tmp_path / "crash.py"
    program.write_text(
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "out = Path(sys.argv[4])\n"
        "(out.with_name(f'.{os.getpid()}.{out.name}') if '--overwrite' in sys.argv else out).write_bytes(b'half')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("gui.child.MAIN", program)
    job, out = ExportJob(), tmp_path / "exports" / "song.wav"
    out.parent.mkdir()
    if overwrite:
        out.write_bytes(b"precious")
    with qtbot.waitSignal(job.failed, timeout=30_000):
        job.start(make_take(tmp_path, 1), out, ExportChoice(), overwrite)
    left = {path.name: path.read_bytes() for path in out.parent.iterdir()}
    assert left == ({"song.wav": b"precious"} if overwrite else {})


def test_an_export_tells_how_far_it_is_and_is_stopped_clean(qtbot: QtBot, tmp_path: Path) -> None:
    job, out = ExportJob(), tmp_path / "song.wav"
    shares: list[float] = []
    job.progressed.connect(shares.append)
    job.progressed.connect(lambda share: job.stop() if share > 0.5 else None)
    take = long_take(tmp_path, 600)
    with qtbot.waitSignal(job.stopped, timeout=30_000):
        job.start(take, out, ExportChoice(), overwrite=False)
    assert not job.running
    assert not out.exists()
    assert shares == sorted(shares)
    job.close()


def test_the_window_that_closes_ends_an_export(qtbot: QtBot, tmp_path: Path) -> None:
    job, out = ExportJob(), tmp_path / "song.wav"
    take = long_take(tmp_path, 600)
    with qtbot.waitSignal(job.progressed, timeout=30_000, check_params_cb=lambda share: share > 0.5):
        job.start(take, out, ExportChoice(), overwrite=False)
    job.close()
    assert not job.running
    assert not out.exists()


def test_a_replay_that_cannot_be_says_why_and_leaves_nothing(qtbot: QtBot, panel: TakesPanel, tmp_path: Path) -> None:
    """The take's model, "toy", is nowhere."""
    before = sorted(tmp_path.iterdir())
    with qtbot.waitSignal(panel.failed, timeout=60_000) as failed:
        panel.jobs.replay(panel.list.model().index(0, 0).data(TAKE_ROLE))
        assert panel.jobs.bars[1].isVisible()
        assert panel.jobs.replaying
    assert "the model of jam-2.wav" in failed.args[0]
    assert sorted(tmp_path.iterdir()) == before
    assert not panel.jobs.bars[1].isVisible()


def test_a_replay_is_stopped(qtbot: QtBot, panel: TakesPanel, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    with qtbot.waitSignal(panel.told, timeout=30_000) as told:
        panel.jobs.replay(panel.list.model().index(0, 0).data(TAKE_ROLE))
        panel.jobs.bars[1].stop_asked.emit()
    assert "stopped" in told.args[0]
    assert sorted(tmp_path.iterdir()) == before


def test_names_of_replays_do_not_meet(tmp_path: Path, qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    job, started = ReplayJob(), []
    monkeypatch.setattr(job._child, "start", started.append)
    take = make_take(tmp_path, 1)
    job.start(take)
    (tmp_path / "jam-1 again.flac").touch()
    (tmp_path / "jam-1 again 2.segue.journal").touch()
    job.start(take)
    assert [Path(words[-1]).name for words in started] == ["jam-1 again.wav", "jam-1 again 3.wav"]
